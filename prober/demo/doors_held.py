"""Doors that open to somebody else's key, or only to several requests: held secrets, sessions, limits, sameness."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prober.demo import mcp
from prober.demo.answers import failure, not_signed_in
from prober.demo.door import Door, answers, instead, lets_in
from prober.demo.keys import is_key
from prober.demo.state import KNOWN_EMAIL
from prober.model import Depth, Reason, Verdict

if TYPE_CHECKING:
    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.door import LockedRoute, Test
    from prober.demo.state import State

_LOGIN = "password-login: POST /api/login"
_BCRYPT = 0.05  # seconds: less than the real one takes, more than anything else here
_LIMIT = 4
_LIMITED = (("POST /api/login", _LIMIT),)
_TOKENS = ("mcp-token", "mcp-token-2")


def _is_any_user(call: Call, state: State) -> bool:
    return state.user_of(call.session) is not None


def _is_session_secret(call: Call, state: State) -> bool:
    return is_key(call.bearer, state.secrets.session_secret)


def _is_machine(call: Call, state: State) -> bool:
    return is_key(call.bearer or call.headers.get("x-api-key"), state.secrets.machine_key)


def _is_any_token(call: Call, state: State) -> bool:
    """The tokens are checked, and whose session it is is not."""
    return any(is_key(call.bearer, token) for token in (state.secrets.mcp_token, state.secrets.mcp_token_2))


def _is_second_user_closing(call: Call, state: State) -> bool:
    return call.method == "DELETE" and _is_any_token(call, state)


def _metadata_elsewhere() -> Response:
    challenge = 'Bearer resource_metadata="https://auth.example.com/.well-known/oauth-protected-resource"'
    return mcp.rpc_error(-32001, "Authentication required", 401, {"WWW-Authenticate": challenge})


def _refuses_everybody(_call: Call, _state: State) -> Response:
    return not_signed_in()


def _knows(call: Call) -> bool:
    return call.word("email") == KNOWN_EMAIL


def _names_unknown_accounts(call: Call, state: State, way: LockedRoute) -> Response:
    return way.guarded(call, state) if _knows(call) else failure("no_such_account", 404)


def _compares_known_passwords_only(call: Call, state: State, way: LockedRoute) -> Response:
    if _knows(call):
        time.sleep(_BCRYPT)  # the demo answers one request at a time, as one process of the real one computes
    return way.guarded(call, state)


def _as_ever(call: Call, state: State, way: LockedRoute) -> Response:
    return way.guarded(call, state)


def _limited_by_address(call: Call, state: State, way: LockedRoute) -> Response:
    """Count by the address that the request names."""
    return way.guarded(call, state) if state.login_limiter.take(call.client).allowed else failure("rate_limited", 429)


def _held_door(
    name: str, about: str, at: str, test: Test, hold: str, caught_by: str, *, allow_effects: tuple[str, ...] = ()
) -> Door:
    return Door(
        name=name, about=about, at=(at,), opens=lets_in(test), hold=(hold,), caught_by=f"{caught_by} [{hold}]",
        allow_effects=allow_effects,
    )  # fmt: skip


DOORS: tuple[Door, ...] = (
    _held_door("migrations-by-session-secret", "NEXTAUTH_SECRET runs migrations too (000:20).",
               "migrate: POST /api/migrate", _is_session_secret, "session-secret", "migrate: POST /api/migrate"),
    _held_door("reminders-by-any-member", "The job that mails everybody takes any member's session (002:18).",
               "reminders: *", _is_any_user, "member-session", "reminders: POST /api/downtime/actions/reminders",
               allow_effects=("*",)),
    _held_door("members-by-any-member", "Any member reads the invitation tokens (002:41).",
               "members: GET /api/org/members", _is_any_user, "member-session", "members: GET /api/org/members"),
    _held_door("admin-by-any-member", "requireAdmin() asks for a session only (003:31).",
               "guard:admin", _is_any_user, "member-session", "admin: GET /api/admin/users"),
    _held_door("admin-pages-by-any-member", "The admin pages ask for a session only (003:81).",
               "guard:admin-page", _is_any_user, "member-session", "admin-pages: GET /admin/users"),
    _held_door("admin-by-a-machine", "A machine's key opens the admin API.",
               "guard:admin", _is_machine, "machine-key", "admin: GET /api/admin/users"),
    Door(
        name="nobody-gets-in", about="The guard refuses everyone, members too: it looks locked, but is broken.",
        at=("me: GET /api/me",), opens=answers(_refuses_everybody), hold=("witness",),
        caught_by="me: GET /api/me [witness]", verdict=Verdict.UNPROVEN, reason=Reason.KEY_REFUSED,
    ),
    Door(
        name="mcp-session-of-another", about="Any valid token can use the session of another token (003:100).",
        at=("mcp: POST /mcp*",), opens=lets_in(_is_any_token), hold=_TOKENS,
        caught_by="mcp: POST /mcp initialize [session-binding]", reason=Reason.NOT_BOUND,
    ),
    Door(
        name="mcp-close-session-of-another", about="Any valid token can end the session of another token.",
        at=("mcp: DELETE /mcp close", "mcp: DELETE /mcp unknown-session"), opens=lets_in(_is_second_user_closing),
        hold=_TOKENS, caught_by="mcp: POST /mcp initialize [session-binding]", reason=Reason.NOT_BOUND,
    ),
    Door(
        name="mcp-metadata-elsewhere", about="The challenge sends clients to another host's metadata (RFC 9728).",
        at=("mcp: *",), opens=instead(_metadata_elsewhere),
        caught_by="mcp: POST /mcp initialize [challenge]", verdict=Verdict.DRIFT, reason=Reason.WRONG_METADATA,
    ),
    Door(
        name="login-names-accounts", about="Sign-in answers 404 for an address without an account.",
        at=(_LOGIN,), opens=_names_unknown_accounts, hold=("known-email",), depth=Depth.DEEP,
        caught_by=f"{_LOGIN} [comparison]", verdict=Verdict.DRIFT, reason=Reason.TELLABLE,
    ),
    Door(
        name="login-slower-for-accounts", about="Only a known address has its password compared, which takes time.",
        at=(_LOGIN,), opens=_compares_known_passwords_only, hold=("known-email",), depth=Depth.DEEP,
        caught_by=f"{_LOGIN} [comparison]", verdict=Verdict.DRIFT, reason=Reason.TELLABLE,
    ),
    Door(
        name="login-without-limit", about="Passwords can be guessed without a limit, although a limit is declared.",
        at=(_LOGIN,), opens=_as_ever, limits=_LIMITED, depth=Depth.DEEP,
        caught_by=f"{_LOGIN} [burst]", verdict=Verdict.DRIFT, reason=Reason.UNLIMITED,
    ),
    Door(
        name="login-limit-by-header", about="The limit counts by X-Forwarded-For, which any client can set.",
        at=(_LOGIN,), opens=_limited_by_address, limits=_LIMITED, depth=Depth.DEEP,
        caught_by=f"{_LOGIN} [burst]", verdict=Verdict.DRIFT, reason=Reason.LIMIT_EVADED,
    ),
)  # fmt: skip
