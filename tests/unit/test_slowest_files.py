"""The files that run first are files of ours: a renamed one would lose its place in silence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.conftest import SLOWEST

TESTS = Path(__file__).parents[1]


def test_each_of_the_slowest_files_is_one_file() -> None:
    files = Counter(path.name for path in TESTS.rglob("test_*.py"))
    assert {name: files[name] for name in SLOWEST} == dict.fromkeys(SLOWEST, 1)
