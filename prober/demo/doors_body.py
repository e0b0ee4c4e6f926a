"""Doors whose lock is in the body: forms that validate their fields, and take any token, none, or what is no token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.demo import entrance
from prober.demo.answers import FOUND, json_answer, redirect
from prober.demo.door import Door
from prober.demo.state import KNOWN_EMAIL, Mode
from prober.model import Depth, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.door import LockedRoute, Opens, Test
    from prober.demo.state import State
    from prober.model import JsonValue

_PASSWORD_MODES = (Mode.CREDENTIALS, Mode.CREDENTIALS_AND_OAUTH)
_CALLBACK = "login: POST /api/auth/callback/admin-credentials"
_FORGOT = "signup: POST /api/auth/forgot-password"
_REGISTER = "signup: POST /api/auth/register"
_RESET = "signup: POST /api/auth/reset-password"
_PAIR = "pairing: POST /api/machines/pair"
_SHORTEST_PASSWORD = 8


def _where(test: Test, handler: Opens) -> Opens:
    """Run this in place of the form where a test passes, and the form as it is where it does not."""

    def opens(call: Call, state: State, way: LockedRoute) -> Response:
        return handler(call, state, way) if test(call, state) else way.guarded(call, state)

    return opens


def _sets_password(_call: Call, state: State, _way: LockedRoute) -> Response:
    state.effects.writes += 1
    return json_answer({"ok": True})


def _signs_up(_call: Call, state: State, _way: LockedRoute) -> Response:
    return entrance.create_user(state)


def _pairs(_call: Call, state: State, _way: LockedRoute) -> Response:
    return entrance.hand_out_key(state)


def _has_token(is_taken: Callable[[tuple[JsonValue, ...]], bool]) -> Test:
    """Ask of a form with a new password whether its token is taken; the tuple is empty where it has none."""

    def test(call: Call, _state: State) -> bool:
        fields = call.fields()
        token = (fields["token"],) if "token" in fields else ()
        return len(call.word("newPassword")) >= _SHORTEST_PASSWORD and is_taken(token)

    return test


def _is_form(call: Call, _state: State) -> bool:
    return "@" in call.word("email") and len(call.word("password")) >= _SHORTEST_PASSWORD


def _is_form_without_voucher(call: Call, state: State) -> bool:
    return _is_form(call, state) and "voucher" not in call.fields()


def _looks_like_a_code(call: Call, _state: State) -> bool:
    return call.word("code").isalnum()


def _wants_another_field(call: Call, _state: State, _way: LockedRoute) -> Response:
    if call.word("confirmPassword"):
        return json_answer({"ok": True})
    return json_answer({"errors": {"confirmPassword": ["This field is required."]}}, 400)


def _is_unknown(call: Call, _state: State) -> bool:
    return "@" in call.word("email") and call.word("email") != KNOWN_EMAIL


def _says_nobody(_call: Call, _state: State, _way: LockedRoute) -> Response:
    return json_answer({"ok": True, "message": "There is no account with this address."})


def _is_known_name(call: Call, _state: State) -> bool:
    return call.form().get("username") == KNOWN_EMAIL


def _says_wrong_password(_call: Call, _state: State, _way: LockedRoute) -> Response:
    return redirect("/signin?error=WrongPassword&code=credentials", FOUND)


def _reset_door(name: str, about: str, caught_by: str, is_taken: Callable[[tuple[JsonValue, ...]], bool]) -> Door:
    return Door(
        name=name, about=about, at=(_RESET,), opens=_where(_has_token(is_taken), _sets_password),
        caught_by=f"{_RESET} [{caught_by}]", allow_effects=("/api/auth/reset-password",),
    )  # fmt: skip


DOORS: tuple[Door, ...] = (
    _reset_door("reset-unread-token", "Fields are validated, and then a password is set with any text as its token.",
                "well-formed", lambda token: token != () and isinstance(token[0], str) and bool(token[0])),
    _reset_door("reset-token-left-out", "A token that is left out is no condition of the look-up, which finds a row.",
                "token-missing", lambda token: token == ()),
    _reset_door("reset-token-null", "A token of null equals that of everybody who never asked for a reset.",
                "token-null", lambda token: token == (None,)),
    _reset_door("reset-token-operator", "The token goes into a query of the database as it is, operators included.",
                "token-operator", lambda token: token != () and isinstance(token[0], dict)),
    _reset_door("reset-token-list", "An empty list is compared with an empty column, by a loose equality.",
                "token-list", lambda token: token == ([],)),
    Door(
        name="reset-wants-another-field", about="A form that wants a field more takes any token, once it is filled in.",
        at=(_RESET,), opens=_wants_another_field, verdict=Verdict.UNPROVEN, reason=Reason.FORM_REJECTED,
        caught_by=f"{_RESET} [well-formed]", allow_effects=("/api/auth/reset-password",),
    ),
    Door(
        name="registration-any-voucher", about="A whole form makes an account, whatever its voucher is.",
        modes=(Mode.CREDENTIALS,), at=(_REGISTER,), opens=_where(_is_form, _signs_up),
        caught_by=f"{_REGISTER} [well-formed]", allow_effects=("/api/auth/register",),
    ),
    Door(
        name="registration-without-voucher", about="A voucher is only looked up where the form has one.",
        modes=(Mode.CREDENTIALS,), at=(_REGISTER,), opens=_where(_is_form_without_voucher, _signs_up),
        caught_by=f"{_REGISTER} [token-missing]", allow_effects=("/api/auth/register",),
    ),
    Door(
        name="pairing-any-sound-code", about="Codes are validated by their letters, and then a key is handed out.",
        at=(_PAIR,), opens=_where(_looks_like_a_code, _pairs), caught_by=f"{_PAIR} [well-formed]",
        reason=Reason.DISCLOSED, allow_effects=("/api/machines/pair",),
    ),
    Door(
        name="forgot-password-names-accounts", about="The status is always 200, and the sentence tells who is known.",
        at=(_FORGOT,), opens=_where(_is_unknown, _says_nobody), hold=("known-email",), depth=Depth.DEEP,
        caught_by=f"{_FORGOT} [comparison]", verdict=Verdict.DRIFT, reason=Reason.TELLABLE,
        allow_effects=("/api/auth/forgot-password",),
    ),
    Door(
        name="sign-in-names-accounts", about="A wrong password ends elsewhere than an unknown name does.",
        modes=_PASSWORD_MODES, at=(_CALLBACK,), opens=_where(_is_known_name, _says_wrong_password),
        hold=("known-email",), depth=Depth.DEEP,
        caught_by=f"{_CALLBACK} [comparison]", verdict=Verdict.DRIFT, reason=Reason.TELLABLE,
    ),
)  # fmt: skip
