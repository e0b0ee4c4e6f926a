"""The README says what the program does: its tables, its YAML and its options are held against it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from prober.cli.check import command as check_command
from prober.cli.init import command as init_command
from prober.cli.main import COMMANDS
from prober.cli.run import command as run_command
from prober.definitions.builtin import load_profile, load_starter
from prober.definitions.deployment import (
    parse_deployment,
)
from prober.definitions.document import parse_document
from prober.definitions.profile import parse_profile
from prober.definitions.shipped import profile_names
from prober.definitions.surface import parse_surface
from prober.judge.exit_status import exit_status
from prober.model import Effect, ExitStatus, Reason, Verdict
from prober.plan.credential_names import credential_names

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
YAML = [text for kind, text in BLOCKS if kind == "yaml"]
SHELL = "\n".join(text for kind, text in BLOCKS if kind == "sh")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose head begins so."""
    table = re.split(r"\n\n|\n<!--", README[README.index(heading) :])[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def words(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z-]+)`", cell))


def test_the_exit_table_is_first_and_whole() -> None:
    assert README.index("| exit status |") < README.index("## ")
    assert {int(row[0]) for row in rows("| exit status |")} == {int(status) for status in ExitStatus}


def test_every_verdict_has_a_row_with_its_exit_status() -> None:
    told = {row[0].strip("`"): row[2] for row in rows("| verdict | means |")}
    assert set(told) == set(Verdict)
    sent = {verdict: status for verdict, status in told.items() if verdict != Verdict.SKIPPED}
    assert sent == {verdict: str(int(exit_status([Verdict(verdict)]))) for verdict in sent}


def test_every_reason_that_it_names_is_one() -> None:
    named = {word for row in rows("| verdict | means |") for word in words(row[1])}
    assert named <= set(Reason)
    assert {Reason.GRANTED, Reason.DISCLOSED, Reason.MISSING, Reason.BLANKET, Reason.TLS} <= named


def test_every_command_is_in_its_table() -> None:
    told = {row[0].strip("`").split()[1] for row in rows("| command | does |") if row[0].startswith("`prober")}
    assert told == set(COMMANDS)


def test_every_profile_is_named() -> None:
    assert set(profile_names()) <= words(
        README[README.index("The profiles are") :].split("\n\n")[0].replace("+", "-")
    ) | {"credentials+oauth"}
    assert "`credentials+oauth`" in README


def test_every_option_in_it_is_there() -> None:
    commands = (run_command, check_command, init_command)
    known = {name for command in commands for parameter in command.params for name in parameter.opts}
    ours = "\n".join(line for line in README.splitlines() if "curl " not in line)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours))
    assert named <= known | {"--mode", "--open", "--lockdown"}  # of the demo and of pytest


def test_its_deployment_is_read() -> None:
    told = parse_deployment(parse_document(YAML[0], file="README.md"))
    assert dict(told.services).keys() == {"web", "mcp"}


def test_its_surface_is_read_and_each_effect_is_named() -> None:
    surface = parse_surface(parse_document(YAML[1], file="README.md"))
    assert [route.effect for route in surface.routes] == [Effect.NONE, Effect.ACTS]
    assert set(Effect) <= words(README[README.index("`effect` is") :].split("\n\n")[0])


def test_its_profile_is_read() -> None:
    node = parse_document(YAML[2], file="README.md")
    profile = parse_profile(
        node,
        base=lambda _: load_profile("oauth", credentials=credential_names()),
        starter=lambda: load_starter(credentials=credential_names()),
        credentials=credential_names(),
    )
    assert set(profile.guards["partner-key"]) == {"anonymous", "bogus"}


@pytest.mark.parametrize("line", re.findall(r"^make (\w+)", SHELL, re.MULTILINE))
def test_each_make_target_is_there(line: str) -> None:
    assert f"\n{line}:" in (ROOT / "Makefile").read_text()


def test_its_deploy_script_is_a_shell_script() -> None:
    script = next(text for kind, text in BLOCKS if kind == "sh" and "case $?" in text)
    assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0


def test_its_run_line_is_one_that_the_program_takes() -> None:
    line = next(line for line in SHELL.splitlines() if line.startswith("prober run --profile"))
    plan = shlex.split(line.replace("prober run", "plan"))
    done = subprocess.run(
        [sys.executable, "-m", "prober", *plan], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "examples").glob("*/prober.yaml")), ids=lambda path: path.parent.name
)
def test_each_example_deployment_can_be_planned(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prober", "plan", "--deployment", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
