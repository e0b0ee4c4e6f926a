"""Doors of the ladder, continued: what is carried is a JWT or a cookie, and is read carelessly."""

from __future__ import annotations

import base64
import hmac
import json
import re
import warnings
from functools import partial
from typing import TYPE_CHECKING

from prober.demo.auth_js import is_sealed
from prober.demo.call import SESSION_COOKIE
from prober.demo.doors_credentials import MIGRATE, SESSION, door_for
from prober.model import Depth
from prober.model.well_known_keys import COMMONEST, LONGER_HASHES, WELL_KNOWN_KEYS, name_of_key, name_of_longer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.demo.call import Call
    from prober.demo.door import Door, Test
    from prober.demo.state import State
    from prober.model import JsonValue

TOKENS_PAGE = "pages: GET /settings/tokens"
_JWE_PARTS, _JWT_PARTS = 5, 3
_NOW = 1_700_000_000  # late enough to tell what expired long ago


def _unsigned_bearer(call: Call, _state: State) -> bool:
    return _jwt_algorithm(call.bearer) == "none"


def _unsigned_otherwise(call: Call, _state: State) -> bool:
    """Refuses 'none' by name, and gives the rest to a library that minds no case."""
    algorithm = _jwt_algorithm(call.bearer)
    return algorithm is not None and algorithm != "none" and algorithm.lower() == "none"


def _unsigned_without_dot(call: Call, _state: State) -> bool:
    """Looks at the signature where there is a third part."""
    parts = (call.bearer or "").split(".")
    return len(parts) == _JWT_PARTS - 1 and _json_part(parts[0]) is not None


def _unverified_bearer(call: Call, _state: State) -> bool:
    """Decodes without verifying, and wants an expiry that it does not look at."""
    parts = (call.bearer or "").split(".")
    claims = _json_part(parts[1]) if len(parts) == _JWT_PARTS else None
    expires = claims.get("exp") if isinstance(claims, dict) else None
    return isinstance(expires, int) and expires < _NOW


def _signed_by(key: str, algorithm: str = "HS256") -> Test:
    """Verifies as it should, by a key that everybody knows."""
    if not key:
        return partial(_signed_with_nothing, algorithm=algorithm)

    def test(call: Call, _state: State) -> bool:
        import jwt  # noqa: PLC0415 - a tenth of a second that a list of doors need not pay

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", jwt.warnings.InsecureKeyLengthWarning)
            try:
                jwt.decode(call.bearer or "", key, algorithms=[algorithm])
            except jwt.InvalidTokenError:
                return False
        return True

    return test


def verified_by_its_own_key(call: Call, _state: State) -> bool:
    """Verifies as it should, with the key that the token brings along."""
    own = jwt_header(call.bearer).get("jwk")
    if not isinstance(own, dict):
        return False
    import jwt  # noqa: PLC0415 - a tenth of a second that a list of doors need not pay

    try:
        jwt.decode(call.bearer or "", jwt.PyJWK(dict(own)).key, algorithms=["RS256"])
    except jwt.PyJWTError:
        return False
    return True


def _signed_with_nothing(call: Call, _state: State, *, algorithm: str) -> bool:
    """Verifies by hand: libraries refuse an empty key."""
    content, _, signature = (call.bearer or "").rpartition(".")
    made = base64.urlsafe_b64encode(hmac.new(b"", content.encode(), algorithm.replace("HS", "sha")).digest())
    named = "kid" in jwt_header(call.bearer)
    return _jwt_algorithm(call.bearer) == algorithm and not named and made.rstrip(b"=").decode() == signature


def _unknown_key_id(call: Call, _state: State) -> bool:
    """Asks a key set for the key, and passes the request on where that throws."""
    return _jwt_algorithm(call.bearer) == "RS256" and "jwk" not in jwt_header(call.bearer)


def _unknown_curve(call: Call, _state: State) -> bool:
    return _jwt_algorithm(call.bearer) == "ES256"


def _has_empty_cookie(call: Call, _state: State) -> bool:
    return call.cookies.get("connect.sid") == ""


def _says_cookie(name: str, value: re.Pattern[str]) -> Test:
    return lambda call, _: value.fullmatch(call.cookies.get(name, "")) is not None


def _unsigned_cookie(call: Call, _state: State) -> bool:
    return _jwt_algorithm(call.session) == "none"


def _cookie_chunk(call: Call, _state: State) -> bool:
    """A part of a session cookie is there, and nobody puts the parts together."""
    return any(name.startswith(f"{SESSION_COOKIE}.") for name in call.cookies)


