"""Guards that send strangers to another host: to sign in is a lock, to anything else is a leak. Whole runs."""

from __future__ import annotations

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
  - {route: GET /payroll, guard: staff, why: w, fix: f}
"""
PROFILE = "profile: own\nabout: x.\npresents: {{open: nothing, staff: cookie}}\nguards: {{open: 200, staff: {staff}}}\n"
NAMED = "{status: [302, 303], location: 'https://id.acme.test/authorize?client_id='}"
SIGN_IN = "https://id.acme.test/authorize?client_id=payroll&state=abc"
LOCKED, LEAK = (0, ("locked", "as-promised")), (1, ("leak", "granted"))


@pytest.mark.integration
@pytest.mark.parametrize(
    ("staff", "location", "expected"),
    [
        pytest.param(NAMED, SIGN_IN, LOCKED, id="named-host"),
        pytest.param(NAMED, "https://files.acme.test/payroll.csv", LEAK, id="another-host"),
        pytest.param(NAMED, "https://id.acme.test/authorize", (1, ("drift", "wrong-location")), id="without-its-query"),
        pytest.param("302", SIGN_IN, LOCKED, id="bare-status-to-a-sign-in"),
        pytest.param("302", "https://adfs.acme.test/ls?SAMLRequest=a&Signature=b", LOCKED, id="signed-request-to-sign-in"),
        pytest.param("302", "https://files.acme.test/p.csv?X-Amz-Signature=0a1b", LEAK, id="bare-status-to-signed-data"),
    ],
)  # fmt: skip
def test_where_a_stranger_is_sent_decides(
    staff: str, location: str, expected: tuple[int, tuple[str, str]], tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Says | None:
        away = asked.path == "/payroll"
        return Says(status=302, kind="text/html", headers=(("Location", location),)) if away else None

    with answering(answer) as url:
        status, worst = run_here(tmp_path, url, surface=SURFACES, profile=PROFILE.format(staff=staff))
    assert (status, worst["/payroll"]) == expected
