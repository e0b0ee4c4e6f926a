"""The bench of small applications, whose labels a person wrote: never ok where the label says open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.source_audit import (
    DECIDED,
    FOLDER,
    MOST_SECONDS_OF_ONE,
    OK_PRECISION,
    UNGUARDED_PRECISION,
    WORST_FILES,
    Judged,
    figures,
    judged,
    many_files,
    seconds,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

APPLICATIONS = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def everything() -> list[Judged]:
    return [one for file in APPLICATIONS for one in judged(file)]


def test_bench_holds_its_figures(everything: list[Judged]) -> None:
    assert [f"{one.application}: {one.name}: {one.reason}" for one in everything if not one.right] == []
    ok, unguarded, decided = figures(everything)
    assert ok == OK_PRECISION
    assert unguarded >= UNGUARDED_PRECISION
    assert decided >= DECIDED


def test_bench_is_large_enough_to_mean_something(everything: list[Judged]) -> None:
    assert len(APPLICATIONS) >= 28
    assert len(everything) >= 400
    assert {one.label for one in everything} == {"guarded", "open", "public"}
    assert sum(one.label == "open" for one in everything) >= 50


def test_handler_without_a_label_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("files:\n  app/a/route.ts: 'export const GET = 1;'\nlabels: {}\n")
    with pytest.raises(ValueError, match="GET /a"):
        judged(file)


@pytest.mark.parametrize("text", WORST_FILES.values(), ids=WORST_FILES)
def test_worst_single_file_is_read_in_time(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"app/api/a/route.js": text})
    assert seconds(tmp_path) <= MOST_SECONDS_OF_ONE


def test_many_files_are_as_many_as_they_are_said_to_be(tmp_path: Path) -> None:
    count = many_files(tmp_path, 200)
    assert 200 <= count <= 220
    assert sum(path.suffix != ".json" for path in tmp_path.rglob("*") if path.is_file()) == count
