"""The help: options in sections, nothing cut at 80 columns, and durations in one language."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from prober.cli.duration import upto_a_day
from prober.cli.main import COMMANDS, SECTIONS, exit_with, prober


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


def test_the_man_page_has_every_command_and_option_of_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_with(prober, ["man"], name="prober") == 0
    page = capsys.readouterr().out
    named = [line for line in page.splitlines() if line.startswith(".SS ")]
    commands = [f".SS prober {name} " for name in COMMANDS]
    assert [any(line.startswith(command) for line in named) for command in commands] == [True] * len(COMMANDS)
    assert ".SS prober audit env " in page
    assert ".SS verify\\-lockdown " in page
    assert ".I What to probe\n.TP\n.B \\-\\-deployment FILE\nThe deployment's definition" in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_reads_the_man_page_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    exit_with(prober, ["man"], name="prober")
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-ww"], input=capsys.readouterr().out, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "'drift': drift does not fail the run" in " ".join(done.stdout.split())


def test_the_commands_are_in_sections_and_no_sentence_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_with(prober, ["--help"], name="prober") == 0
    out = capsys.readouterr().out
    words = [line.split()[0] for line in out.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    assert [name for name in words if name in COMMANDS] == [name for names in SECTIONS.values() for name in names]
    assert {name for names in SECTIONS.values() for name in names} == set(COMMANDS)
    assert "..." not in out.partition("[ARGS]...")[2]
    assert "and say what was not understood" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
