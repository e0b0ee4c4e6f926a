"""The lock of a proxy in front, named in prober.yaml: probed as the deployment's own, and no other proxy's counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import prober
from prober.cli.main import exit_with
from prober.cli.main import prober as command
from tests.support.payroll import HTML, JSON, Asked, Says, answering

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr><center>nginx/1.27</center></body></html>"
LOCK = Says(status=403, kind=HTML, body=PAGE.format("403 Forbidden").encode(), headers=(("Server", "nginx"),))
BUSY = Says(status=503, kind=HTML, body=PAGE.format("503 Service Temporarily Unavailable").encode())
OTHER = Says(status=403, kind=HTML, body=b"<html><address>Apache/2.4 Server</address></html>")
ANYBODY = Says(status=403, kind=JSON, body=b'{"message":"no key"}')
ROWS = Says(status=200, kind=JSON, body=b'{"payroll":[{"employee":"E1","salary":41000}]}')
HEALTH = Says(status=200, kind=JSON, body=b'{"up":true}')
PROFILE = "profile: own\nabout: A.\npresents: {front: [bearer]}\nguards: {public: 200, front: %s}\n"
SURFACE = """\
surface: payroll
about: A.
routes:
  - {route: GET /up, guard: public, control: alive, why: w, fix: f}
  - {route: GET /api/payroll, guard: front, why: w, fix: f}
  - {route: GET /api/bonus, guard: front, why: w, fix: f}
"""


def probed(folder: Path, url: str, *, front: str = "403", behind: str | None = None, depth: str = "standard") -> object:
    (folder / "probes").mkdir()
    (folder / "probes" / "own.yaml").write_text(SURFACE, encoding="utf-8")
    (folder / "own-profile.yaml").write_text(PROFILE % front, encoding="utf-8")
    service = json.dumps({"url": url, "behind": behind} if behind else url)
    text = f"profile: ./own-profile.yaml\nservices: {{web: {service}}}\nsurfaces: [payroll]\nprobes: [./probes]\n"
    (folder / "prober.yaml").write_text(text, encoding="utf-8")
    return prober.run(prober.load(folder / "prober.yaml", depth=depth))


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
@pytest.mark.parametrize(
    ("front", "behind", "payroll", "status"),
    [
        pytest.param("{status: 403, by: nginx}", None, LOCK, 0, id="the-answer-names-it"),
        pytest.param("403", "nginx", LOCK, 0, id="the-service-names-it"),
        pytest.param("403", "nginx", ROWS, 1, id="a-path-was-left-out"),
        pytest.param("403", "nginx", OTHER, 2, id="another-refuses-one-path"),
        pytest.param("403", "nginx", BUSY, 2, id="it-is-too-busy-for-one-path"),
        pytest.param("403", None, LOCK, 2, id="nobody-is-named"),
    ],
)
def test_the_lock_that_is_named_is_the_one_that_counts(
    front: str, behind: str | None, payroll: Says, status: int, depth: str, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Says:
        return HEALTH if asked.path == "/up" else payroll if asked.path == "/api/payroll" else LOCK

    with answering(answer) as url:
        report = probed(tmp_path, url, front=front, behind=behind, depth=depth)
    assert report.exit_status == status  # type: ignore[attr-defined]


@pytest.mark.parametrize(("behind", "status"), [("gateway", 0), ("nginx", 2), (None, 2)])
def test_a_gateway_that_nobody_knows_may_refuse_every_path(behind: str | None, status: int, tmp_path: Path) -> None:
    with answering(lambda asked: HEALTH if asked.path == "/up" else ANYBODY) as url:
        report = probed(tmp_path, url, behind=behind)
    assert report.exit_status == status  # type: ignore[attr-defined]


def test_the_report_says_who_keeps_the_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(lambda asked: HEALTH if asked.path == "/up" else LOCK) as url:
        report = probed(tmp_path, url, behind="nginx")
        assert exit_with(command, ["run", "--deployment", str(tmp_path / "prober.yaml"), "--no-color"], name="p") == 0
    own = [f for f in report.findings if f.probe.route.guard == "front"]  # type: ignore[attr-defined]
    kept = [finding for finding in own if finding.rule == "as-expected"]
    assert len(kept) > len(own) / 3
    assert {finding.answered_by for finding in kept} == {"nginx"}
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        f"web: nginx keeps the door in front of the application: {len(kept)} of {len(kept)} expected refusals" in shown
    )


def test_the_line_to_add_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(lambda asked: HEALTH if asked.path == "/up" else LOCK) as url:
        report = probed(tmp_path, url)
    details = {f.detail for f in report.findings if f.reason == "intermediary"}  # type: ignore[attr-defined]
    assert details
    assert all("{status: 403, by: nginx}" in detail and "'behind: nginx'" in detail for detail in details)
    assert exit_with(command, ["explain", "intermediary"], name="p") == 0
    assert "`behind: NAME`" in " ".join(capsys.readouterr().out.split())


def test_a_lock_before_everything_is_no_reason_not_to_look(tmp_path: Path) -> None:
    """Where even the health route is refused, the lock that is named is there, and health alone is unproven."""
    with answering(lambda _: LOCK) as url:
        report = probed(tmp_path, url, behind="nginx")
    verdicts = {f.probe.route.path: f.verdict for f in report.findings}  # type: ignore[attr-defined]
    assert verdicts == {"/up": "unproven", "/api/payroll": "locked", "/api/bonus": "locked"}
