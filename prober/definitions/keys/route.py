"""The keys of a route."""

from __future__ import annotations

from prober.definitions.keys.answer import LIMIT_TABLE, NEVER
from prober.definitions.keys.payload import IMPOSSIBLE_ID, PAYLOAD
from prober.definitions.keys.shapes import (
    FLAG,
    METHOD_AND_PATH,
    NAME,
    PATH,
    TEXT,
    either,
    list_of,
    words,
)
from prober.definitions.keys.table import Fragment, Key, Shape, Table

SECRETS = Shape(
    name="secrets",
    shown="list of names",
    about="Names of secrets that the operator provides with --hold, as in [session-secret].",
    schema=list_of(NAME, shown="").schema,
)
_GUARD = either(
    words("shipped-guard", shown="name", about="A guard of the shipped profiles."), NAME, shown="name of a guard"
)
_EFFECT = words(
    "effect",
    shown="`none`, `trace`, `repeats` or `acts`",
    about="What a request would do if the route were open.",
)
_CONTROL = words(
    "control", shown="`alive`, `sign-in` or `cookies`", about="What a route proves about the service it is on."
)
_WEIGHT = words(
    "weight", shown="`keys`, `writes`, `personal-data` or `reads`", about="How much an open route gives away."
)
_ABSENT = Shape(shown="`locked`", schema={"const": "locked"})
_TWO_SECRETS = Shape(
    shown="two names",
    schema={"type": "array", "minItems": 2, "maxItems": 2, "uniqueItems": True, "items": NAME},
)

_SENDS = ("send", "inert", "well-formed", "indistinguishable")
_FOREIGN = r"\{[.*]*\w+[^}/?]*\}|<(\w+:)?\w+>|\[+\.*\w+\]+|\*{1,2}\w*"
_RULES: Fragment = [
    {
        "$comment": "a method that may change something needs an effect",
        "if": {"properties": {"route": {"pattern": "^(GET|HEAD|OPTIONS) "}}},
        "else": {"required": ["effect"]},
    },
    {
        "$comment": "an inert form is for a route that acts",
        "if": {"required": ["inert"]},
        "then": {"required": ["effect"], "properties": {"effect": {"const": "acts"}}, "not": {"required": ["send"]}},
    },
    {
        "$comment": "an impossible id needs a parameter to put it in",
        "if": {"anyOf": [{"required": [key], "properties": {key: IMPOSSIBLE_ID}} for key in _SENDS]},
        "then": {"properties": {"route": {"pattern": "^[^?]*/:"}}},
    },
    {
        "$comment": "a parameter is written as :name, and not as OpenAPI, Flask, Next.js and stars have it",
        "not": {"required": ["route"], "properties": {"route": {"pattern": rf"^[^?]*/({_FOREIGN})(/|\?|$)"}}},
    },
]

