"""The demo's Auth.js: CSRF token, sign-in, session."""

from __future__ import annotations

import hashlib
from urllib.parse import unquote

import pytest

from prober.demo.answers import BUILD
from prober.demo.server import Demo, running
from tests.support.demo_client import CREDENTIALS, OAUTH, cookie, web

pytestmark = pytest.mark.integration


def test_csrf_cookie_seals_the_token_with_the_session_secret(demos: dict[str, Demo]) -> None:
    demo = demos[OAUTH]
    with web(demo) as client:
        answer = client.get("/api/auth/csrf")
    token, seal = unquote(answer.cookies["authjs.csrf-token"]).split("|")
    assert answer.json() == {"csrfToken": token}
    assert seal == hashlib.sha256((token + demo.secrets.session_secret).encode()).hexdigest()


def test_session_route_clears_only_the_cookie_that_is_used(demos: dict[str, Demo]) -> None:
    names = ("authjs.session-token", "__Secure-authjs.session-token", "next-auth.session-token")
    with web(demos[OAUTH]) as client:
        answer = client.get("/api/auth/session", headers={"Cookie": "; ".join(f"{name}=garbage" for name in names)})
        nobody = client.get("/api/auth/session")
    assert answer.json() is None
    assert [value.split("=")[0] for value in answer.headers.get_list("set-cookie")] == ["authjs.session-token"]
    assert "set-cookie" not in nobody.headers


@pytest.mark.parametrize(
    ("password", "with_token", "location"),
    [
        pytest.param("wrong", False, "/signin?error=MissingCSRF", id="without-its-token"),
        pytest.param("wrong", True, "/signin?error=CredentialsSignin&code=credentials", id="wrong-password"),
        pytest.param(None, False, "/signin?error=MissingCSRF", id="right-password-without-its-token"),
        pytest.param(None, True, "/", id="right-password"),
    ],
)
def test_password_sign_in_wants_token_and_password(
    demos: dict[str, Demo], password: str | None, location: str, *, with_token: bool
) -> None:
    demo = demos[CREDENTIALS]
    form = {"username": demo.secrets.admin_username, "password": password or demo.secrets.admin_password}
    with web(demo) as client:
        token = client.get("/api/auth/csrf").json()["csrfToken"]
        sent = {**form, "csrfToken": token} if with_token else form
        answer = client.post("/api/auth/callback/admin-credentials", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (302, location)


def test_signing_in_gives_a_session_that_opens() -> None:
    with running(CREDENTIALS) as demo, web(demo) as client:
        form = {"username": demo.secrets.admin_username, "password": demo.secrets.admin_password}
        form["csrfToken"] = client.get("/api/auth/csrf").json()["csrfToken"]
        client.post("/api/auth/callback/admin-credentials", data=form)
        assert client.get("/api/me").status_code == 200
        assert demo.effects.sessions == 1


def test_password_sign_in_is_no_provider_in_oauth_mode(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as client:
        answer = client.post("/api/auth/callback/admin-credentials", data={"username": "x"})
    assert answer.headers["location"] == "/api/auth/error?error=Configuration"


@pytest.mark.parametrize(
    ("mode", "handed_out"),
    [
        pytest.param(OAUTH, ["authjs.pkce.code_verifier"], id="oauth"),
        pytest.param("credentials+oauth", ["authjs.pkce.code_verifier"], id="both"),
        pytest.param(CREDENTIALS, [], id="without-github"),
    ],
)
def test_beginning_to_sign_in_at_github_hands_out_a_verifier_to_who_has_the_token(
    demos: dict[str, Demo], mode: str, handed_out: list[str]
) -> None:
    with web(demos[mode]) as client:
        without = client.post("/api/auth/signin/github", data={"json": "true"})
        form = {"json": "true", "csrfToken": client.get("/api/auth/csrf").json()["csrfToken"]}
        begun = client.post("/api/auth/signin/github", data=form)
        verifier = begun.cookies.get("authjs.pkce.code_verifier") or ""
    with web(demos[mode]) as client:
        assert client.get("/api/me", headers=cookie(verifier)).status_code == 401
    assert (without.headers["location"], list(without.cookies)) == ("/signin?error=MissingCSRF", [])
    assert list(begun.cookies) == handed_out


@pytest.mark.parametrize("path", ["/signin", "/nonesuch"])
def test_each_page_says_which_build_it_is_of_and_serves_no_data_beside_it(demos: dict[str, Demo], path: str) -> None:
    with web(demos[OAUTH]) as client:
        assert f'"buildId":"{BUILD}"' in client.get(path).text
        assert client.get(f"/_next/data/{BUILD}/admin/users.json").status_code == 404


def test_sign_out_and_github_callback_refuse_strangers(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as client:
        assert client.post("/api/auth/signout").headers["location"] == "/signin?error=MissingCSRF"
        assert client.get("/api/auth/callback/github").headers["location"] == "/api/auth/error?error=Configuration"
