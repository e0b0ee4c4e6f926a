"""The inventory of a deployment: what it lacks may be missing, and what has appeared or vanished since is said."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.payroll import NOT_FOUND, PROBER, ROWS, SURFACES, Asked, Says, answering

if TYPE_CHECKING:
    from pathlib import Path

DEPLOYMENT = "profile: oauth\nservices: {{web: '{url}'}}\nsurfaces: [payroll, health]\nprobes: [./probes]\n{more}"


@dataclass(frozen=True, kw_only=True)
class Told:
    status: int
    report: dict[str, Any]

    def of(self, path: str) -> set[tuple[str, str]]:
        return {(f["verdict"], f["reason"]) for f in self.report["findings"] if f["path"] == path and not f["variant"]}


class Application:
    """A payroll whose answers change between two runs."""

    def __init__(self) -> None:
        self.answers: dict[str, Says] = {"/api/bonus": NOT_FOUND}

    def __call__(self, asked: Asked) -> Says | None:
        return self.answers.get(asked.path)


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run(
        [PROBER, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False, env=clean
    )


def probe(folder: Path) -> Told:
    done = call(folder, "run", "--depth", "quick", "--deadline", "40", "-q", "--report", "json=report.json")
    return Told(status=done.returncode, report=json.loads((folder / "report.json").read_text(encoding="utf-8")))


def prepare(folder: Path, url: str, more: str = "") -> None:
    (folder / "probes").mkdir()
    (folder / "probes" / "payroll.yaml").write_text(SURFACES, encoding="utf-8")
    (folder / "prober.yaml").write_text(DEPLOYMENT.format(url=url, more=more), encoding="utf-8")


def test_a_missing_route_is_accepted_and_judged_again_once_it_is_there(tmp_path: Path) -> None:
    application = Application()
    with answering(application) as url:
        prepare(tmp_path, url)
        before = probe(tmp_path)
        assert (before.status, before.of("/api/bonus")) == (1, {("drift", "missing")})

        accepted = call(tmp_path, "accept", "report.json", "--by", "Jane Doe")
        assert accepted.returncode == 0, accepted.stderr
        assert "+ absent: payroll: GET /api/bonus" in accepted.stdout
        after = probe(tmp_path)
        assert (after.status, after.of("/api/bonus")) == (0, {("skipped", "not-deployed")})
        assert any("by Jane Doe: 1 route is absent as accepted" in note for note in after.report["notes"])

        application.answers["/api/bonus"] = Says(status=200, body=ROWS.encode())
        opened = probe(tmp_path)
        assert opened.status == 1
        assert ("leak", "granted") in opened.of("/api/bonus")
        assert any(
            "payroll: GET /api/bonus is there, and in lockdown.lock.yaml absent" in n for n in opened.report["notes"]
        )

        del application.answers["/api/bonus"]
        application.answers["/api/payroll"] = NOT_FOUND
        vanished = probe(tmp_path)
        assert (vanished.status, vanished.of("/api/payroll")) == (1, {("drift", "missing")})
        assert any("payroll: GET /api/payroll is missing, and in" in note for note in vanished.report["notes"])


def test_a_route_that_is_required_may_not_be_absent(tmp_path: Path) -> None:
    with answering(Application()) as url:
        prepare(tmp_path, url, more="require: ['payroll: GET /api/bonus [*]']\n")
        probe(tmp_path)
        assert call(tmp_path, "accept", "report.json").returncode == 0
        assert probe(tmp_path).status != 0


def test_what_was_not_probed_stays_as_it_was(tmp_path: Path) -> None:
    lock = tmp_path / "lockdown.lock.yaml"
    lock.write_text(
        "accepted: {at: 2026-01-02, by: Jane}\nabsent: ['other: GET /api/other', 'payroll: GET /api/payroll']\n",
        encoding="utf-8",
    )
    with answering(Application()) as url:
        prepare(tmp_path, url)
        probe(tmp_path)
        told = call(tmp_path, "accept", "report.json").stdout
    assert "- absent: payroll: GET /api/payroll" in told
    assert '"other: GET /api/other"' in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accepted: {at: 2026-01-02, by: J}\nthere: ['a: GET /x']\nabsent: ['a: GET /x']\n", "under 'there' and under 'absent'"),
        ("accepted: {at: 2026-13-02, by: J}\n", "a date that does not exist"),
        ("accepted: {at: 2026-01-02, by: ' '}\n", "'by' is blank"),
        ("absent: ['a: GET /x']\n", "accepted"),
    ],
)  # fmt: skip
def test_a_wrong_inventory_is_refused_before_anything_is_sent(tmp_path: Path, text: str, said: str) -> None:
    prepare(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "lockdown.lock.yaml").write_text(text, encoding="utf-8")
    done = call(tmp_path, "run")
    assert (done.returncode, said in done.stderr) == (78, True), done.stderr


def test_a_report_that_proves_nothing_is_not_accepted(tmp_path: Path) -> None:
    prepare(tmp_path, "http://127.0.0.1:9")
    assert probe(tmp_path).status == 2
    done = call(tmp_path, "accept", "report.json")
    assert done.returncode == 64
    assert "no route that was locked or open" in done.stderr
