"""Doors that a request alone does not tell: at another address or replica, and for ids of one shape."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from prober.demo.answers import json_answer, not_found_page
from prober.demo.door import Door, unlocked
from prober.demo.doors_paths import ME
from prober.model import Depth

if TYPE_CHECKING:
    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.door import LockedRoute, Opens
    from prober.demo.state import State

_RECORD = "knowledge: GET /api/knowledge/:id"
_REPLICAS = 5
_turn = itertools.count(1)


def _is_another_build(call: Call, state: State, way: LockedRoute) -> Response:
    """Let each fifth of the plain requests in, as where one replica of five has an older build."""
    plain = not call.query and not {"authorization", "cookie", "x-lockdown-probe"} & set(call.headers)
    return way.handler(call, state) if plain and next(_turn) % _REPLICAS == 0 else way.guarded(call, state)


def _only_for_ids(shape: str) -> Opens:
    """Serve records by ids of this shape to everybody, and know no path with another one."""

    def opens(call: Call, _state: State, _way: LockedRoute) -> Response:
        given = call.parameters["id"]
        if not re.fullmatch(shape, given):
            return not_found_page(call.path)
        return json_answer({"id": given, "title": "Salaries", "body": "Each earns 41000 a year.", "owner": "ann"})

    return opens


ELSEWHERE = Door(
    name="another-address-open", about="The machine at another address of the name has no guard.",
    at=(ME,), opens=unlocked, caught_by=f"{ME} [anonymous]", depth=Depth.QUICK,
)  # fmt: skip
REPLICA = Door(
    name="one-replica-of-five-open", about="One of five replicas behind an address runs a build without the guard.",
    at=(ME,), opens=_is_another_build, caught_by=f"{ME} [samples]", depth=Depth.QUICK,
)  # fmt: skip
IDS: tuple[Door, ...] = tuple(
    Door(
        name=f"ids-{name}-open", about=f"Ids are {about}, and whoever asks by one gets the record.",
        at=(_RECORD,), opens=_only_for_ids(shape), caught_by=f"{_RECORD} [anonymous]",
    )
    for name, shape, about in (
        ("of-digits", r"\d+", "numbers"), ("with-a-dot", r"[\w-]+\.\w+", "names of files"),
        ("of-documents", r"[0-9a-f]{24}", "those of a document database"),
    )
)  # fmt: skip
