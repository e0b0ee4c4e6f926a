"""The rules of a source audit, as data. What looks for each is beside: handlers, secrets, matchers."""

from __future__ import annotations

from prober.model.audit import Rule, Severity

UNGUARDED = Rule(
    id="SRC001",
    severity=Severity.LEAK,
    title="a handler does its work before a guard has let the caller pass",
    why="Whoever asks gets the answer, or the effect, without a session.",
    fix="Await a guard before anything else, end where it refuses, or declare the door public with a reason.",
    source="document 003, line 133",
    facts=(92, 171, 220, 221, 223, 224, 225, 226),
)
UNTOLD = Rule(
    id="SRC002",
    severity=Severity.UNPROVEN,
    title="nobody can tell whether a handler is guarded",
    why="What cannot be followed is not proven to be locked.",
    fix="Call a guard in the handler itself, or name your guard, wrapper or public door under 'source' in prober.yaml.",
    source="documents.md, 1e",
    facts=(92, 220, 226),
)
FALLBACK = Rule(
    id="SRC003",
    severity=Severity.LEAK,
    title="a secret falls back to another value",
    why="Where the first is unset the other opens the door: one leak is two, and a default is known to all.",
    fix="Read one variable, and refuse to work where it is unset or empty.",
    source="document 000, line 18",
    facts=(3,),
)
UNPROVEN_SECRET = Rule(
    id="SRC004",
    severity=Severity.LEAK,
    title="a text around a secret is compared without a look whether the secret is there",
    why="Where the variable is unset the text is 'Bearer undefined', which anybody can send.",
    fix="Refuse with 503 where the variable is unset or empty, before anything is compared.",
    source="auth-probing.md, C05; document 002, line 22",
)
TIMED = Rule(
    id="SRC005",
    severity=Severity.DRIFT,
    title="a secret is compared by === or !==",
    why="The comparison ends at the first letter that differs, and its time tells how many were right.",
    fix="Compare two SHA-256 digests with timingSafeEqual.",
    source="document 003, line 15",
    facts=(109,),
)
LENGTHS = Rule(
    id="SRC006",
    severity=Severity.DRIFT,
    title="timingSafeEqual is given texts whose length may differ",
    why="It throws where the lengths differ: the answer is 500, and it tells the length of the secret.",
    fix="Compare digests, which have one length, or compare the lengths first.",
    source="document 003, line 15",
    facts=(109,),
)
RANDOM = Rule(
    id="SRC007",
    severity=Severity.LEAK,
    title="a code or a token is made with Math.random",
    why="Its next values can be told from a few earlier ones.",
    fix="Use randomBytes or randomInt of node:crypto.",
    source="document 003, line 15",
    facts=(111, 275, 307),
)
SHORT_CODE = Rule(
    id="SRC008",
    severity=Severity.DRIFT,
    title="a code is too short to survive guessing",
    why="Where nothing limits the guesses, or a limit can be evaded, somebody's code is found.",
    fix="Make it at least 8 letters of an alphabet of 32, and limit the guesses.",
    source="document 002, lines 69 and 79",
    facts=(75, 78, 169, 275, 307),
)
LEFT_OUT = Rule(
    id="SRC009",
    severity=Severity.DRIFT,
    title="the middleware's matcher leaves out a page or a handler that has no guard of its own",
    why="Nothing stands before it.",
    fix="Let the matcher match it, or guard it itself, or declare it public with a reason.",
    source="document 003, lines 34 and 142",
)
CONDITIONAL = Rule(
    id="SRC010",
    severity=Severity.DRIFT,
    title="the middleware's matcher depends on what the client sends",
    why="Whoever sends, or leaves out, that header passes by the middleware.",
    fix="Take 'has' and 'missing' out of the matcher, or guard what it covers in itself.",
    source="the documentation of Next.js on prefetches; CVE-2025-29927",
)
LOOSE_EXEMPTION = Rule(
    id="SRC011",
    severity=Severity.DRIFT,
    title="the middleware exempts by the beginning of a path that does not end at a slash",
    why="'/api/auth' also begins '/api/authors': what is added later is exempt with it.",
    fix="Compare the whole path, or a beginning that ends in '/'.",
    source="document 003, line 34",
    facts=(225,),
)
PUBLIC_SECRET = Rule(
    id="SRC012",
    severity=Severity.LEAK,
    title="a secret is read from a variable that Next.js puts into the browser's code",
    why="The value of every NEXT_PUBLIC_ variable is in the scripts that anybody loads.",
    fix="Rename the variable without NEXT_PUBLIC_, read it on the server only, and change the secret.",
    source="document 003, line 10",
)
CLIENT_DATABASE = Rule(
    id="SRC013",
    severity=Severity.DRIFT,
    title="a component of the browser imports the database",
    why="What it needs to reach the database would have to be in the browser.",
    fix="Ask for the data in a route or a server component.",
    source="document 002, line 111",
    facts=(94,),
)
UNAWAITED_AUDIT = Rule(
    id="SRC014",
    severity=Severity.DRIFT,
    title="an audit record is written and not awaited",
    why="The platform may end the function before the record is there: what was done leaves no trace.",
    fix="Await it before the answer.",
    source="document 003, line 20",
    facts=(120,),
)
UNREAD = Rule(
    id="SRC015",
    severity=Severity.UNPROVEN,
    title="a file could not be read",
    why="What was not read was not looked at.",
    fix="Mend the file, save it as UTF-8, or keep it below 1 MiB.",
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
    title="a door is declared public that the source does not have",
    why="Whatever comes to stand there later is exempt from the first day.",
    fix="Take it out of 'public' in prober.yaml.",
    source="",
)
RULES = (
    UNGUARDED, UNTOLD, FALLBACK, UNPROVEN_SECRET, TIMED, LENGTHS, RANDOM, SHORT_CODE, LEFT_OUT, CONDITIONAL,
    LOOSE_EXEMPTION, PUBLIC_SECRET, CLIENT_DATABASE, UNAWAITED_AUDIT, UNREAD, NO_ROUTE, UNNEEDED,
)  # fmt: skip
