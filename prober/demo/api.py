"""What stands behind the locks: handlers that look at the body, know a few ids, and count what they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from prober.demo.answers import failure, invalid, json_answer, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.responses import Response

    from prober.demo.call import Call, Handler
    from prober.demo.effects import Effects
    from prober.demo.state import State
    from prober.model import JsonValue

KNOWN_IDS = frozenset({"demo-0001", "demo-org-0001", "demo-user-0001", "demo-machine-0001"})
CREATED = 201


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What a body must hold: texts that must be there, and what others must be when they are."""

    texts: tuple[str, ...] = ()
    texts_if_given: tuple[str, ...] = ()
    counts_if_given: tuple[str, ...] = ()

    def problems(self, fields: Mapping[str, JsonValue]) -> tuple[str, ...]:
        """Name the fields that are missing or wrong."""
        wrong = [name for name in self.texts if not _is_text(fields.get(name))]
        wrong += [name for name in self.texts_if_given if name in fields and not _is_text(fields[name])]
        wrong += [name for name in self.counts_if_given if name in fields and not _is_count(fields[name])]
        return tuple(wrong)


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value)


def _is_count(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


# --- effects ----------------------------------------------------------------------------------------------------------


def _writes(effects: Effects) -> None:
    effects.writes += 1


def _erases(effects: Effects) -> None:
    effects.erasures += 1


def _spends(effects: Effects) -> None:
    effects.spent += 1


def _mails(effects: Effects) -> None:
    effects.writes += 1
    effects.mails += 1


def _hands_out(effects: Effects) -> None:
    effects.keys += 1


# --- sorts of handlers ------------------------------------------------------------------------------------------------


def reads(value: JsonValue) -> Handler:
    """Answer with what is stored; where the path names an id, only for one that exists."""

    def answer(call: Call, _state: State) -> Response:
        return missing() if _names_nothing(call) else json_answer(value)

    return answer


def changes(
    schema: Schema | None = None, *, tally: Callable[[Effects], None] = _writes, status: int = 200, absent: int = 404
) -> Handler:
    """Check the body, then the id, then do it; None takes no body."""

    def answer(call: Call, state: State) -> Response:
        if schema is not None:
            if call.json() is None:
                return failure("internal", 500)  # request.json() throws, and nobody catches it
            problems = schema.problems(call.fields())
            if problems:
                return invalid(*problems)
        if _names_nothing(call):
            return failure("not_found" if absent == 404 else "not_found_or_forbidden", absent)  # noqa: PLR2004
        tally(state.effects)
        return json_answer({"ok": True, "id": "demo-0001"}, status)

    return answer


def _names_nothing(call: Call) -> bool:
    return any(value not in KNOWN_IDS for value in call.parameters.values())


def any_route(call: Call, state: State) -> Response:
    """Answer for a route that has no handler of its own, so that a new line of YAML is served at once."""
    if call.method in {"GET", "HEAD"}:
        return reads({"items": [{"id": "demo-0001", "owner": "first.user@example.com"}]})(call, state)
    if call.method == "DELETE":
        return changes(tally=_erases)(call, state)
    if not call.fields():
        return invalid("body")
    return changes(status=CREATED)(call, state)


def migrate(_call: Call, state: State) -> Response:
    """Run the migrations; there is no body that could be wrong."""
    state.effects.migrations += 1
    return PlainTextResponse("Migrations applied successfully.")


def remind(_call: Call, state: State) -> Response:
    """Mail everybody who is late."""
    state.effects.mails += 3
    return json_answer({"ok": True, "sent": 3})


def ingest(call: Call, state: State) -> Response:
    """Store what a machine reports, if there is such a machine."""
    machine = call.word("machineId")
    if not machine:
        return invalid("machineId")
    if machine not in KNOWN_IDS:
        return missing("unknown_machine")
    state.effects.writes += 1
    return json_answer({"ok": True})


def create_voucher(call: Call, state: State) -> Response:
    """Mint a voucher. An empty object will do: every field has a default, as in the real one."""
    return changes(Schema(counts_if_given=("maxUses",)), tally=_hands_out, status=CREATED)(call, state)


_PERSON: JsonValue = {"id": "demo-user-0001", "email": "first.user@example.com", "name": "First User"}
_RULE: JsonValue = {
    "id": "demo-0001",
    "triggerText": "when deploying",
    "ruleText": "run the prober",
    "owner": "demo-user-0001",
}
_ROWS: JsonValue = [{"id": "demo-0001", "action": "token.create", "actor": "first.user@example.com", "ip": "192.0.2.7"}]
_NAME = Schema(texts=("name",))

HANDLERS: Mapping[str, Handler] = {
    "GET /api/healthz": reads({"ok": True, "version": "demo", "environment": None}),
    "GET /api/readyz": reads({"ok": True, "db": "up"}),
    "GET /api/me": reads({"user": _PERSON, "capabilities": {"meetingUploadEnabled": False}}),
    "POST /api/me/password": changes(Schema(texts=("currentPassword", "newPassword"))),
    "GET /api/knowledge": reads({"items": [_RULE], "nextCursor": None}),
    "POST /api/knowledge": changes(Schema(texts=("type", "triggerText", "ruleText")), status=CREATED),
    "POST /api/knowledge/retrieve": changes(Schema(texts=("prompt",)), tally=_spends),
    "GET /api/knowledge/:id": reads(_RULE),
    "PATCH /api/knowledge/:id": changes(Schema(texts=("scope",))),
    "DELETE /api/knowledge/:id": changes(tally=_erases),
    "POST /api/knowledge/:id": changes(Schema(texts=("action",)), status=CREATED),
    "POST /api/knowledge/:id/fork-to-project": changes(Schema(texts_if_given=("projectId",)), status=CREATED),
    "POST /api/knowledge/:id/promote": changes(),
    "GET /api/orgs": reads({"orgs": [{"id": "demo-org-0001", "name": "Demo", "projects": ["demo-0001"]}]}),
    "POST /api/orgs": changes(_NAME, status=CREATED),
    "GET /api/orgs/:orgId/audit-log": reads({"entries": _ROWS}),
    "GET /api/orgs/:orgId/members": reads({"members": [_PERSON]}),
    "POST /api/orgs/:orgId/invites": changes(Schema(texts=("email",)), tally=_mails, status=CREATED),
    "DELETE /api/orgs/:orgId/invites/:inviteId": changes(tally=_erases),
    "PATCH /api/orgs/:orgId/members/:userId": changes(Schema(texts=("role",))),
    "DELETE /api/orgs/:orgId/members/:userId": changes(tally=_erases),
    "GET /api/org/members": reads({"members": [_PERSON], "invites": [{"email": "invited.user@example.com"}]}),
    "GET /api/machines": reads({"machines": [{"id": "demo-machine-0001", "name": "Press 1"}]}),
    "GET /api/settings": reads({"org": "demo-org-0001", "timezone": "UTC", "alerts": ["first.user@example.com"]}),
    "GET /api/tokens": reads({"tokens": [{"id": "demo-0001", "name": "laptop", "lastUsedAt": None}]}),
    "POST /api/tokens": changes(_NAME, tally=_hands_out, status=CREATED),
    "DELETE /api/tokens/:id": changes(tally=_erases),
    "POST /api/tokens/:id/change": changes(tally=_hands_out),
    "PATCH /api/tokens/:id/scope": changes(Schema(texts=("projectId",))),
    "POST /api/tokens/test": changes(Schema(texts=("tokenId",))),
    "GET /api/sessions": reads({"sessions": [{"id": "demo-0001", "prompt": "how do we deploy?"}]}),
    "POST /api/projects": changes(Schema(texts=("orgId", "name")), status=CREATED),
    "PATCH /api/projects/:id": changes(Schema(texts_if_given=("name",))),
    "DELETE /api/projects/:id": changes(tally=_erases),
    "POST /api/projects/:id/activate": changes(absent=403),
    "POST /api/oracle": changes(Schema(texts=("question",)), tally=_spends),
    "POST /api/oracle/stream": changes(Schema(texts=("question",)), tally=_spends),
    "POST /api/oracle/feedback": changes(Schema(texts=("rating",))),
    "POST /api/meetings/extract": changes(Schema(texts=("transcript",)), tally=_spends),
    "POST /api/autoskill/proposals/:id": changes(Schema(texts=("action",))),
    "PATCH /api/autoskill/proposals/:id": changes(Schema(texts_if_given=("diff",))),
    "POST /api/invites/accept": changes(Schema(texts=("token",))),
    "GET /api/admin/users": reads({"users": [_PERSON], "roles": {"demo-user-0001": "admin"}}),
    "PATCH /api/admin/users/:id/role": changes(Schema(texts=("role",))),
    "GET /api/admin/vouchers": reads({"vouchers": [{"id": "demo-0001", "code": "DEMO-NOT-A-VOUCHER", "maxUses": 1}]}),
    "POST /api/admin/vouchers": create_voucher,
    "PATCH /api/admin/vouchers/:id": changes(Schema(counts_if_given=("maxUses",))),
    "DELETE /api/admin/vouchers/:id": changes(tally=_erases),
    "GET /api/admin/audit-log": reads({"entries": _ROWS}),
    "GET /api/admin/cost-ledger": reads(
        {"days": [{"day": "2026-01-01", "email": "first.user@example.com", "cents": 41}]}
    ),
    "POST /api/admin/gdpr/erase/:userId": changes(Schema(texts=("confirm", "reason")), tally=_erases),
    "POST /api/admin/knowledge/reset": changes(Schema(texts=("confirmPhrase",)), tally=_erases),
    "POST /api/migrate": migrate,
    "POST /api/downtime/actions/reminders": remind,
    "POST /api/ingest/kpi": ingest,
    "POST /api/ingest/event": ingest,
    "POST /api/ingest/reason": ingest,
    "POST /api/ingest/heartbeat": ingest,
}
