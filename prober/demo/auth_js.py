"""Auth.js as the deployment shows it: providers, session, the CSRF token, sign-in and sign-out, and its failures.

Without a secret, as in dev-shim and unconfigured, everything here answers 500 and the routes beside it do not notice.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from prober.demo.answers import FOUND, SERVER_CONFIGURATION, json_answer, page, redirect
from prober.demo.call import SESSION_COOKIE
from prober.demo.keys import is_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.responses import Response

    from prober.demo.call import Call, Handler
    from prober.demo.state import State
    from prober.model import JsonValue

CSRF_COOKIE = "authjs.csrf-token"
VERIFIER_COOKIE = "authjs.pkce.code_verifier"
PASSWORD_PROVIDER = "admin-credentials"  # noqa: S105 - the name of a way to sign in
_COOKIE_RULES = "Path=/; HttpOnly; SameSite=Lax"
_MINUTES_15 = 900


def broken_sign_in() -> Response:
    """Answer as Auth.js does when it has no secret."""
    return json_answer({"message": SERVER_CONFIGURATION}, 500)


def _needs_secret(handler: Handler) -> Handler:
    """Answer 500 in the modes in which Auth.js has no secret."""

    def answer(call: Call, state: State) -> Response:
        return handler(call, state) if state.mode.has_sign_in else broken_sign_in()

    return answer


def _page_needs_secret(handler: Handler) -> Handler:
    def answer(call: Call, state: State) -> Response:
        return (
            handler(call, state)
            if state.mode.has_sign_in
            else page("Error", f"<h1>Server error</h1><p>{SERVER_CONFIGURATION}</p>", 500)
        )

    return answer


def providers(_call: Call, state: State) -> Response:
    """Name the ways to sign in."""
    found: dict[str, JsonValue] = {}
    if state.mode.has_github:
        found["github"] = _provider("github", "GitHub", "oauth")
    if state.mode.has_password:
        found[PASSWORD_PROVIDER] = _provider(PASSWORD_PROVIDER, "Admin login", "credentials")
    return json_answer(found)


def _provider(name: str, title: str, kind: str) -> JsonValue:
    links = {"signinUrl": f"/api/auth/signin/{name}", "callbackUrl": f"/api/auth/callback/{name}"}
    return {"id": name, "name": title, "type": kind, **links}


def session(call: Call, state: State) -> Response:
    """Say who is signed in: null is nobody. Garbage in the one cookie that is used clears that cookie and no other."""
    user = state.user_of(call.session)
    if user:
        person: JsonValue = {"name": user, "email": f"{user}@example.com"}
        return json_answer({"user": person, "expires": "2099-01-01T00:00:00.000Z"})
    answer = json_answer(None)
    if call.session is not None:
        answer.headers.append("Set-Cookie", f"{SESSION_COOKIE}=; Max-Age=0; {_COOKIE_RULES}")
    return answer


# --- the CSRF token ---------------------------------------------------------------------------------------------------


def csrf(call: Call, state: State) -> Response:
    """Hand out a token, and its seal in a cookie: token|sha256(token + secret)."""
    token = _sealed_token(call, state) or secrets.token_hex(32)
    answer = json_answer({"csrfToken": token})
    sealed = quote(f"{token}|{_seal(token, state)}", safe="")
    answer.headers.append("Set-Cookie", f"{CSRF_COOKIE}={sealed}; {_COOKIE_RULES}")
    return answer


def _seal(token: str, state: State) -> str:
    return hashlib.sha256(f"{token}{state.secrets.session_secret}".encode()).hexdigest()


def _sealed_token(call: Call, state: State) -> str | None:
    token, _, seal = unquote(call.cookies.get(CSRF_COOKIE, "")).partition("|")
    return token if is_key(seal, _seal(token, state)) else None


def _is_own_form(call: Call, state: State) -> bool:
    return is_key(call.form().get("csrfToken"), _sealed_token(call, state) or "")


def _needs_csrf(handler: Handler) -> Handler:
    """Let only a form of our own through; others end at the sign-in page."""

    def answer(call: Call, state: State) -> Response:
        return handler(call, state) if _is_own_form(call, state) else _end_at(call, "/signin?error=MissingCSRF")

    return answer


# --- sign in, sign out ------------------------------------------------------------------------------------------------


def accept_any(_call: Call, _state: State) -> bool:
    """Take any password: for the door that does."""
    return True


def _is_administrator(call: Call, state: State) -> bool:
    form, keys = call.form(), state.secrets
    return is_key(form.get("username"), keys.admin_username) and is_key(form.get("password"), keys.admin_password)


def password_sign_in(accepts: Callable[[Call, State], bool] = _is_administrator) -> Handler:
    """Sign the administrator in: 302 in any case, and only its location tells how it went."""

    def signed_in(call: Call, state: State) -> Response:
        if not accepts(call, state):
            return _end_at(call, "/signin?error=CredentialsSignin&code=credentials")
        state.effects.sessions += 1
        answer = _end_at(call, "/")
        answer.headers.append("Set-Cookie", f"{SESSION_COOKIE}={state.secrets.admin_session}; {_COOKIE_RULES}")
        return answer

    checked = _needs_csrf(signed_in)

    def answer(call: Call, state: State) -> Response:
        return checked(call, state) if state.mode.has_password else _end_at(call, "/api/auth/error?error=Configuration")

    return _page_needs_secret(answer)


def _end_at(call: Call, location: str) -> Response:
    if call.headers.get("x-auth-return-redirect"):
        return json_answer({"url": location})
    return redirect(location, FOUND)


def _to_github(call: Call, state: State) -> Response:
    """Begin a sign-in at GitHub, whose verifier waits in a cookie of its own for the way back."""
    if not state.mode.has_github:
        return _to_sign_in_page(call, state)
    answer = _end_at(call, "https://github.com/login/oauth/authorize?client_id=demo&code_challenge_method=S256")
    sealed = f"{_sealed(state)}; Max-Age={_MINUTES_15}; {_COOKIE_RULES}"
    answer.headers.append("Set-Cookie", f"{VERIFIER_COOKIE}={sealed}")
    return answer


def _sealed(state: State) -> str:
    """Five parts, like the JWE that Auth.js puts into each of its cookies; here the last one proves who sealed it."""
    head, vector, text = (secrets.token_urlsafe(size) for size in (24, 12, 48))
    signed = f"{head}..{vector}.{text}"
    return f"{signed}.{_seal(signed, state)}"


def is_sealed(value: str, state: State) -> bool:
    """Say whether this deployment sealed a cookie's value, for whatever purpose."""
    text, _, seal = value.rpartition(".")
    return is_key(seal, _seal(text, state))