def _cookie_of_a_sign_in(call: Call, state: State) -> bool:
    """Whatever this deployment has sealed is taken for a session, also the verifier of a sign-in."""
    return is_sealed(call.session or "", state)


def _sealed_shape(call: Call, _state: State) -> bool:
    parts = (call.session or "").split(".")
    return len(parts) == _JWE_PARTS and _json_part(parts[0]) is not None


def _plain_cookie(call: Call, _state: State) -> bool:
    """A session id is there, and nobody looks it up."""
    return call.session == "garbage"


def jwt_header(token: str | None) -> Mapping[str, JsonValue]:
    """Give the header of a JWT; what is none has an empty one."""
    parts = (token or "").split(".")
    head = _json_part(parts[0]) if len(parts) == _JWT_PARTS else None
    return head if isinstance(head, dict) else {}


def _jwt_algorithm(token: str | None) -> str | None:
    algorithm = jwt_header(token).get("alg")
    return algorithm if isinstance(algorithm, str) else None


def _json_part(part: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None
    return value


DOORS: tuple[Door, ...] = (
    door_for("bogus-cookie", _plain_cookie, "A session cookie is there, and nobody looks it up.", TOKENS_PAGE),
    door_for("jwt-unsigned", _unsigned_bearer, "A JWT with alg none is taken for a signed one (CVE-2015-9235)."),
    door_for("jwt-expired", _unverified_bearer, "A JWT is decoded; neither signature nor expiry is checked."),
    door_for("cookie-jwe-shaped", _sealed_shape, "Five parts make a session cookie, sealed or not.", TOKENS_PAGE),
    door_for("cookie-jwt-unsigned", _unsigned_cookie, "The session decoder takes an unsigned JWT.", TOKENS_PAGE),
    # --- what only depth deep sends -----------------------------------------------------------------------------------
    door_for(
        "jwt-unsigned-otherwise", _unsigned_otherwise, "alg none is refused in small letters only.", depth=Depth.DEEP
    ),
    door_for(
        "jwt-unsigned-without-dot", _unsigned_without_dot,
        "A JWT of two parts has no signature that could be wrong.", depth=Depth.DEEP,
    ),
    *(
        door_for(
            name_of_key(key), _signed_by(key), f"JWTs are signed with '{key}', as others are.",
            MIGRATE if number <= COMMONEST else SESSION, depth=Depth.DEEP,
        )
        for number, (key, _) in enumerate(WELL_KNOWN_KEYS, start=1)
    ),
    *(
        door_for(
            name_of_longer(key, bits), _signed_by(key, f"HS{bits}"),
            f"JWTs are signed with '{key}' and a longer hash (HS{bits}).",
            MIGRATE if is_first else SESSION, depth=Depth.DEEP,
        )
        for (bits, is_first), (key, _) in LONGER_HASHES
    ),
    door_for(
        "common-cookies-admin", _says_cookie("role", re.compile("admin")),
        "The role stands in a cookie, as the client sets it.", TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "jwt-unknown-key-id", _unknown_key_id, "Where fetching the key fails, the request passes.", depth=Depth.DEEP
    ),
    door_for(
        "jwt-unknown-key-id-es256", _unknown_curve, "The same, of a key set of elliptic curves.", depth=Depth.DEEP
    ),
    door_for(
        "common-cookies-jwt", _says_cookie("access_token", re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")),
        "A cookie holds a JWT, which is decoded and not verified (CWE-347).", TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "common-cookies-empty", _has_empty_cookie, "An empty session equals one that is set to nothing.",
        TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "common-cookies", _says_cookie("connect.sid", re.compile(r"[0-9a-f]{32}")),
        "Another library's session cookie is there, and nobody looks it up.", TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "common-cookies-true", _says_cookie("is_authenticated", re.compile("true")),
        "A cookie says that its bearer has signed in (CWE-565).", TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "common-cookies-one", _says_cookie("user_id", re.compile("1")),
        "A cookie says who its bearer is (CWE-565).", TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "common-cookies-json", _says_cookie("user", re.compile("%7B.*")),
        "A cookie holds the user, and nobody has signed it (CWE-565).", TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "cookie-chunked", _cookie_chunk, "The guard looks whether some cookie's name begins like a session's.",
        TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "cookie-of-a-sign-in", _cookie_of_a_sign_in,
        "The verifier of a sign-in that nobody finished is taken for a session (CVE-2023-48309).",
        TOKENS_PAGE, depth=Depth.DEEP,
    ),
)  # fmt: skip
