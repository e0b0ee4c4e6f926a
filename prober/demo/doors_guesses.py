"""Doors of the ladder, continued: what everybody can guess opens them: a placeholder, the key of a documentation."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from prober.demo.doors_credentials import KPI, SESSION, door_for, key_is, says
from prober.demo.doors_tokens import TOKENS_PAGE, jwt_header, verified_by_its_own_key
from prober.model import Depth
from prober.model.well_known_keys import (
    KEYS_OF_SESSIONS_IN_NODE,
    KEYS_OF_SESSIONS_IN_PYTHON,
    PLACEHOLDERS,
    name_of_key,
)

if TYPE_CHECKING:
    from prober.demo.call import Call
    from prober.demo.door import Door, Test
    from prober.demo.state import State

_PASSWORD_OF_IRON = b"complex_password_at_least_32_characters_long"


def _url_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _key_in_a_file(call: Call, _state: State) -> bool:
    """Reads the key from the file that the token names, and finds an empty one."""
    named = jwt_header(call.bearer).get("kid")
    if not isinstance(named, str) or posixpath.normpath(f"/srv/application/keys/{named}") != "/dev/null":
        return False
    content, _, signature = (call.bearer or "").rpartition(".")
    return _url_base64(hmac.new(b"", content.encode(), "sha256").digest()) == signature


def _cookie_is_undefined(call: Call, _state: State) -> bool:
    return call.cookies.get("connect.sid") == "undefined"


def _unsigned_cookie_of_a_library(call: Call, _state: State) -> bool:
    return jwt_header(call.cookies.get("access_token")).get("alg") == "none"


def _user_in_base64(call: Call, _state: State) -> bool:
    try:
        user = json.loads(base64.b64decode(unquote(call.cookies.get("user", "")), validate=True))
    except (ValueError, binascii.Error):
        return False
    return isinstance(user, dict) and "id" in user


def _signed_as_in_python(key: str) -> Test:
    """Verifies a session as Starlette does."""
    derived = hashlib.sha1(b"itsdangerous.Signersigner" + key.encode()).digest()  # noqa: S324 - as it is there

    def test(call: Call, _state: State) -> bool:
        content, _, signature = call.cookies.get("session", "").rpartition(".")
        return _url_base64(hmac.new(derived, content.encode(), "sha1").digest()) == signature

    return test


def _signed_as_in_node(key: str) -> Test:
    """Verifies a session as cookie-session does."""

    def test(call: Call, _state: State) -> bool:
        content = f"session={call.cookies.get('session', '')}"
        made = _url_base64(hmac.new(key.encode(), content.encode(), "sha1").digest())
        return made == call.cookies.get("session.sig")

    return test


def _sealed_by_iron(call: Call, _state: State) -> bool:
    """Verifies the seal as iron-session does, before it is decrypted."""
    seal = call.cookies.get("session", "").removesuffix("~2")
    content, _, ending = seal.rpartition("*")
    content, _, salt = content.rpartition("*")
    if not content.startswith("Fe26.2*"):
        return False
    key = hashlib.pbkdf2_hmac("sha1", _PASSWORD_OF_IRON, salt.encode(), 1, 32)
    return _url_base64(hmac.new(key, content.encode(), "sha256").digest()) == ending


DOORS: tuple[Door, ...] = (
    door_for(
        "jwt-key-of-an-empty-file", _key_in_a_file, "The token names the file of its key, also an empty one.", SESSION,
        depth=Depth.DEEP,
    ),
    door_for(
        "jwt-with-its-own-key", verified_by_its_own_key, "The token is verified with the key that it brings along.",
        SESSION, depth=Depth.DEEP,
    ),
    *(
        door_for(
            name_of_key(text, "placeholder-bearer-"), says(f"Bearer {text}"), f"The secret is still '{text}'.", SESSION,
            depth=Depth.DEEP,
        )
        for text, _ in PLACEHOLDERS
    ),
    *(
        door_for(
            name_of_key(text, "placeholder-key-"), key_is(text), f"The API key is still '{text}'.", KPI,
            depth=Depth.DEEP,
        )
        for text, _ in PLACEHOLDERS
    ),
    door_for(
        "common-cookies-undefined", _cookie_is_undefined, "A cookie is compared with an unset variable as text.",
        TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "common-cookies-jwt-unsigned", _unsigned_cookie_of_a_library,
        "A cookie holds a JWT, and alg none is taken for a signature.", TOKENS_PAGE, depth=Depth.DEEP,
    ),
    door_for(
        "common-cookies-base64", _user_in_base64, "A cookie holds the user in base64, and nobody has signed it.",
        TOKENS_PAGE, depth=Depth.DEEP,
    ),
    *(
        door_for(
            name_of_key(key, "session-signed-in-python-"), _signed_as_in_python(key),
            f"Starlette's sessions are signed with '{key}'.", TOKENS_PAGE, depth=Depth.DEEP,
        )
        for key, _ in KEYS_OF_SESSIONS_IN_PYTHON
    ),
    *(
        door_for(
            name_of_key(key, "session-signed-in-node-"), _signed_as_in_node(key),
            f"The sessions of cookie-session are signed with '{key}'.", TOKENS_PAGE, depth=Depth.DEEP,
        )
        for key, _ in KEYS_OF_SESSIONS_IN_NODE
    ),
    door_for(
        "session-sealed-by-iron", _sealed_by_iron, "iron-session has the password of its documentation.", TOKENS_PAGE,
        depth=Depth.DEEP,
    ),
)  # fmt: skip
