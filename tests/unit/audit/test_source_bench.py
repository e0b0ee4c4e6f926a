"""The bench of small applications, whose labels a person wrote: never ok where the label says open."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bench.source_audit import (
    DECIDED,
    FOLDER,
    MOST_SECONDS,
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
from prober.audit.source.analysis.state import most_steps_after
from prober.audit.source.audit import audit_source

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
    assert len(APPLICATIONS) >= 50
    assert len(everything) >= 700
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


def _actions(count: int) -> dict[str, str]:
    """Give files of actions that all call one another, in rings."""
    return {
        f"lib/m{at}.ts": "'use server';\n"
        + "".join(
            f"import {{ a{(at * 7 + k * 13 + 1) % count} as x{k} }} from './m{(at * 7 + k * 13 + 1) % count}';\n"
            for k in range(3)
        )
        + f"export async function a{at}(v) {{ const r = await x0(v); if (r) return await x1(r); return x2(v); }}\n"
        for at in range(count)
    }


def test_actions_that_all_call_one_another_end_in_time_and_are_unknown(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": '{"dependencies": {"next": "15.0.0"}}', **_actions(60)})
    started = time.process_time()
    found = audit_source(tmp_path)
    assert time.process_time() - started <= MOST_SECONDS
    assert {(one.status, one.reason) for one in found.handlers} == {
        ("unknown", "it calls more than can be followed"),
    }


def test_handlers_share_what_they_may_run() -> None:
    assert [most_steps_after(steps) for steps in (0, 99_999, 100_000, 500_000, 1_500_000)] == [
        50_000, 50_000, 1_000, 400, 150,
    ]  # fmt: skip


def test_many_files_are_as_many_as_they_are_said_to_be(tmp_path: Path) -> None:
    count = many_files(tmp_path, 200)
    assert 200 <= count <= 220
    assert sum(path.suffix != ".json" for path in tmp_path.rglob("*") if path.is_file()) == count
