"""Sessions that are signed with keys of documentations: each library takes them, and says when they were signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from prober.model import Depth
from prober.plan.credential_values import CredentialValues, url_base64
from prober.plan.credentials import LADDER
from prober.plan.signed_cookies import (
    SEALED_BY_IRON_SESSION,
    in_base_64,
    node_sessions,
    of_cookie_parser,
    of_django,
    of_flask,
    of_keygrip,
    of_starlette,
    python_sessions,
    sealed_sessions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

MADE = CredentialValues(nonce="0123abcd", cookies=("one", "authjs.session-token"), signed_at=1_700_000_000)
MOST_BYTES = 7_000  # of 8 KiB that most servers take for all headers


def cookies_of(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    [(name, jar)] = headers
    assert name == "Cookie"
    return [(key, value) for key, _, value in (pair.partition("=") for pair in jar.split("; "))]


def decoded(text: str) -> dict[str, object]:
    read = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert isinstance(read, dict)
    return read


# The signatures are what the libraries themselves gave for this content, with the key "dev": itsdangerous 2.2.0 as Flask
# 3.1.3 and Starlette call it, Django 5.2.19, keygrip 1.1 and cookie-signature 1.2.
@pytest.mark.parametrize(
    ("value", "mark", "at", "signature"),
    [
        pytest.param(of_flask(MADE, key="dev"), ".", "ZVPxAA", "bVkfZg6JW2jK5zrS2YIe40edCsQ", id="flask"),
        pytest.param(of_starlette(MADE, key="dev"), ".", "ZVPxAA", "NjncFuAeyhXE0V0kfZqcBlkewI4", id="starlette"),
        pytest.param(of_django(MADE, key="dev"), ":", "1r31eq", "0XGP1WD8u-CV97tSKJjsIx9uGPcU2jOh3HnNqU7X7gM", id="django"),
    ],
)  # fmt: skip
def test_a_session_of_python_is_signed_as_its_framework_signs_it(
    value: str, mark: str, at: str, signature: str
) -> None:
    content, time, given = value.split(mark)
    assert (time, given) == (at, signature)
    session = decoded(content.rstrip("="))
    assert (session["_user_id"], session["logged_in"], session["run"]) == ("1", True, "0123abcd")


def test_values_of_node_are_signed_as_its_libraries_sign_them() -> None:
    assert of_keygrip("session", "e30=", key="dev") == ("session.sig", "QtXP56usz6uD5BVSiImYmYlPtGQ")
    signed = unquote(of_cookie_parser("admin", key="dev"))
    assert signed == "s:admin.Cia6U/UGd9p4qMqYrc/UbQXL7lgM5vMDEa0zax04aEE"


def test_two_frameworks_share_a_name_and_each_reads_its_own() -> None:
    """Flask reads the first cookie of a name, Starlette the last."""
    pairs = cookies_of(python_sessions(MADE, key="dev"))
    assert pairs == [
        ("session", of_flask(MADE, key="dev")), ("sessionid", of_django(MADE, key="dev")),
        ("session", of_starlette(MADE, key="dev")),
    ]  # fmt: skip


def test_each_session_of_node_has_its_signature_beside_it() -> None:
    pairs = dict(cookies_of(node_sessions(MADE, key="key1")))
    for name in ("session", "koa.sess", "express:sess"):
        assert json.loads(base64.b64decode(pairs[name]))["user"] == {"id": 1, "role": "admin"}
        made = hmac.new(b"key1", f"{name}={pairs[name]}".encode(), "sha1").digest()
        assert pairs[f"{name}.sig"] == url_base64(made)
    assert unquote(pairs["user"]).startswith("s:admin.")


def test_the_seal_of_iron_session_holds_until_the_year_2100() -> None:
    content, _, mac = SEALED_BY_IRON_SESSION.removesuffix("~2").rpartition("*")
    content, _, salt = content.rpartition("*")
    key = hashlib.pbkdf2_hmac("sha1", b"complex_password_at_least_32_characters_long", salt.encode(), 1, 32)
    assert url_base64(hmac.new(key, content.encode(), "sha256").digest()) == mac
    assert int(content.rpartition("*")[2]) // 1000 == 4_102_444_800
    assert {value for _, value in cookies_of(sealed_sessions(MADE))} == {SEALED_BY_IRON_SESSION}
    names = [name for name, _ in cookies_of(sealed_sessions(MADE))]
    assert ("one" in names, "authjs.session-token" in names) == (True, False)  # Auth.js seals in its own way


def test_a_session_in_base64_is_one_that_nobody_signed() -> None:
    assert json.loads(base64.b64decode(unquote(in_base_64(MADE))))["id"] == 1


@pytest.mark.parametrize("entry", LADDER, ids=[entry.name for entry in LADDER])
def test_servers_take_the_headers_of_each_credential(entry: object) -> None:
    made = next(each for each in LADDER if each is entry).make(MADE)
    assert sum(len(name) + len(value) + 4 for name, value in made.headers) < MOST_BYTES


def test_a_plan_says_when_its_sessions_were_signed(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    """A time of signing that is to come, or too long ago, is refused by itself."""
    profile = profile_of("profile: p\nabout: A.\nguards: {session: 401}\n")
    plan = plan_of([routes_of("GET /a")], profile, depth=Depth.DEEP, whole=True, signed_at=1_800_000_000)
    [probe] = [probe for probe in plan.probes if probe.credential.name == "session-signed-in-python-dev"]
    at = dict(cookies_of((("Cookie", dict(probe.request.headers)["Cookie"]),)))["sessionid"].split(":")[1]
    assert at == of_django(replace(MADE, signed_at=1_800_000_000), key="dev").split(":")[1]
