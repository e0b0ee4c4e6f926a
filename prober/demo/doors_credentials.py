"""One door for each credential that a prober can present: only that one opens it, so that none can be left out.

Each test below mistakes one thing for a key. What it takes for one is kept narrow on purpose: a rung that were missing
from the ladder would leave its door uncaught.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from prober.demo.door import Door, lets_in
from prober.model import Reason, Verdict

if TYPE_CHECKING:
    from prober.demo.call import Call
    from prober.demo.door import Test
    from prober.demo.state import State
    from prober.model import JsonValue

_MIGRATE = "migrate: POST /api/migrate"
_HEARTBEAT = "ingest: POST /api/ingest/heartbeat"
_KPI = "ingest: POST /api/ingest/kpi"
_REMINDERS = "reminders: POST /api/downtime/actions/reminders"
_TOKENS_PAGE = "pages: GET /settings/tokens"
_CARRIERS = ("authorization", "cookie", "x-api-key", "x-vercel-cron")
_OPAQUE = re.compile(r"[0-9a-f]{64}")
_JWE_PARTS, _JWT_PARTS = 5, 3


def says(header: str) -> Test:
    """Mistake one very header for the key."""

    def test(call: Call, _state: State) -> bool:
        return call.headers.getlist("authorization") == [header]

    return test


def _no_header(call: Call, _state: State) -> bool:
    """`if (h && !isValid(h)) refuse`: a call that carries nothing is taken for one of our own."""
    return not call.query and not any(name in call.headers for name in _CARRIERS)


def _second_word_is_empty(call: Call, _state: State) -> bool:
    words = (call.authorization or "").split(" ")
    return len(words) > 1 and words[1] == ""


def _looks_issued(call: Call, _state: State) -> bool:
    """A token of the right shape is taken for one that was issued."""
    given = call.headers.getlist("authorization")
    return len(given) == 1 and re.fullmatch(f"Bearer {_OPAQUE.pattern}", given[0]) is not None


def _pairs_match(call: Call, state: State) -> bool:
    """Compares two characters at a time, and an odd last one not at all: a token of one is always right."""
    scheme, _, token = (call.authorization or "").partition(" ")
    whole = len(token) // 2 * 2
    return scheme == "Bearer" and len(token) % 2 == 1 and token[:whole] == state.secrets.migration_secret[:whole]


def _other_scheme_is_anonymous(call: Call, _state: State) -> bool:
    """The proxy knows the scheme in any case, the application only as 'Bearer ', and takes all else for its own."""
    given = call.authorization or ""
    return re.match(r"bearer \S", given, re.IGNORECASE) is not None and not given.startswith("Bearer ")


def _last_header(call: Call, _state: State) -> bool:
    """The proxy looks at the first of two headers, the application compares the last with an unset variable."""
    given = call.headers.getlist("authorization")
    return len(given) > 1 and given[0].startswith("Bearer ") and given[-1] == "Bearer undefined"


def _query_is_there(call: Call, _state: State) -> bool:
    return _OPAQUE.fullmatch(call.query.get("token", "")) is not None


def _query_is_undefined(call: Call, _state: State) -> bool:
    return call.query.get("secret") == "undefined"


def _unsigned_bearer(call: Call, _state: State) -> bool:
    return _jwt_algorithm(call.bearer) == "none"


def _unverified_bearer(call: Call, _state: State) -> bool:
    """Decodes without verifying, and refuses only what says that it is not signed."""
    return _jwt_algorithm(call.bearer) not in {None, "none"}


def _unsigned_cookie(call: Call, _state: State) -> bool:
    return _jwt_algorithm(call.session) == "none"


def _sealed_shape(call: Call, _state: State) -> bool:
    parts = (call.session or "").split(".")
    return len(parts) == _JWE_PARTS and _json_part(parts[0]) is not None


def _plain_cookie(call: Call, _state: State) -> bool:
    """A session id is there, and nobody looks it up."""
    return re.fullmatch(r"\w+", call.session or "") is not None


def _some_key(call: Call, _state: State) -> bool:
    return _OPAQUE.fullmatch(call.headers.get("x-api-key", "")) is not None


def _undefined_key(call: Call, _state: State) -> bool:
    return call.headers.get("x-api-key") == "undefined"


def _from_scheduler(call: Call, _state: State) -> bool:
    return call.headers.get("x-vercel-cron") == "1"


def _jwt_algorithm(token: str | None) -> str | None:
    parts = (token or "").split(".")
    head = _json_part(parts[0]) if len(parts) == _JWT_PARTS else None
    said = head.get("alg") if isinstance(head, dict) else None
    return said.lower() if isinstance(said, str) else None


def _json_part(part: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None
    return value


def _door(credential: str, test: Test, about: str, at: str = _MIGRATE, *, allow: tuple[str, ...] = ()) -> Door:
    inert = at in {_KPI, _HEARTBEAT}  # of a machine that cannot exist: the handler is reached, and says so
    return Door(
        name=f"opened-by-{credential}", about=about, at=(at,), opens=lets_in(test), allow_effects=allow,
        caught_by=f"{at} [{credential}]",
        verdict=Verdict.DRIFT if inert else Verdict.LEAK,
        reason=Reason.HANDLER_REACHED if inert else Reason.GRANTED,
    )  # fmt: skip


DOORS: tuple[Door, ...] = (
    _door("anonymous", _no_header, "A call that carries nothing is taken for one of the application's own."),
    _door("bearer-undefined", says("Bearer undefined"), "The secret is unset in a template (calcom/cal.diy#29565)."),
    _door("bearer-two-spaces", _second_word_is_empty, "split(' ')[1] is '', and so is the secret."),
    _door("bogus-bearer", _looks_issued, "Any token of the right shape is taken for an issued one."),
    _door("bogus-cookie", _plain_cookie, "A session cookie is there, and nobody looks it up.", _TOKENS_PAGE),
    _door("bogus-api-key", _some_key, "Some API key is there, and nobody looks it up.", _KPI),
    _door("api-key-undefined", _undefined_key, "The API key is compared with an unset variable as text.", _HEARTBEAT),
    _door(
        "cron-headers", _from_scheduler, "Whoever looks like the platform's scheduler may run the job.", _REMINDERS,
        allow=("/api/downtime/actions/reminders",),
    ),
    _door("bearer-empty", says("Bearer"), "The scheme is right and the token undefined, as is the secret."),
    _door("authorization-empty", says(""), "An empty header equals a secret that is set to nothing."),
    _door("bearer-null", says("Bearer null"), "The secret is null in a template literal."),
    _door("bearer-nan", says("Bearer NaN"), "The secret went through Number()."),
    _door("bearer-object", says("Bearer [object Object]"), "The secret is an object in a template literal."),
    _door("bearer-none", says("Bearer None"), "The secret is None in a Python f-string."),
    _door("bearer-short", _pairs_match, "The token is compared two characters at a time, and the last odd one not."),
    _door("bearer-lower-case", _other_scheme_is_anonymous, "The scheme's case sends a stranger into the open branch."),
    _door("authorization-undefined", says("undefined"), "h === String(S), and S is unset."),
    _door("authorization-null", says("null"), "h === String(S), and S is null."),
    _door("basic-admin", says("Basic YWRtaW46YWRtaW4="), "Basic is let through too, by the default login."),
    _door("basic-empty", says("Basic Og=="), "Basic is let through too, compared with nothing."),
    _door("jwt-unsigned", _unsigned_bearer, "A JWT with alg none is taken for a signed one (CVE-2015-9235)."),
    _door("jwt-expired", _unverified_bearer, "A JWT is decoded; neither signature nor expiry is checked."),
    _door("authorization-twice", _last_header, "A proxy checks the first header, the application uses the last."),
    _door("cookie-jwe-shaped", _sealed_shape, "Five parts make a session cookie, sealed or not.", _TOKENS_PAGE),
    _door("cookie-jwt-unsigned", _unsigned_cookie, "The session decoder takes an unsigned JWT.", _TOKENS_PAGE),
    _door("query-bogus", _query_is_there, "Some ?token= is there, and nobody looks it up."),
    _door("query-undefined", _query_is_undefined, "?secret= is compared with an unset variable as text."),
)  # fmt: skip
