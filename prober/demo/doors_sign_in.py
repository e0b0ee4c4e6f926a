"""Doors in signing in and signing up: Auth.js that fails open, and forms that take what they should look up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.demo import auth_js, entrance
from prober.demo.answers import FOUND, SERVER_CONFIGURATION, failure, json_answer, redirect
from prober.demo.door import Door, answers, behaves_as, lets_in
from prober.demo.state import Mode
from prober.model import Depth, Reason, Verdict

if TYPE_CHECKING:
    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.door import LockedRoute
    from prober.demo.state import State

_PASSWORD_MODES = (Mode.CREDENTIALS, Mode.CREDENTIALS_AND_OAUTH)
_CALLBACK = "login: POST /api/auth/callback/admin-credentials"


def _without_secret(call: Call, state: State, way: LockedRoute) -> Response:
    """Auth.js v5 before beta 32: auth() gives an error, which is truthy, and `if (!session)` lets everybody in."""
    if call.path.startswith("/api/auth/"):
        return auth_js.broken_sign_in()
    if call.path == "/api/me":
        return json_answer({"user": {"message": SERVER_CONFIGURATION}})
    return way.handler(call, state)


def _in_production(state: State) -> State:
    return replace(state, settings=replace(state.settings, production=True))


def _sign_in(_call: Call, state: State) -> Response:
    return entrance.sign_in(state)


def _sign_up(_call: Call, state: State) -> Response:
    return entrance.create_user(state)


def _claim(_call: Call, state: State) -> Response:
    state.effects.keys += 1
    entrance.create_user(state)
    return json_answer({"userId": "demo-user-0002", "mcp": "bp_demo-not-a-token"}, 201)


def _show_any_invite(_call: Call, _state: State) -> Response:
    return entrance.invitation()


def _reset(_call: Call, state: State) -> Response:
    state.effects.writes += 1
    return json_answer({"ok": True})


def _tells_who_exists(_call: Call, _state: State) -> Response:
    return failure("no_such_user", 400)


def _signs_out(_call: Call, _state: State) -> Response:
    return redirect("/", FOUND)


def _signs_in_without_state(_call: Call, state: State) -> Response:
    state.effects.sessions += 1
    return redirect("/", FOUND)


def _anybody(call: Call, state: State) -> Response:
    if call.session is None:
        return auth_js.session(call, state)
    return json_answer({"user": {"name": call.session[:20]}, "expires": "2099-01-01T00:00:00.000Z"})


def _has_bearer(call: Call, _state: State) -> bool:
    return call.bearer is not None


DOORS: tuple[Door, ...] = (
    Door(
        name="auth-secret-missing", about="AUTH_SECRET is unset, and the error of auth() counts as a session.",
        at=("guard:session", "guard:auth-public", "guard:auth-session"), opens=_without_secret, depth=Depth.QUICK,
        caught_by="knowledge: GET /api/knowledge [anonymous]",
    ),
    Door(
        name="session-for-anybody", about="/api/auth/session accepts any cookie value as a user name.",
        at=("auth: GET /api/auth/session",), opens=answers(_anybody),
        caught_by="auth: GET /api/auth/session [bogus-cookie]", verdict=Verdict.DRIFT, reason=Reason.WRONG_BODY,
    ),
    Door(
        name="session-api-any-bearer", about="getToken() reads bearers too; this route only checks for one.",
        at=("me: GET /api/me",), opens=lets_in(_has_bearer), caught_by="me: GET /api/me [bogus-bearer]",
    ),
    Door(
        name="sign-in-any-password", about="authorize() returns the administrator without comparing the password.",
        modes=_PASSWORD_MODES, at=(_CALLBACK,), opens=answers(auth_js.password_sign_in(auth_js.accept_any)),
        caught_by=f"{_CALLBACK} [anonymous]",
    ),
    Door(
        name="sign-out-without-token", about="skipCSRFCheck: any web page can end a member's session.",
        at=("auth: POST /api/auth/signout",), opens=answers(_signs_out), depth=Depth.QUICK,
        caught_by="auth: POST /api/auth/signout [anonymous]",
    ),
    Door(
        name="callback-without-state", about="The GitHub callback signs in without the state that it should compare.",
        at=("auth: GET /api/auth/callback/github",), opens=answers(_signs_in_without_state), depth=Depth.QUICK,
        caught_by="auth: GET /api/auth/callback/github [anonymous]",
    ),
    Door(
        name="login-any-password", about="POST /api/login signs in any client that sends a password (002:90).",
        at=("password-login: POST /api/login",), opens=answers(_sign_in),
        caught_by="password-login: POST /api/login [anonymous]",
    ),
    Door(
        name="registration-open", about="The user row is written before anything is checked, even the voucher.",
        modes=(Mode.OAUTH, Mode.CREDENTIALS), at=("signup: POST /api/auth/register",), opens=answers(_sign_up),
        caught_by="signup: POST /api/auth/register [anonymous]",
    ),
    Door(
        name="reset-any-token", about="A new password is set with any token.",
        at=("signup: POST /api/auth/reset-password",), opens=answers(_reset), depth=Depth.QUICK,
        caught_by="signup: POST /api/auth/reset-password [anonymous]",
    ),
    Door(
        name="forgot-password-tells", about="The answer reveals which addresses have accounts (003:255).",
        at=("signup: POST /api/auth/forgot-password",), opens=answers(_tells_who_exists),
        caught_by="signup: POST /api/auth/forgot-password [anonymous]",
        verdict=Verdict.DRIFT, reason=Reason.WRONG_STATUS,
    ),
    Door(
        name="invite-any-token", about="Any token shows an invite, with the address it was sent to (002:47).",
        at=("invite-links: GET /api/invites/:token",), opens=answers(_show_any_invite), depth=Depth.QUICK,
        caught_by="invite-links: GET /api/invites/:token [anonymous]", reason=Reason.DISCLOSED,
    ),
    Door(
        name="invite-sign-up-any-token", about="An account is made before the invite is looked up.",
        at=("invites: POST /api/invites/signup",), opens=answers(_sign_up), depth=Depth.QUICK,
        caught_by="invites: POST /api/invites/signup [anonymous]",
    ),
    Door(
        name="claim-without-voucher", about="Onboarding hands out an account and an MCP token without a voucher.",
        at=("onboarding: POST /api/onboard/claim",), opens=answers(_claim),
        caught_by="onboarding: POST /api/onboard/claim [anonymous]", reason=Reason.DISCLOSED,
    ),
    Door(
        name="dev-shim-in-production", about="NODE_ENV=production refuses the dev shim, which the profile expects.",
        modes=(Mode.DEV_SHIM,), at=("guard:session", "guard:session-page"), opens=behaves_as(_in_production),
        caught_by="me: GET /api/me [anonymous]", verdict=Verdict.DRIFT, reason=Reason.BROKEN, depth=Depth.QUICK,
    ),
)  # fmt: skip
