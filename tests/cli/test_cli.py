"""The installed commands, each in a process of its own: exit statuses, messages, and nothing sent for a mistake."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from prober import __version__
from prober.cli.main import COMMANDS
from prober.model import ExitStatus
from tests.support.process import ONE, Ended, Silent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# --- the counter itself -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["prober", "verify-lockdown"])
def test_run_without_a_mistake_reaches_the_socket(name: str, command: Callable[..., Ended], silent: Silent) -> None:
    """Without this one, `nothing was sent` below would prove nothing."""
    words = {"prober": ["run"], "verify-lockdown": []}[name]
    ended = command(name, *words, "--profile", "oauth", "--base-url", silent.url, *ONE)
    assert silent.connections() > 0
    assert ended.status == ExitStatus.NO_VERDICT


# --- help and version -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["-h"], *([name, "--help"] for name in COMMANDS)],
    ids=["prober", "prober-h", *COMMANDS],
)
def test_help_is_printed_and_is_no_mistake(arguments: list[str], command: Callable[..., Ended]) -> None:
    ended = command("prober", *arguments)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Usage: prober")


def test_help_of_the_drop_in_names_its_exit_statuses(command: Callable[..., Ended]) -> None:
    ended = command("verify-lockdown", "--help")
    assert (ended.status, ended.err) == (0, "")
    assert "0 locked, 1 leak, 2 no" in " ".join(ended.out.split())


@pytest.mark.parametrize(("name", "shown"), [("prober", "lockdown-prober"), ("verify-lockdown", "verify-lockdown")])
def test_version_is_the_packages_own(name: str, shown: str, command: Callable[..., Ended]) -> None:
    assert command(name, "--version") == Ended(status=0, out=f"{shown}, version {__version__}\n", err="")


def test_module_is_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prober", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"lockdown-prober, version {__version__}\n")
