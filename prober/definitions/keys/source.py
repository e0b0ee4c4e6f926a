"""The keys of `source:` in prober.yaml: what the audit of a source treats as a guard, and what is public on purpose."""

from __future__ import annotations

from prober.definitions.keys.shapes import TEXT, either, list_of
from prober.definitions.keys.table import Key, Shape, Table

_FUNCTION = Shape(
    name="function",
    shown="name of a function",
    about="A function's name, without parentheses.",
    schema={"type": "string", "pattern": r"^[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*)*$"},
)
_FUNCTIONS = list_of(_FUNCTION, shown="list of function names")

GUARD_FUNCTION = Table(
    name="guard-function",
    of="a guard",
    title="A guard function",
    about="A guard, described because the audit cannot read its definition.",
    where="an entry of `guards` under `source`, in place of the name alone",
    keys=(
        Key(name="name", shape=_FUNCTION, required=True, about="The function's name."),
        Key(
            name="refuses",
            shape=Shape(shown="`throws`, `null` or `response`", schema={"enum": ["throws", "null", None, "response"]}),
            about="How it refuses: it throws, or it returns null (undefined, false), or a Response.",
        ),
        Key(
            name="from",
            shape=TEXT,
            about="The end of the name of the module that it must be imported from.",
            examples=("'@/lib/auth'",),
        ),
    ),
)

PUBLIC_ROUTE = Table(
    name="public-route",
    of="a public route",
    title="A public route",
    about="A route or a server action (one of the two) that is public on purpose.",
    where="an entry of `public` under `source`",
    keys=(
        Key(
            name="route",
            shape=Shape(
                shown="method and path",
                schema={
                    "type": "string",
                    "pattern": r"^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY) /[^\s*?#]*$",
                },
            ),
            about="One method and one exact path.",
            examples=("POST /api/auth/forgot-password",),
        ),
        Key(
            name="action",
            shape=Shape(
                shown="file and name",
                schema={"type": "string", "pattern": r"^[^\s#*?]+\.[cm]?[jt]sx?#[A-Za-z0-9_$-]+$"},
            ),
            about="The file and the name of a server action.",
            examples=("app/signin/actions.ts#redeem",),
        ),
        Key(name="why", shape=TEXT, required=True, about="Why clients without credentials may use it."),
    ),
    rules={"oneOf": [{"required": ["route"]}, {"required": ["action"]}]},
)

SOURCE = Table(
    name="source",
    of="'source'",
    title="The source",
    about="What `prober audit source` goes by, in addition to what it knows itself.",
    where="`source` in prober.yaml",
    keys=(
        Key(
            name="guards",
            shape=list_of(
                either(_FUNCTION, GUARD_FUNCTION, shown=""),
                shown="list of function names, or of [guard functions](#a-guard-function)",
            ),
            about="Functions that refuse unauthenticated clients when they are awaited.",
            examples=("[requireSession]",),
        ),
        Key(
            name="wrappers",
            shape=_FUNCTIONS,
            about="Functions that return a guarded handler, as withAuth(handler) does.",
            examples=("[withAuth]",),
        ),
        Key(
            name="harmless",
            shape=_FUNCTIONS,
            about="Functions that may run before the guard, as a rate limiter does.",
            examples=("[rateLimit]",),
        ),
        Key(
            name="public",
            shape=list_of(PUBLIC_ROUTE, shown="list of [public routes](#a-public-route)"),
            about="Routes and server actions that are public on purpose, each with its exact name and the reason.",
        ),
    ),
)
