"""Reports in files: whole or not at all, for those to read who may, and never those of an earlier run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from prober.cli.reports import Reports
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prober.model import Finding, Report

SAID = {"format_": "json", "quiet": True, "verbose": False, "no_color": True}


@pytest.fixture
def report(report_of: Callable[..., Report], finding_of: Callable[..., Finding]) -> Report:
    return report_of(finding_of())


@pytest.mark.parametrize(
    ("mask", "mode"), [pytest.param(0o022, 0o644, id="usual"), pytest.param(0o077, 0o600, id="private")]
)
def test_a_report_may_be_read_by_whom_the_mask_lets(tmp_path: Path, report: Report, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        Reports({**SAID, "report": (f"json={tmp_path / 'r.json'}",)}).give(report, ())
    finally:
        os.umask(before)
    assert (tmp_path / "r.json").stat().st_mode & 0o777 == mode
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.json"]


def test_an_earlier_report_goes_before_anything_else_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("an earlier run's")
    reports = Reports({**SAID, "report": (f"json={tmp_path / 'r.json'}",)})
    assert (tmp_path / "r.json").exists()
    reports.remove_earlier()
    assert not (tmp_path / "r.json").exists()


def test_a_link_is_followed_and_stays(tmp_path: Path, report: Report) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    reports = Reports({**SAID, "report": (f"json={tmp_path / 'link.json'}",)})
    reports.remove_earlier()
    reports.give(report, ())
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text().startswith("{")


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="cannot write"):
        Reports({**SAID, "report": (f"json={tmp_path / 'pipe'}",)})
    assert (tmp_path / "pipe").is_fifo()
