"""Handlers that look for their key in the request itself: tokens of invites and resets, codes, passwords, vouchers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.demo.answers import failure, invalid, json_answer
from prober.demo.keys import is_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from prober.demo.call import Call, Handler
    from prober.demo.state import State

RESET_SENT = "If an account with this address exists, a message is on its way."
NOT_A_KEY = "demo-not-a-key-0001"
_SHORTEST_PASSWORD = 8


def forgot_password(call: Call, state: State) -> Response:
    """Answer everybody the same, also past the limit of three an hour; only within it is a mail sent."""
    window = state.reset_limiter.take(call.client)
    if window.allowed and "@" in call.word("email"):
        state.effects.mails += 1
    return json_answer({"ok": True, "message": RESET_SENT})


def _reset_password(call: Call, state: State) -> Response:
    if not call.word("token") or not call.word("newPassword"):
        return failure("invalid_request", 400)
    if not is_key(call.word("token"), state.secrets.reset_token):
        return failure("invalid_token", 400)
    if len(call.word("newPassword")) < _SHORTEST_PASSWORD:
        return failure("weak_password", 400)
    state.effects.writes += 1
    return json_answer({"ok": True})


def _register(call: Call, state: State) -> Response:
    if not state.mode.has_password:
        return failure("registration_unavailable", 403)
    if not state.registration_limiter.take(call.client).allowed:
        return failure("rate_limited", 429)
    return sign_up(call, state)


def sign_up(call: Call, state: State) -> Response:
    """Create an account for who has a voucher, as long as one is needed."""
    if "@" not in call.word("email") or not call.word("password"):
        return failure("invalid_request", 400)
    if len(call.word("password")) < _SHORTEST_PASSWORD:
        return failure("weak_password", 400)
    wants_voucher = state.settings.registration_requires_voucher
    if wants_voucher and not is_key(call.word("voucher"), state.secrets.voucher):
        return failure("voucher_required", 400)
    return create_user(state)


def create_user(state: State) -> Response:
    """Create a user, whoever asked."""
    state.effects.users += 1
    return json_answer({"ok": True, "userId": "demo-user-0002"}, 201)


def _has_invite(call: Call, state: State) -> bool:
    return is_key(call.parameters.get("token") or call.word("token"), state.secrets.invite_token)


def accept_invite(call: Call, state: State) -> Response:
    """Create a user for the holder of an invite's token."""
    needed = ("name", "password") if call.parameters.get("token") else ("token", "name", "password")
    if not all(call.word(name) for name in needed):
        return failure("invalid_request", 400)
    return create_user(state) if _has_invite(call, state) else failure("invite_not_found", 404)


def show_invite(call: Call, state: State) -> Response:
    """Show the holder of an invite's token what it is for."""
    return invitation() if _has_invite(call, state) else failure("invite_not_found", 404)


def invitation() -> Response:
    """Say whom an invite is for."""
    return json_answer({"invite": {"email": "invited.user@example.com", "org": "demo-org-0001", "role": "member"}})


def _login(call: Call, state: State) -> Response:
    if not call.word("email") or not call.word("password"):
        return invalid("email", "password")
    keys = state.secrets
    is_operator = is_key(call.word("email").split("@")[0], keys.admin_username)
    if not (is_operator and is_key(call.word("password"), keys.admin_password)):
        return failure("invalid_credentials", 401)
    return sign_in(state)


def sign_in(state: State) -> Response:
    """Open a session, whoever asked."""
    state.effects.sessions += 1
    return json_answer({"ok": True, "user": {"id": "demo-user-0001", "email": "first.user@example.com"}})


def pair(call: Call, state: State) -> Response:
    """Give a machine its key for a pairing code."""
    code = call.word("code")
    if not code.isalnum():
        return failure("invalid_code", 400)
    return hand_out_key(state) if is_key(code, state.secrets.pairing_code) else failure("unknown_code", 404)


def hand_out_key(state: State) -> Response:
    """Hand out a machine's key, whoever asked."""
    state.effects.keys += 1
    return json_answer({"machineId": "demo-machine-0001", "apiKey": NOT_A_KEY})


def _claim(call: Call, state: State) -> Response:
    if not state.settings.onboarding_enabled:
        message = "Agentic onboarding is disabled on this deployment."
        return json_answer({"error": "agentic_onboarding_disabled", "message": message}, 403)
    if not state.registration_limiter.take(call.client).allowed:
        return failure("rate_limited", 429)
    if not call.word("voucher") or "@" not in call.word("email"):
        return failure("invalid_request", 400)
    if not is_key(call.word("voucher"), state.secrets.voucher):
        return failure("voucher_invalid", 404)
    state.effects.keys += 1
    return create_user(state)


HANDLERS: Mapping[str, Handler] = {
    "POST /api/auth/forgot-password": forgot_password,
    "POST /api/auth/reset-password": _reset_password,
    "POST /api/auth/register": _register,
    "POST /api/signup": sign_up,
    "POST /api/login": _login,
    "POST /api/machines/pair": pair,
    "POST /api/invites/signup": accept_invite,
    "POST /api/invites/:token": accept_invite,
    "GET /api/invites/:token": show_invite,
    "POST /api/onboard/claim": _claim,
}
