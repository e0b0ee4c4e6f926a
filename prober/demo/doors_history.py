"""Doors that really stood open, in the Brain Platform and in MIS Control Tower, each with the report of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.demo import entrance
from prober.demo.answers import failure, json_answer, not_found_page
from prober.demo.door import Door, answers, behaves_as, lets_in, unlocked
from prober.demo.state import Mode
from prober.model import Depth, Reason, Verdict

if TYPE_CHECKING:
    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.state import State

_ALL_LOCKS = ("guard:session", "guard:session-page", "guard:session-if-enabled", "guard:admin", "guard:org-role")
_SHIM = (*_ALL_LOCKS, "guard:admin-page", "guard:sign-in-page")


def _as_dev_shim(state: State) -> State:
    return replace(state, mode=Mode.DEV_SHIM)


def _not_found(call: Call, _state: State) -> Response:
    return not_found_page(call.path)


def _internal(_call: Call, _state: State) -> Response:
    return failure("internal", 500)


def _members_and_tokens(_call: Call, _state: State) -> Response:
    invited = {"email": "invited.user@example.com", "inviteToken": entrance.NOT_A_KEY}
    return json_answer({"members": [{"id": "demo-user-0001", "email": "first.user@example.com"}], "invites": [invited]})


def _pair_with_any_code(_call: Call, state: State) -> Response:
    return entrance.hand_out_key(state)


def _has_some_session(call: Call, _state: State) -> bool:
    return call.session is not None


DOORS: tuple[Door, ...] = (
    Door(
        name="unconfigured-falls-through",
        about="With no mode chosen, everyone was the first user (Brain Platform, before 2026-04-23).",
        modes=(Mode.UNCONFIGURED,), at=_SHIM, opens=behaves_as(_as_dev_shim), depth=Depth.QUICK,
        caught_by="knowledge: GET /api/knowledge [anonymous]",
    ),
    Door(
        name="dev-shim-behind-oauth",
        about="AUTH_GITHUB_ID is empty and ALLOW_DEV_AUTH true: the operator believes in OAuth (2026-04-24).",
        at=_SHIM, opens=behaves_as(_as_dev_shim), depth=Depth.QUICK,
        caught_by="me: GET /api/me [anonymous]",
    ),
    Door(
        name="settings-tokens-open",
        about="/settings/tokens answers strangers 200, with the form that creates tokens (until 2026-07-10).",
        at=("pages: GET /settings/tokens",), opens=unlocked, depth=Depth.QUICK,
        caught_by="pages: GET /settings/tokens [anonymous]",
    ),
    Door(
        name="knowledge-missing",
        about="/api/knowledge answers 404: verify-lockdown.sh warned and exited 0.",
        at=("knowledge: GET /api/knowledge",), opens=answers(_not_found), depth=Depth.QUICK,
        caught_by="knowledge: GET /api/knowledge [anonymous]", verdict=Verdict.DRIFT, reason=Reason.MISSING,
    ),
    Door(
        name="knowledge-broken",
        about="/api/knowledge answers 500: verify-lockdown.sh warned and exited 0.",
        at=("knowledge: GET /api/knowledge",), opens=answers(_internal), depth=Depth.QUICK,
        caught_by="knowledge: GET /api/knowledge [anonymous]", verdict=Verdict.DRIFT, reason=Reason.BROKEN,
    ),
    Door(
        name="members-with-invite-tokens",
        about="GET /api/org/members has no role check and returns raw invite tokens (002:41, 002:46).",
        at=("members: *",), opens=answers(_members_and_tokens), depth=Depth.QUICK,
        caught_by="members: GET /api/org/members [anonymous]", reason=Reason.DISCLOSED,
    ),
    Door(
        name="pairing-any-code",
        about="Any pairing code is answered with a machine's API key (002:65, 002:70).",
        at=("pairing: *",), opens=answers(_pair_with_any_code), depth=Depth.QUICK,
        caught_by="pairing: POST /api/machines/pair [anonymous]", reason=Reason.DISCLOSED,
    ),
    Door(
        name="reminders-any-session",
        about="If its secret is not set, the reminders job accepts any session (002:18, 002:22).",
        at=("reminders: *",), opens=lets_in(_has_some_session), allow_effects=("/api/downtime/actions/reminders",),
        caught_by="reminders: POST /api/downtime/actions/reminders [bogus-cookie]",
    ),
)  # fmt: skip
