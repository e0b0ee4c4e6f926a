"""Reports in files: whole or not at all, for those to read who may, and never those of an earlier run."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from prober.app.options import OutputOptions
from prober.app.outputs import Reports
from prober.cli.console import console_of
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prober.model import Finding, Report


def reports_of(*, quiet: bool = True, format_: str = "json", report: tuple[str, ...] = ()) -> Reports:
    options = OutputOptions(format_=format_, quiet=quiet, no_color=True, report=report)
    return Reports(options, console_of(no_color=True))


@pytest.fixture
def report(report_of: Callable[..., Report], finding_of: Callable[..., Finding]) -> Report:
    return report_of(finding_of())


def test_a_report_is_for_its_owner_alone_whatever_the_mask(tmp_path: Path, report: Report) -> None:
    before = os.umask(0)
    try:
        reports_of(report=(f"json={tmp_path / 'r.json'}",)).give(report, ())
    finally:
        os.umask(before)
    assert (tmp_path / "r.json").stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.json"]


def test_an_earlier_report_goes_before_anything_else_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("an earlier run's")
    reports = reports_of(report=(f"json={tmp_path / 'r.json'}",))
    assert (tmp_path / "r.json").exists()
    reports.remove_earlier()
    assert not (tmp_path / "r.json").exists()


def test_no_report_goes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("somebody's")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    with pytest.raises(UsageError, match="is a link"):
        reports_of(report=(f"json={tmp_path / 'link.json'}",))
    assert (tmp_path / "real.json").read_text() == "somebody's"


def test_a_link_that_appears_later_is_replaced_and_not_followed(tmp_path: Path, report: Report) -> None:
    reports = reports_of(report=(f"json={tmp_path / 'r.json'}",))
    (tmp_path / "real.json").write_text("somebody's")
    (tmp_path / "r.json").symlink_to(tmp_path / "real.json")
    reports.give(report, ())
    assert (tmp_path / "real.json").read_text() == "somebody's"
    assert (tmp_path / "r.json").read_text().startswith("{")


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="cannot write"):
        reports_of(report=(f"json={tmp_path / 'pipe'}",))
    assert (tmp_path / "pipe").is_fifo()


@pytest.fixture
def on_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    summary = tmp_path / "summary.md"
    summary.write_text("what an earlier step said\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    return summary


def test_github_is_told_beside_what_is_printed(
    report: Report, on_github: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports_of(quiet=False, report=()).give(report, ())
    printed = capsys.readouterr()
    assert printed.out.startswith("{")
    assert printed.err.startswith("::notice ")
    assert "\n::error " in printed.err
    assert on_github.read_text().startswith("what an earlier step said\n#")


def test_a_summary_that_cannot_be_written_is_said_and_changes_nothing(
    report: Report, on_github: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(on_github / "no" / "such"))
    reports_of(report=()).give(report, ())
    assert "note: the step's summary could not be written: " in capsys.readouterr().err


@pytest.mark.usefixtures("on_github")
def test_the_format_for_github_is_not_said_twice(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    reports_of(quiet=False, format_="github", report=()).give(report, ())
    printed = capsys.readouterr()
    assert printed.out.startswith("::notice ")
    assert printed.err == ""


def test_lines_are_printed_while_the_run_goes_on(
    report: Report, finding_of: Callable[..., Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    reports = reports_of(quiet=False, format_="ndjson", report=())
    tell = reports.listener(1, lambda: 0.0, ("hunter2-hunter2",))
    assert tell is not None
    tell(finding_of(detail="answered 200 with hunter2-hunter2"))
    early = capsys.readouterr().out
    reports.give(report, ())
    lines = [json.loads(line) for line in (early + capsys.readouterr().out).splitlines()]
    assert [line["type"] for line in lines] == ["early", "finding", "run"]
    assert lines[0]["detail"] == "answered 200 with <redacted>"
    assert {line.get("id") for line in lines[:2]} == {"me: GET /api/me [anonymous]"}


def test_nobody_listens_where_nothing_is_shown() -> None:
    assert reports_of(quiet=False, report=()).listener(1, lambda: 0.0, ()) is None
