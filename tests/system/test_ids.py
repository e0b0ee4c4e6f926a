"""A router that takes ids of one type only says nothing of the guard behind it: whole runs, each kind open and locked."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import HTML, NO, Asked, Says, answering, run

if TYPE_CHECKING:
    from pathlib import Path

ALIVE = "  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}\n"
SURFACE = "surface: payroll\nabout: A.\nroutes:\n" + ALIVE
PROFILE = """\
profile: own
about: A.
presents: {rows: [bearer], sheets: [cookie]}
guards: {public: 200, rows: 401, sheets: {status: 307, location: /signin}}
"""
NUMBER, DOCUMENT = r"[0-9]+", r"[0-9a-f]{24}"
REFUSED = Says(status=401, body=NO.encode())
LOST = Says(status=404, body=b'{"error":"no such payslip"}')
PAYSLIP = Says(status=200, body=json.dumps({"payslip": 7, "salary": 41_000}).encode())
UNKNOWN_PATH = Says(status=404, body=b"<title>404</title>nothing here", kind=HTML)
TYPED = Says(status=422, body=b'{"error":"id must be a number"}')


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
@pytest.mark.parametrize("otherwise", [pytest.param(UNKNOWN_PATH, id="404"), pytest.param(TYPED, id="422")])
@pytest.mark.parametrize("ids", [pytest.param(NUMBER, id="numbers"), pytest.param(DOCUMENT, id="documents")])
@pytest.mark.parametrize(
    ("behind", "status", "verdict"),
    [
        pytest.param(REFUSED, 0, ("locked", "as-promised"), id="locked"),
        pytest.param(LOST, 1, ("drift", "handler-reached"), id="open-to-what-it-does-not-find"),
        pytest.param(PAYSLIP, 1, ("leak", "granted"), id="open"),
    ],
)
def test_an_id_that_the_router_takes_is_found(
    behind: Says, status: int, verdict: tuple[str, str], ids: str, otherwise: Says, depth: str, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Says | None:
        if not asked.path.startswith("/api/payslips/"):
            return None
        return behind if re.fullmatch(ids, asked.path.removeprefix("/api/payslips/")) else otherwise

    surfaces = SURFACE + "  - {route: 'GET /api/payslips/:id', guard: rows, why: w, fix: f}\n"
    with answering(answer) as url:
        found, worst = run(tmp_path, url, "--depth", depth, surfaces=surfaces, profile=PROFILE)
    [path] = [path for path in worst if "payslips" in path]
    assert (found, worst[path]) == (status, verdict)


@pytest.mark.parametrize(
    "route",
    [
        pytest.param("'POST /api/payslips/:id', guard: rows, effect: acts, inert: impossible-id", id="acts"),
        pytest.param("'GET /api/payslips/:id', guard: rows, effect: repeats", id="a-get-that-acts"),
        pytest.param("'POST /api/payslips/:id', guard: rows, effect: none", id="a-write-that-reads"),
        pytest.param("'GET /api/payslips/:id<uuid>', guard: rows", id="typed"),
    ],
)
def test_only_an_untyped_read_is_asked_with_another_id(route: str, tmp_path: Path) -> None:
    asked_for: list[str] = []

    def answer(asked: Asked) -> Says | None:
        if asked.path.startswith("/api/payslips/"):
            asked_for.append(asked.path.removeprefix("/api/payslips/"))
        return None

    surfaces = SURFACE + f"  - {{route: {route}, why: w, fix: f}}\n"
    with answering(answer) as url:
        status, worst = run(tmp_path, url, surfaces=surfaces, profile=PROFILE)
    assert status == 2  # no guarded route is there at all
    assert ("unproven", "wrong-base") in worst.values()
    assert asked_for
    assert not [name for name in asked_for if re.fullmatch(NUMBER, name)]


def test_a_route_that_is_missing_is_missing_with_every_id(tmp_path: Path) -> None:
    surfaces = SURFACE + "  - {route: 'GET /api/payslips/:id', guard: rows, why: w, fix: f}\n"
    with answering(lambda _: None) as url:
        status, worst = run(tmp_path, url, surfaces=surfaces, profile=PROFILE)
    assert status == 2  # no guarded route is there at all
    assert [found for path, found in worst.items() if "payslips" in path] == [("unproven", "wrong-base")]


@pytest.mark.parametrize(
    ("id_type", "sent"), [("int", "2147483646"), ("slug", "lockdown-probe"), ("file", "lockdown-probe.txt")]
)
def test_a_type_says_what_is_sent(id_type: str, sent: str, tmp_path: Path) -> None:
    asked_for: set[str] = set()

    def answer(asked: Asked) -> Says | None:
        if not asked.path.startswith("/api/payslips/"):
            return None
        asked_for.add(asked.path.removeprefix("/api/payslips/"))
        return REFUSED

    surfaces = SURFACE + f"  - {{route: 'GET /api/payslips/:id<{id_type}>', guard: rows, why: w, fix: f}}\n"
    with answering(answer) as url:
        status, _ = run(tmp_path, url, "--depth", "quick", surfaces=surfaces, profile=PROFILE)
    assert status == 0
    assert asked_for == {sent}


@pytest.mark.parametrize("route", ["GET /sheets/:name", "GET /reports/:slug", "GET /sheets/:filename"])
@pytest.mark.parametrize(
    ("skips_dots", "status", "verdict"),
    [(True, 1, ("drift", "handler-reached")), (False, 0, ("locked", "as-promised"))],
)
def test_a_matcher_that_leaves_out_names_with_a_dot_is_found(
    route: str, status: int, verdict: tuple[str, str], tmp_path: Path, *, skips_dots: bool
) -> None:
    def answer(asked: Asked) -> Says | None:
        folder, _, name = asked.path.rpartition("/")
        if folder not in {"/sheets", "/reports"} or (skips_dots and "." in name):
            return None
        return Says(status=307, kind=HTML, headers=(("Location", "/signin"),))

    surfaces = SURFACE + f"  - {{route: '{route}', guard: sheets, why: w, fix: f}}\n"
    with answering(answer) as url:
        found, worst = run(tmp_path, url, surfaces=surfaces, profile=PROFILE)
    assert found == status
    [seen] = [worst[path] for path in worst if ":" in path]
    assert seen == verdict
