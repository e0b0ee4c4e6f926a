"""A success that refuses is compared with the other refusals of its guard: what all of them hold is no data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import Asked, Says, answering, run

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = """\
profile: own
about: A.
presents: {rows: [bearer]}
guards: {public: 200, rows: {status: 200, json: {message: sign in}, refuses: true}}
"""
SURFACE = """\
surface: payroll
about: A.
routes:
  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}
  - {route: GET /api/payroll, guard: rows, why: w, fix: f}
  - {route: GET /api/bonus, guard: rows, why: w, fix: f}
"""
REFUSAL = {"message": "sign in", "_links": {"entry": {"href": "/entry"}}, "hal": 1}


def says(body: object) -> Says:
    return Says(status=200, body=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("payroll", "outcome"),
    [
        pytest.param(REFUSAL, (0, ("locked", "as-promised")), id="what-all-refusals-hold"),
        pytest.param({**REFUSAL, "salary": 9, "iban": "XX1"}, (1, ("leak", "disclosed")), id="what-no-other-holds"),
    ],
)
def test_only_what_no_other_refusal_holds_is_data(
    payroll: object, outcome: tuple[int, tuple[str, str]], tmp_path: Path
) -> None:
    answers = {"/api/payroll": says(payroll), "/api/bonus": says(REFUSAL)}

    def answer(asked: Asked) -> Says | None:
        return answers.get(asked.path)

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "quick", surfaces=SURFACE, profile=PROFILE)
    assert (status, worst["/api/payroll"]) == outcome