ROUTE = Table(
    name="route",
    of="a route",
    title="A route",
    about="A route: its method and path, and the guard that protects it.",
    where="an entry of `routes` in a surface",
    keys=(
        Key(
            name="route",
            shape=METHOD_AND_PATH,
            required=True,
            about=(
                "Method and path; a parameter is a whole segment, and stands for an id that cannot exist: a UUID, or "
                "what its type says (`uuid`, `int`, `slug`, `file`)."
            ),
            examples=("GET /api/me", "DELETE /api/tokens/:id", "GET /api/orders/:id<int>"),
        ),
        Key(name="id", shape=NAME, about="Distinguishes it from another route with the same method and path."),
        Key(name="service", shape=NAME, about="The service that it is on.", default="the surface's"),
        Key(
            name="guard",
            shape=_GUARD,
            required=True,
            about="The guard that protects it; each profile says how its guards answer.",
            examples=("session",),
        ),
        Key(
            name="effect",
            shape=_EFFECT,
            about=(
                "What the request would do if the route were open: `none`; `trace` leaves a trace even when it is "
                "refused; `repeats` would do what happens anyway, and is sent until the first grant; `acts` would do "
                "harm, and is sent in its inert form only."
            ),
            default="`none` for GET, HEAD and OPTIONS; required for other methods, and for a guarded GET of a job",
        ),
        Key(name="send", shape=PAYLOAD, about="What is sent: a body, headers, values of the path's parameters."),
        Key(
            name="inert",
            shape=PAYLOAD,
            about=(
                "What is sent to a route that acts: it does nothing even if the route is open, as valid JSON that no "
                "handler accepts."
            ),
            default="a route that acts is skipped",
            examples=("{json: {invoice: '!'}}",),
        ),
        Key(
            name="well-formed",
            shape=PAYLOAD,
            about=(
                "A body that the handler accepts but for its token, code or voucher, which is written "
                "`{made-up-token}` or `{made-up-code}`; it is also sent with that left out, null, `[]` and an "
                "operator; where the effect is `acts`, only if --allow-effects names the route."
            ),
            default="only `send` or `inert` is sent",
            examples=("{json: {token: '{made-up-token}', newPassword: Lockdown-probe-1}}",),
        ),
        Key(
            name="absent",
            shape=_ABSENT,
            about="`locked`: the answer to a path that does not exist counts as a refusal too.",
            default="a missing route is drift",
        ),
        Key(
            name="refuse",
            shape=SECRETS,
            about=(
                "Secrets that this route must refuse; a name that ends in `-session`, or a value `NAME=value`, goes "
                "as a cookie."
            ),
            examples=("[session-secret]",),
        ),
        Key(
            name="admits",
            shape=SECRETS,
            about="Secrets that this route must accept: they prove that the guard admits the right client.",
        ),
        Key(
            name="session-bound",
            formerly=("bound",),
            shape=_TWO_SECRETS,
            about="Two tokens, of which neither may use the MCP session that the other opened.",
            examples=("[mcp-token, mcp-token-2]",),
        ),
        Key(name="never", shape=NEVER, about="What no answer of this route may contain, whatever its status."),
        Key(
            name="quick",
            shape=FLAG,
            about="Whether it is probed at depth quick, which `prober watch` uses.",
            default="true; false where the effect is `trace`",
        ),
        Key(
            name="csrf",
            shape=PATH,
            about=(
                "Where a CSRF token for this request is fetched: as Auth.js serves it, or a page whose form has hidden "
                "fields (Django, Laravel, Rails and others)."
            ),
            examples=("/api/auth/csrf", "/accounts/login/"),
        ),
        Key(
            name="control",
            shape=_CONTROL,
            about=(
                "What this route proves about its service: `alive` that it is up, `sign-in` that sign-in works, "
                "`cookies` that garbage in a session cookie is noticed."
            ),
        ),
        Key(
            name="limit",
            shape=LIMIT_TABLE,
            about="The rate limit of this route; with a `signal`, depth deep tests whether it applies.",
            examples=("{max: 10, per: 1h, signal: 429}",),
        ),
        Key(
            name="indistinguishable",
            formerly=("alike",),
            shape=PAYLOAD,
            about="A second request that must get the same answer as the first, as for a known and an unknown account.",
            examples=("{json: {email: '{known-email}'}}",),
        ),
        Key(
            name="oauth-metadata",
            formerly=("announces",),
            shape=FLAG,
            about="Its 401 challenge must lead to OAuth resource metadata of the same origin (RFC 9728).",
            default="false",
        ),
        Key(
            name="websocket",
            shape=FLAG,
            about=(
                "It also takes upgrades to a WebSocket, which are sent at `standard` too and closed at once; without "
                "it, paths are asked that are named `ws`, `socket`, `stream` or the like."
            ),
            default="false",
        ),
        Key(
            name="mcp-session",
            shape=FLAG,
            about=(
                "It is sent in an MCP session, which is opened without a credential and closed again: for servers "
                "whose `initialize` is open to everybody and whose calls are not."
            ),
            default="false",
        ),
        Key(
            name="weight",
            shape=_WEIGHT,
            about=(
                "How much an open route gives away, by which reports and alerts put the worst first: `keys` (keys or "
                "tokens), `writes` (it changes or runs something), `personal-data` or `reads` (any other data)."
            ),
            default="derived from the method and the words of the path",
        ),
        Key(
            name="why",
            shape=TEXT,
            required=True,
            about="Why it matters: what a client without credentials could do if the route were open.",
        ),
        Key(name="fix", shape=TEXT, required=True, about="How to fix it: one imperative."),
    ),
    rules={"allOf": _RULES},
)  # fmt: skip
