"""Sessions that are signed, by each framework's documentation: made here with keys that everybody knows. Pure.

Written here because the frameworks' own libraries are no dependencies of the prober's. They name nobody that exists.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credential_values import url_base64

if TYPE_CHECKING:
    from prober.plan.credential_values import CredentialValues, Headers

_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SALT_OF_FLASK = b"cookie-session"
_SALT_OF_DJANGO = b"django.contrib.sessions.backends.signed_cookies"
# What guards look for in a session. The names that begin with an underscore are those of Flask-Login.
_SESSION: dict[str, object] = {
    "_user_id": "1", "_fresh": True, "user_id": 1, "userId": 1, "id": 1, "user": {"id": 1, "role": "admin"},
    "username": "lockdown-probe", "role": "admin", "logged_in": True, "loggedIn": True, "authenticated": True,
    "isAdmin": True, "passport": {"user": 1},
}  # fmt: skip
# Cookies of one value that tutorials sign with cookie-parser, besides the id of express-session.
_PLAIN = (
    ("connect.sid", "lockdown-probe"), ("user", "admin"), ("username", "admin"), ("userId", "1"), ("user_id", "1"),
    ("role", "admin"), ("admin", "true"), ("loggedIn", "true"), ("auth", "true"), ("token", "lockdown-probe"),
)  # fmt: skip
# A user of id 1, sealed by iron-session itself with the password of its documentation, until the year 2100.
SEALED_BY_IRON_SESSION = (
    "Fe26.2*1*8b9abcd67d25a308e4490629be966a2f1b2acc82524d9d0b668d2b6cd5dbdf8e*aECO2-9h6Jibh3QoW5lsiw*YuIepnAZLbz"
    "8DIVi08WCEoUoMCeX7lQly9xTr4BL_nZCIgMiZ40WP-wh4oBicSSD0rF4RZsx4-o_rwArB1LPXWbX1wnzKM3ud3RKmRrpMYVdgRWo5ZSE-ov"
    "8hCl7gJnSZ_v7TT6qPHgQEwqMhQQVvL1giK1bY_BJX7NyhnaMZ5ukXEPZlZ_toy0F0Z9TcRYQ74Kgl_XMIraE-tokJyEgD1Q8Dk0odSaUmCz"
    "fotNzSivkAOyp0aWImmoNkdaXP28_*4102444800415*78f6537c7a97050d00d964be8843555d90eb150d1842744f00e12f60d3d5dfe0"
    "*iANsYhZ5SWHlaBUEgfAwhU3zX3UU3RHFxkEFYFIekXw~2"
)
_NAMES_OF_SEALED = ("session", "iron-session", "app-session", "auth-session", "user-session", "sid", "auth", "user")


def _session(made: CredentialValues) -> bytes:
    return json.dumps({**_SESSION, "run": made.nonce}, separators=(",", ":")).encode()


def _mac(key: bytes, text: bytes, hashed: str) -> bytes:
    return hmac.new(key, text, hashed).digest()


def of_flask(made: CredentialValues, *, key: str) -> str:
    """Sign as Flask does: itsdangerous with a key derived by HMAC; the time of signing is in it."""
    content = f"{url_base64(_session(made))}.{_time_of_itsdangerous(made)}"
    derived = _mac(key.encode(), _SALT_OF_FLASK, "sha1")
    return f"{content}.{url_base64(_mac(derived, content.encode(), 'sha1'))}"


def of_starlette(made: CredentialValues, *, key: str) -> str:
    """Sign as the sessions of Starlette and FastAPI are: itsdangerous with its defaults."""
    content = f"{base64.b64encode(_session(made)).decode()}.{_time_of_itsdangerous(made)}"
    derived = hashlib.sha1(b"itsdangerous.Signer" + b"signer" + key.encode()).digest()  # noqa: S324 - as it is there
    return f"{content}.{url_base64(_mac(derived, content.encode(), 'sha1'))}"


def of_django(made: CredentialValues, *, key: str) -> str:
    """Sign as Django's sessions in cookies are; the time of signing is in it."""
    content = f"{url_base64(_session(made))}:{_in_base_62(made.signed_at)}"
    derived = hashlib.sha256(_SALT_OF_DJANGO + b"signer" + key.encode()).digest()
    return f"{content}:{url_base64(_mac(derived, content.encode(), 'sha256'))}"


def of_keygrip(name: str, value: str, *, key: str) -> tuple[str, str]:
    """Sign as the sessions of Express's cookie-session and of Koa are: a second cookie holds the signature."""
    return f"{name}.sig", url_base64(_mac(key.encode(), f"{name}={value}".encode(), "sha1"))


def of_cookie_parser(value: str, *, key: str) -> str:
    """Sign a value as cookie-parser and express-session do."""
    signature = base64.b64encode(_mac(key.encode(), value.encode(), "sha256")).decode().rstrip("=")
    return quote(f"s:{value}.{signature}", safe="")


def python_sessions(made: CredentialValues, *, key: str) -> Headers:
    """Carry a session of each framework of Python. Two have one name: Flask reads the first, Starlette the last."""
    pairs = [
        ("session", of_flask(made, key=key)), ("sessionid", of_django(made, key=key)),
        ("session", of_starlette(made, key=key)),
    ]  # fmt: skip
    return _jar(pairs)


def node_sessions(made: CredentialValues, *, key: str) -> Headers:
    """Carry a session of each framework of Node.js, and single values as its tutorials sign them."""
    value = base64.b64encode(_session(made)).decode()
    pairs = [
        pair
        for name in ("session", "express:sess", "koa.sess", "koa:sess")
        for pair in ((name, value), of_keygrip(name, value, key=key))
    ]
    signed = [(name, of_cookie_parser(plain, key=key)) for name, plain in _PLAIN]
    return _jar([*pairs, *signed])


def sealed_sessions(made: CredentialValues) -> Headers:
    """Carry the session that iron-session would have sealed with the password of its documentation."""
    own = (name for name in made.cookies if name not in SESSION_COOKIES)
    return _jar([(name, SEALED_BY_IRON_SESSION) for name in dict.fromkeys((*_NAMES_OF_SEALED, *own))])


def in_base_64(made: CredentialValues) -> str:
    """Give a session that nobody has signed: JSON in base64, as a first version of an application writes it."""
    return quote(base64.b64encode(_session(made)).decode(), safe="")


def _jar(pairs: list[tuple[str, str]]) -> Headers:
    return (("Cookie", "; ".join(f"{name}={value}" for name, value in pairs)),)


def _time_of_itsdangerous(made: CredentialValues) -> str:
    at = made.signed_at
    return url_base64(at.to_bytes((at.bit_length() + 7) // 8, "big"))


def _in_base_62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_BASE_62))
        digits = _BASE_62[digit] + digits
    return digits
