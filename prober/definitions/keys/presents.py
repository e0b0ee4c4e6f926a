"""The keys of what a guard is presented with: kinds of credential, and places of its own."""

from __future__ import annotations

from prober.definitions.keys.shapes import HEADER_NAME, words
from prober.definitions.keys.table import Fragment, Key, Shape, Table

NOTHING = "nothing"
PASSWORDS = ("basic", "digest")
# Headers that every request needs for itself, and what to write in their place.
NOT_A_CARRIER = {
    "cookie": "write 'cookie: NAME'",
    **dict.fromkeys(
        ("host", "content-length", "content-type", "transfer-encoding", "connection", "accept", "user-agent"),
        "name the header that the application reads the credential from",
    ),
}

_FAMILY = words("family", shown="kind of credential", about="How a credential is sent.")
_USER = Shape(shown="user", schema={"type": "string", "pattern": r"^[\u0020-\u0039\u003b-\u007e]+$"})
_TOKEN = Shape(shown="name", schema={"type": "string", "pattern": HEADER_NAME})

CARRIER = Table(
    name="carrier",
    of="a carrier",
    title="A carrier",
    about="Where a guard looks for its credential: a header, parameter or cookie, or the password of Basic or Digest.",
    where="an entry of `presents` in a profile",
    keys=(
        Key(
            name="header",
            shape=_TOKEN,
            about="The header that holds the credential.",
            examples=("X-Cron-Secret",),
        ),
        Key(
            name="scheme",
            shape=_TOKEN,
            about="The word before the credential in that header, or in `Authorization` where no header is named.",
            examples=("Token",),
        ),
        Key(
            name="query",
            shape=_TOKEN,
            about="The parameter of the query string that holds the credential.",
            examples=("api_key",),
        ),
        Key(
            name="cookie",
            shape=_TOKEN,
            about="The cookie that holds the credential.",
            examples=("shop_sid",),
        ),
        Key(
            name="basic",
            shape=_USER,
            about=(
                "The user of Basic authentication; the credential is the password, and a held one with a colon is both "
                "(a server that blocks a user after wrong passwords would block this one: `presents: basic` names "
                "nobody's)."
            ),
            examples=("metrics",),
        ),
        Key(
            name="digest",
            shape=_USER,
            about="The user of Digest authentication, as of `basic`; each challenge is fetched first.",
            examples=("admin",),
        ),
    ),
    rules={
        "oneOf": [
            *({"required": [place], "not": {"required": ["scheme"]}} for place in ("query", "cookie", *PASSWORDS)),
            {"required": ["header"]},
            {"required": ["scheme"], "not": {"required": ["header"]}},
        ]
    },
)

_NOTHING: Fragment = {"const": NOTHING}
_ENTRY: Fragment = {"anyOf": [_FAMILY, {"enum": list(PASSWORDS)}, CARRIER]}
PRESENTS = Shape(
    name="presents",
    shown="kinds of credential",
    about=(
        "`nothing`; or one kind of credential, or a list of them: `secret` a bearer compared as text with a variable "
        "of the environment, `bearer` one that is looked up or verified, `cookie`, `api-key`, `job` what schedulers "
        "send, `basic` and `digest` a user and a password; or a place of one's own, such as `{header: X-Cron-Secret}`."
    ),
    schema={
        "anyOf": [
            _NOTHING,
            _ENTRY,
            {"type": "array", "minItems": 1, "maxItems": 1, "items": _NOTHING},
            {"type": "array", "minItems": 1, "uniqueItems": True, "items": _ENTRY},
        ]
    },
)
