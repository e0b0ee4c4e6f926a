"""A single page beside an API: what answers every path outside the API so has opened nothing, and data has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import HTML, JSON, PAGE, REFUSED, ROWS, Asked, Says, answering, run

if TYPE_CHECKING:
    from pathlib import Path

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
