"""The help: options in sections, nothing cut at 80 columns, and durations in one language."""

from __future__ import annotations

import pytest

from prober.cli.duration import upto_a_day
from prober.cli.main import exit_with, prober


@pytest.mark.parametrize("command", ["run", "plan", "watch"])
def test_the_options_of_a_command_are_in_sections(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_with(prober, [command, "--help"], name="prober") == 0
    lines = capsys.readouterr().out.splitlines()
    titles = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert titles[:3] == ["What to probe:", "What may be sent:", "What fails the run:"]
    assert titles[-1] == "Other options:"
    assert lines[lines.index("Other options:") + 1].split()[:2] == ["-h,", "--help"]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5.0),
        ("300", 300.0),
        ("2m", 120.0),
        ("0.5", 0.5),
        ("1.5h", 5400.0),
        ("1d", 86_400.0),
        ("0", 0.0),
        ("0s", 0.0),
    ],
)
def test_a_duration_is_seconds_or_a_number_with_its_unit(text: str, seconds: float) -> None:
    assert upto_a_day(none_too=True)(text) == seconds