def _without_state(call: Call, _state: State) -> Response:
    return _end_at(call, "/api/auth/error?error=Configuration")


def _to_sign_in_page(call: Call, _state: State) -> Response:
    back = call.query.get("callbackUrl", "/")
    return redirect(f"/signin?callbackUrl={quote(back, safe='')}", FOUND)


def _sign_out(call: Call, _state: State) -> Response:
    answer = _end_at(call, "/")
    answer.headers.append("Set-Cookie", f"{SESSION_COOKIE}=; Max-Age=0; {_COOKIE_RULES}")
    return answer


def _sign_out_page(_call: Call, _state: State) -> Response:
    return page("Sign out", "<h1>Signout</h1><p>Are you sure you want to sign out?</p>")


def _error_page(_call: Call, _state: State) -> Response:
    return page("Error", "<h1>Error</h1><p>This sign-in did not work.</p>")


HANDLERS: Mapping[str, Handler] = {
    "GET /api/auth/providers": _needs_secret(providers),
    "GET /api/auth/session": _needs_secret(session),
    "GET /api/auth/csrf": _needs_secret(csrf),
    "GET /api/auth/signin": _page_needs_secret(_to_sign_in_page),
    "POST /api/auth/signin": _page_needs_secret(_needs_csrf(_to_sign_in_page)),
    "POST /api/auth/signin/github": _page_needs_secret(_needs_csrf(_to_github)),
    f"POST /api/auth/signin/{PASSWORD_PROVIDER}": _page_needs_secret(_needs_csrf(_to_sign_in_page)),
    "GET /api/auth/signout": _page_needs_secret(_sign_out_page),
    "POST /api/auth/signout": _page_needs_secret(_needs_csrf(_sign_out)),
    "GET /api/auth/error": _page_needs_secret(_error_page),
    "GET /api/auth/callback/github": _page_needs_secret(_without_state),
    f"POST /api/auth/callback/{PASSWORD_PROVIDER}": password_sign_in(),
}
