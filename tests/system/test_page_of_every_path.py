"""A single page beside an API: what answers every path outside the API so has opened nothing, and data has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import HTML, JSON, PAGE, REFUSED, ROWS, Asked, Says, answering, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Answer = Callable[[Asked], Says]

SHELL = Says(status=200, kind=HTML, body=b"<title>Payroll</title><div id=app></div><script src=/main.js></script>")
SHEET = Says(status=200, kind=HTML, body=PAGE.encode())
DATA = Says(status=200, kind=JSON, body=ROWS.encode())
PROFILE = "profile: own\nabout: A.\npresents: {session: [bearer]}\nguards: {public: 200, session: 401}\n"
SURFACE = """\
surface: payroll
about: A.
routes:
  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}
  - {route: GET /api/payroll, guard: session, why: w, fix: f}
  - {route: GET /api/bonus, guard: session, why: w, fix: f}
"""


@pytest.mark.parametrize("depth", ["standard", "deep"])
@pytest.mark.parametrize(
    ("respelled", "outcome"),
    [
        pytest.param(lambda _: SHELL, (0, "locked"), id="the-shell-for-every-path"),
        pytest.param(lambda path: DATA if path.endswith("payroll") else SHELL, (1, "leak"), id="data-for-one"),
        pytest.param(lambda _: DATA, (1, "leak"), id="data-for-every-path"),
        pytest.param(lambda path: SHEET if path.endswith("payroll") else SHELL, (1, "leak"), id="another-page-for-one"),
    ],
)
def test_a_path_outside_the_api_opens_what_no_unknown_path_opens(
    respelled: object, outcome: tuple[int, str], depth: str, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path == "/api/healthz":
            return None
        if asked.path in {"/api/payroll", "/api/bonus"}:
            return REFUSED
        if asked.path.startswith("/api/"):
            return Says(status=404, body=b'{"error":"no such route"}')
        return respelled(asked.path)  # type: ignore[operator]

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", depth, surfaces=SURFACE, profile=PROFILE)
    assert (status, worst["/api/payroll"][0]) == outcome


# --- what could change data -------------------------------------------------------------------------------------------

WRITES = """\
surface: payroll
about: A.
routes:
  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}
  - {route: POST /api/payroll, guard: session, effect: acts, inert: {json: {}}, why: w, fix: f}
"""
JOB = WRITES.replace("effect: acts, inert: {json: {}}", "effect: repeats")
SAVED = Says(status=200, kind=HTML, body=b"<title>Payroll</title><p>The salary was saved.</p>")
WITH_COOKIE = Says(status=200, kind=HTML, body=SHELL.body, headers=(("Set-Cookie", "sid=1"),))
NOWHERE = Says(status=404, kind=HTML, body=b"<title>404</title>")


@pytest.mark.parametrize(
    ("surface", "respelled", "outcome"),
    [
        pytest.param(WRITES, lambda _: SHELL, (0, "locked"), id="the-shell-for-every-path-and-method"),
        pytest.param(JOB, lambda _: SHELL, (1, "leak"), id="a-job-that-takes-no-body-may-have-run"),
        pytest.param(
            WRITES, lambda asked: SAVED if asked.path.endswith("payroll") and asked.method == "POST" else SHELL,
            (1, "leak"), id="the-handlers-own-page",
        ),
        pytest.param(
            WRITES, lambda asked: SAVED if asked.method == "POST" else SHELL, (1, "leak"), id="a-page-that-no-read-gets",
        ),
        pytest.param(
            WRITES, lambda asked: SHELL if asked.path.endswith("payroll") or asked.method == "GET" else NOWHERE,
            (1, "leak"), id="the-front-page-where-no-unknown-path-gets-one",
        ),
        pytest.param(
            WRITES, lambda asked: WITH_COOKIE if asked.path.endswith("payroll") and asked.method == "POST" else SHELL,
            (1, "leak"), id="the-front-page-with-a-header-of-the-handlers",
        ),
    ],
)  # fmt: skip
def test_a_write_is_excused_by_a_page_that_every_path_and_every_read_gets_alone(
    surface: str, respelled: Answer, outcome: tuple[int, str], tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path == "/api/healthz":
            return None
        if asked.path == "/api/payroll":
            return REFUSED
        if asked.path.startswith("/api/"):
            return Says(status=404, body=b'{"error":"no such route"}')
        return respelled(asked)

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=surface, profile=PROFILE)
    assert (status, worst["/api/payroll"][0]) == outcome
