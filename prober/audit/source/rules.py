"""The rules of a source audit, as data. handlers, secrets, weak_tokens and middleware check them."""

from __future__ import annotations

from prober.model.audit import Rule, Severity

UNGUARDED = Rule(
    id="SRC001",
    severity=Severity.LEAK,
    title="a handler does its work before a guard has let the caller pass",
    why="Any client gets the answer, or triggers the effect, without a session.",
    fix="Await a guard before anything else and return if it refuses, or declare the route public with a reason.",
    source="document 003, line 133",
    facts=(92, 171, 220, 221, 223, 224, 225, 226),
)
UNTOLD = Rule(
    id="SRC002",
    severity=Severity.UNPROVEN,
    title="it is unknown whether a handler is guarded",
    why="A handler that cannot be followed is not proven to be locked.",
    fix="Call a guard in the handler itself, or name the guard, wrapper or public route under 'source' in prober.yaml.",
    source="",
    facts=(92, 220, 226),
)
FALLBACK = Rule(
    id="SRC003",
    severity=Severity.LEAK,
    title="a secret falls back to another value",
    why="If the first is unset, the other gives access: one leak becomes two, and a default is known to everyone.",
    fix="Read one variable, and refuse to work if it is unset or empty.",
    source="document 000, line 18",
    facts=(3,),
)
UNPROVEN_SECRET = Rule(
    id="SRC004",
    severity=Severity.LEAK,
    title="a text that contains a secret is compared without a check that the secret is set",
    why="If the variable is unset, the text is 'Bearer undefined', which anyone can send.",
    fix="Refuse with 503 if the variable is unset or empty, before comparing.",
    source="document 002, line 22",
)
TIMED = Rule(
    id="SRC005",
    severity=Severity.DRIFT,
    title="a secret is compared with === or !==",
    why="The comparison stops at the first character that differs, so its time reveals how many were right.",
    fix="Compare two SHA-256 digests with timingSafeEqual.",
    source="document 003, line 15",
    facts=(109,),
)
LENGTHS = Rule(
    id="SRC006",
    severity=Severity.DRIFT,
    title="timingSafeEqual compares texts whose lengths may differ",
    why="It throws if the lengths differ: the answer is 500, and reveals the length of the secret.",
    fix="Compare digests, which have the same length, or compare the lengths first.",
    source="document 003, line 15",
    facts=(109,),
)
RANDOM = Rule(
    id="SRC007",
    severity=Severity.LEAK,
    title="a code or a token is made with Math.random",
    why="Its next values can be predicted from a few earlier ones.",
    fix="Use randomBytes or randomInt of node:crypto.",
    source="document 003, line 15",
    facts=(111, 275, 307),
)
SHORT_CODE = Rule(
    id="SRC008",
    severity=Severity.DRIFT,
    title="a code is short enough to be guessed",
    why="If nothing limits the guesses, or the limit can be evaded, a valid code is found.",
    fix="Use at least 8 characters of an alphabet of 32, and limit the guesses.",
    source="document 002, lines 69 and 79",
    facts=(75, 78, 169, 275, 307),
)
LEFT_OUT = Rule(
    id="SRC009",
    severity=Severity.DRIFT,
    title="the middleware's matcher excludes a page or a handler that has no guard of its own",
    why="Nothing guards it.",
    fix="Extend the matcher to it, guard it in its own file, or declare it public with a reason.",
    source="document 003, lines 34 and 142",
)
CONDITIONAL = Rule(
    id="SRC010",
    severity=Severity.DRIFT,
    title="the middleware's matcher depends on what the client sends",
    why="A client that sends, or omits, that header bypasses the middleware.",
    fix="Remove 'has' and 'missing' from the matcher, or guard the routes in their own files.",
    source="the documentation of Next.js on prefetches; CVE-2025-29927",
)
LOOSE_EXEMPTION = Rule(
    id="SRC011",
    severity=Severity.DRIFT,
    title="the middleware exempts paths by a prefix that does not end in a slash",
    why="'/api/auth' is also a prefix of '/api/authors': routes that are added later are exempt too.",
    fix="Compare the whole path, or a prefix that ends in '/'.",
    source="document 003, line 34",
    facts=(225,),
)
PUBLIC_SECRET = Rule(
    id="SRC012",
    severity=Severity.LEAK,
    title="a secret is read from a variable that Next.js puts into the browser's code",
    why="The value of every NEXT_PUBLIC_ variable is in the scripts that every visitor loads.",
    fix="Rename the variable without NEXT_PUBLIC_, read it on the server only, and change the secret.",
    source="document 003, line 10",
)
CLIENT_DATABASE = Rule(
    id="SRC013",
    severity=Severity.DRIFT,
    title="a client component imports the database",
    why="The credentials of the database would have to be in the browser.",
    fix="Read the data in a route or a server component.",
    source="document 002, line 111",
    facts=(94,),
)
UNAWAITED_AUDIT = Rule(
    id="SRC014",
    severity=Severity.DRIFT,
    title="an audit record is written but not awaited",
    why="The platform may end the function before the record is written: the action leaves no trace.",
    fix="Await it before the response.",
    source="document 003, line 20",
    facts=(120,),
)
UNREAD = Rule(
    id="SRC015",
    severity=Severity.UNPROVEN,
    title="a file could not be read",
    why="A file that was not read was not checked.",
    fix="Fix the file, save it as UTF-8, or keep it below 1 MiB.",
    source="",
)
NO_ROUTE = Rule(
    id="SRC016",
    severity=Severity.UNPROVEN,
    title="no route was found",
    why="An audit of nothing proves nothing.",
    fix="Name the folder that holds app/, src/app/, pages/ or apps/.",
    source="",
    facts=(2,),
)
UNNEEDED = Rule(
    id="SRC017",
    severity=Severity.NOTE,
    title="a route is declared public that the source does not have",
    why="A route that is added there later is exempt from its first day.",
    fix="Remove it from 'public' in prober.yaml.",
    source="",
)
NO_REASON = Rule(
    id="SRC018",
    severity=Severity.DRIFT,
    title="a comment declares a handler public without a reason",
    why="Nobody can tell later whether it may still be open.",
    fix="Write the reason behind it: // prober: public REASON.",
    source="",
)
NOT_NEXTJS = Rule(
    id="SRC019",
    severity=Severity.UNPROVEN,
    title="an application of another framework is beside Next.js, and was not read",
    why="Its routes may be open: this audit reads Next.js alone.",
    fix="Probe its routes, as the finding says; once that is done, leave this rule out with --skip SRC019.",
    source="",
)
MIDDLEWARE_NOT_RUN = Rule(
    id="SRC020",
    severity=Severity.DRIFT,
    title="a middleware lies in a folder where Next.js runs none",
    why="Next.js runs one middleware, beside app/ or pages/. The routes of that folder have no guard by it.",
    fix="Move what it checks into the middleware beside app/ or pages/, or into the handlers; remove the file.",
    source="the documentation of Next.js on middleware; nested middleware ended with 12.2",
)
RULES = (
    UNGUARDED, UNTOLD, FALLBACK, UNPROVEN_SECRET, TIMED, LENGTHS, RANDOM, SHORT_CODE, LEFT_OUT, CONDITIONAL,
    LOOSE_EXEMPTION, PUBLIC_SECRET, CLIENT_DATABASE, UNAWAITED_AUDIT, UNREAD, NO_ROUTE, UNNEEDED, NO_REASON,
    NOT_NEXTJS, MIDDLEWARE_NOT_RUN,
)  # fmt: skip
