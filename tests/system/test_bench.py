"""The benches: each script that one of them starts is there."""

from __future__ import annotations

import re
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"
STARTED = re.compile(r'HERE / "([^"]+\.py)"')


def test_every_script_that_a_bench_starts_is_there() -> None:
    started = {name: path.name for path in BENCH.glob("*.py") for name in STARTED.findall(path.read_text("utf-8"))}
    assert {"route_files.py", "server.py", "stage.py"} <= set(started)
    assert {name: by for name, by in started.items() if not (BENCH / name).is_file()} == {}
