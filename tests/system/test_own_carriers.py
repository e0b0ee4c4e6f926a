"""Whole runs at guards that look into a header of their own: an unset secret as text is found, a real lock stays locked."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.in_process import run_here
from tests.support.payroll import Asked, Says, answering

if TYPE_CHECKING:
    from pathlib import Path

SURFACES = """\
surface: payroll
about: What everybody earns.
routes:
  - {route: GET /api/healthz, guard: open, control: alive, why: w, fix: f}
  - {route: POST /api/bonus, guard: nightly, effect: repeats, why: w, fix: f}
  - {route: GET /api/payroll, guard: staff, admits: [witness], why: w, fix: f}
"""
PROFILE = """\
profile: own
about: x.
presents: {open: nothing, nightly: {header: X-Run-Key}, staff: basic}
guards: {open: 200, nightly: 401, staff: 401}
"""
DONE = Says(status=200, body=json.dumps({"done": [1, 2, 3]}).encode())


def staff(asked: Asked) -> bool:
    return asked.headers.get("authorization") == f"Basic {base64.b64encode(b'ann:a-fine-password').decode()}"


@pytest.mark.integration
@pytest.mark.parametrize(
    ("key", "status", "bonus"),
    [
        pytest.param("None", 1, ("leak", "granted"), id="unset-in-python"),
        pytest.param("", 1, ("leak", "granted"), id="set-to-nothing"),
        pytest.param("9f2c41d07b", 0, ("locked", "as-promised"), id="set"),
    ],
)
def test_the_text_of_an_unset_secret_is_found_in_a_header_of_ones_own(
    key: str, status: int, bonus: tuple[str, str], tmp_path: Path
) -> None:
    ran: list[str] = []

    def answer(asked: Asked) -> Says | None:
        if asked.path == "/api/bonus" and asked.headers.get("x-run-key") == key:
            ran.append(key)
            return DONE
        return DONE if asked.path == "/api/payroll" and staff(asked) else None

    with answering(answer) as url:
        done, worst = run_here(
            tmp_path, url, surface=SURFACES, profile=PROFILE, hold={"witness": "ann:a-fine-password"}
        )
    assert done == status
    assert worst["/api/bonus"] == bonus
    assert worst["/api/payroll"] == ("locked", "as-promised")
    assert len(ran) <= 1


@pytest.mark.integration
def test_a_witness_that_basic_does_not_open_is_no_lock(tmp_path: Path) -> None:
    with answering(lambda asked: DONE if asked.path == "/api/payroll" and staff(asked) else None) as url:
        done, worst = run_here(
            tmp_path, url, surface=SURFACES, profile=PROFILE, hold={"witness": "ann:another-password"}
        )
    assert (done, worst["/api/payroll"]) == (2, ("unproven", "key-refused"))
