"""The bench that compares two versions: a copy plans and reports the same, and one changed word is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPARED = ("--most", "1", "--every", "40")  # the closed house at depth quick, and three plans


def _copy(folder: Path) -> Path:
    for name in ("prober", "probes", "profiles"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def _compared(before: Path) -> tuple[int, str]:
    command = [sys.executable, "bench/identity.py", str(before), *COMPARED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _replaced(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_copy_of_the_prober_plans_and_reports_the_same(tmp_path: Path) -> None:
    status, printed = _compared(_copy(tmp_path))
    assert "3 of 3 plans are equal" in printed
    assert "the reports of 1 of 1 combinations are equal" in printed
    assert status == 0


@pytest.mark.parametrize(
    ("file", "old", "new", "found"),
    [
        pytest.param(
            "prober/plan/credential_values.py", '"lockdown-prober {self', '"lockdown-probes {self', "0 of 3 plans are equal",
            id="a-value-that-is-sent",
        ),
        pytest.param("prober/report/har.py", '"1.2"', '"1.3"', 'har: -  "version": "1.3"' , id="a-word-of-one-format"),
    ],
)  # fmt: skip
def test_what_has_changed_is_found(tmp_path: Path, file: str, old: str, new: str, found: str) -> None:
    other = _copy(tmp_path)
    _replaced(other / file, old, new)
    status, printed = _compared(other)
    assert found in printed
    assert status == 1
