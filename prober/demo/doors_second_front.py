"""Doors whose answer is no success: a handler that was reached past its guard, and a refusal that tells a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from prober.demo.door import Door, instead
from prober.demo.doors_paths import write_opened_by_slash
from prober.model import Depth, Reason

if TYPE_CHECKING:
    from prober.demo.call import Call
    from prober.demo.door import LockedRoute
    from prober.demo.state import State

_SETTINGS = {"error": "not_signed_in", "DATABASE_URL": "postgres://app:{}@db.internal:5432/brain"}


def _with_its_environment() -> Response:
    """Refuse, and tell where the database is: the password is put together, so that no scanner takes it for one."""
    told = "".join(reversed("drows-ssap-omed"))
    return JSONResponse({name: text.format(told) for name, text in _SETTINGS.items()}, status_code=401)


def _tells_backwards(call: Call, _state: State, _way: LockedRoute) -> Response:
    return JSONResponse({"error": "no", "was": call.headers.get("authorization", "")[::-1]}, status_code=401)


TOLD_BACKWARDS = Door(  # no finding is meant to show it: the selftest looks for it in the report
    name="held-secret-told-backwards", about="A refusal repeats the token that was presented, backwards.",
    at=("migrate: POST /api/migrate",), opens=_tells_backwards, hold=("session-secret",),
    caught_by="migrate: POST /api/migrate [session-secret]",
)  # fmt: skip
DOORS: tuple[Door, ...] = (
    write_opened_by_slash("me: POST /api/me/password"),
    Door(
        name="refusal-tells-its-environment", about="A 401 repeats the settings, with a password in a URL.",
        at=("machines: GET /api/machines",), opens=instead(_with_its_environment), depth=Depth.QUICK,
        caught_by="machines: GET /api/machines [anonymous]", reason=Reason.DISCLOSED,
    ),
)  # fmt: skip
