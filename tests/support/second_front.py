"""A payroll behind a second front: its definitions and answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.payroll import Asked, Says

if TYPE_CHECKING:
    from collections.abc import Callable

    Answers = Callable[[Asked], Says | None]

API, SHEET = "/api/payroll", "/payroll"
ALIVE = "  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}\n"
SURFACE = "surface: payroll\nabout: A.\nroutes:\n" + ALIVE
ROWS_GUARD = SURFACE + "  - {route: GET /api/payroll, guard: rows, why: w, fix: f}\n"
PROFILE = "profile: own\nabout: A.\npresents: {{rows: [bearer]}}\nguards: {{public: 200, rows: {}}}\n"


def api(says: Says) -> Answers:
    return lambda asked: says if asked.path == API else None


def ok(body: object) -> Says:
    return Says(status=200, body=json.dumps(body).encode())


EITHER = PROFILE.format("[401, 403, 409]")
