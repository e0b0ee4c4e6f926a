"""The keys of what a profile expects: an answer, a reason to skip, what no answer may contain; and of a rate limit."""

from __future__ import annotations

from prober.definitions.keys.shapes import (
    DAY,
    FLAG,
    HEADER_NAME,
    LOCK_KEEPER,
    STATUS,
    TEXT,
    TEXTS,
    duration,
    one_or_more,
    seconds,
    whole_number,
)
from prober.definitions.keys.table import Key, Range, Shape, Table

MOST_REQUESTS = Range(least=1, most=200)
PER = seconds(least=1, most=3650 * DAY)

ANSWER_TABLE = Table(
    name="answer-facts",
    of="an answer",
    title="An answer",
    about="What one answer must look like; all of it must hold.",
    where="under `guards` in a profile, and as `signal` of a limit",
    keys=(
        Key(
            name="status",
            shape=one_or_more(STATUS, shown="status, or a list"),
            required=True,
            about="The status, a class of them, or a list of which any will do.",
            examples=("401", "4xx", "[302, 303]"),
        ),
        Key(
            name="location",
            shape=Shape(
                shown="path, or a URL",
                schema={
                    "type": "string",
                    "pattern": r"^(/(?!/)|[Hh][Tt][Tt][Pp][Ss]?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?([/?]|$))",
                },
            ),
            about=(
                "Where a redirect must lead: a path on the service's own origin, or a URL of another one (without a "
                "path: anywhere on it), with the query keys that must be there; a key without a value (`?error=`) may "
                "have any."
            ),
            examples=("/signin?error=", "https://sso.example.com/authorize?client_id="),
        ),
        Key(
            name="header",
            shape=Shape(
                shown="mapping of header to text",
                schema={
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": HEADER_NAME},
                    "additionalProperties": {"anyOf": [TEXT, {"type": "null"}]},
                },
            ),
            about="Text that each header must contain; without a text the header need only be there.",
            examples=("{www-authenticate: Bearer}",),
        ),
        Key(name="body", shape=TEXTS, about="Text that the body must contain; of a list, all of it."),
        Key(name="not-body", shape=TEXTS, about="Text that the body must not contain; of a list, none of it."),
        Key(
            name="json",
            shape=Shape(
                shown="mapping of path to value",
                schema={
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": r"^(\$|[^.]+(\.[^.]+)*)$"},
                },
            ),
            about=(
                "Values that the JSON body must contain, by their path; `$` is the whole body, and a path without a "
                "value need only be there; a number is a place in a list, counted from 0, and `*` is every entry of a "
                "list that is not empty."
            ),
            examples=("{error.code: unauthorized}", "{errors.*.extensions.code: UNAUTHENTICATED}"),
        ),
        Key(
            name="refuses",
            shape=FLAG,
            about=(
                "This answer is a refusal, although its status is a success: it holds nothing, as row-level security "
                "(`[]`) or GraphQL (`data: null`) refuses; any other success is a leak then."
            ),
            default="by its status; `true` where `json` asks for an `error`",
            examples=("true",),
        ),
        Key(
            name="by",
            shape=LOCK_KEEPER,
            about=(
                "Who in front of the application keeps this lock (an intermediary that the prober knows, or `gateway` "
                "for any other): a refusal by it or by the application is expected, one by anybody else is no verdict."
            ),
            default="`behind` of the service, else the application alone",
            examples=("nginx", "Vercel deployment protection", "gateway"),
        ),
    ),
)
ANSWER = Shape(
    name="answer",
    shown="status, or [an answer](#an-answer)",
    about="A status such as 401, a class such as 4xx, or a mapping.",
    schema={"anyOf": [STATUS, ANSWER_TABLE]},
)

SKIP_TABLE = Table(
    name="skip",
    of="an answer",
    title="A skipped guard",
    about="This mode has no such guard: its routes are skipped.",
    where="in place of an answer, under `guards` in a profile",
    keys=(
        Key(
            name="skip",
            shape=TEXT,
            required=True,
            about="Why this mode has no such guard; the report shows it.",
            examples=("this mode has no sign-in",),
        ),
    ),
)

NEVER_TABLE = Table(
    name="never-facts",
    of="'never'",
    title="What no answer may contain",
    about="What no answer may contain, whatever its status: a 401 that contains it is a leak.",
    where="`never` of a route or of a profile; a list of them is allowed",
    keys=(
        Key(
            name="json", shape=TEXTS, about="Keys that no JSON object in an answer may have.", examples=("cardNumber",)
        ),
        Key(name="body", shape=TEXTS, about="Text that no body may contain.", examples=("BEGIN PRIVATE KEY",)),
    ),
)
NEVER = Shape(
    name="never",
    shown="[mapping](#what-no-answer-may-contain), or a list",
    about="What no answer may contain, whatever its status: a 401 that contains it is a leak.",
    schema=one_or_more(NEVER_TABLE, shown="").schema,
)

LIMIT_TABLE = Table(
    name="limit",
    of="'limit'",
    title="A rate limit",
    about="How often one client may send a request.",
    where="`limit` of a route, and each entry of `limits` in prober.yaml",
    keys=(
        Key(
            name="max",
            shape=whole_number(MOST_REQUESTS),
            required=True,
            about="How many requests are answered in that time.",
            examples=("10",),
        ),
        Key(
            name="per",
            shape=duration(PER),
            required=True,
            about="The time.",
            examples=("1h",),
        ),
        Key(
            name="signal",
            shape=ANSWER,
            about="The answer beyond the limit; without one the limit is respected and not tested.",
            examples=("429",),
        ),
    ),
)
