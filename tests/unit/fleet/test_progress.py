"""The line that says how far a fleet's run has come."""

from __future__ import annotations

import io

import pytest

from prober.fleet.progress import FleetProgress
from prober.fleet.tasks import FleetVerdict, Result


@pytest.mark.parametrize(
    ("verdicts", "seconds", "line"),
    [
        pytest.param([], 1.0, "[                    ] 0 of 40, 0.0/s, 0:00 left", id="nothing-yet"),
        pytest.param(["locked"] * 10, 5.0, "[#####               ] 10 of 40, 2.0/s, 0:15 left", id="a-quarter"),
        pytest.param(
            ["locked", "leak"] * 10, 10.0, "[##########          ] 20 of 40, 2.0/s, 10 leaks so far, 0:10 left", id="leaks"
        ),
        pytest.param(["leak"], 6.0, "[                    ] 1 of 40, 0.2/s, 1 leak so far, 3:54 left", id="one"),
        pytest.param(["no-verdict"] * 40, 8.0, "[####################] 40 of 40, 5.0/s, 0:00 left", id="all"),
    ],
)  # fmt: skip
def test_the_line_says_the_rate_the_leaks_and_the_time_left(verdicts: list[str], seconds: float, line: str) -> None:
    now = 100.0
    progress = FleetProgress(io.StringIO(), total=40, now=lambda: now)
    for number, verdict in enumerate(verdicts):
        progress.tell(Result(name=f"shop-{number}", verdict=FleetVerdict(verdict)))
    now += seconds
    assert progress.line() == line
