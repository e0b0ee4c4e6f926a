"""The selftest can fail: a judge that calls everything locked is found out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.app.selftest import try_cases
from prober.cli.selftest import selftest
from prober.demo.doors import door_named
from prober.judge.verdicts import judge
from prober.model import Depth, ExitStatus, Reason, Verdict

if TYPE_CHECKING:
    import pytest

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Probe


def always_locked(probe: Probe, outcome: Outcome, controls: Controls) -> Finding:
    return replace(judge(probe, outcome, controls), verdict=Verdict.LOCKED, reason=Reason.AS_PROMISED)


def never_locked(probe: Probe, outcome: Outcome, controls: Controls) -> Finding:
    return replace(judge(probe, outcome, controls), verdict=Verdict.DRIFT, reason=Reason.WRONG_STATUS)


def test_every_door_wall_and_dead_stack_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    status = selftest(judge)
    assert status is ExitStatus.LOCKED, capsys.readouterr().out


def test_a_judge_that_calls_everything_locked_is_found_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert selftest(always_locked, only=("mcp-*", "session-*")) is ExitStatus.LEAK
    assert "do not trust this installation" in capsys.readouterr().out


def test_a_judge_that_cries_wolf_is_found_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert selftest(never_locked, only=("oauth quick",)) is ExitStatus.LEAK
    assert "oauth quick" in capsys.readouterr().out


def test_the_name_of_a_door_means_it_in_every_mode() -> None:
    tried = [one.case.name for one in try_cases(judge, depth=Depth.STANDARD, only=("mcp-any-bearer",))]
    assert tried == [f"mcp-any-bearer in {mode}" for mode in door_named("mcp-any-bearer").modes]
    assert tried


def test_a_name_that_no_case_has_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert selftest(judge, only=("no such case",)) is ExitStatus.USAGE
    assert "no case up to depth standard has such a name" in capsys.readouterr().err
