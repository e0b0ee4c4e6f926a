"""Where an option comes from: the flag, the environment, prober.yaml. What `prober plan` makes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.model import ExitStatus
from tests.support.process import ONE, Ended, Silent, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def planned(ended: Ended) -> tuple[str, str, set[str]]:
    assert (ended.status, ended.err) == (0, "")
    plan = json.loads(ended.out)
    return plan["profile"], plan["depth"], {probe["id"].partition(":")[0] for probe in plan["probes"]}


@pytest.mark.parametrize(
    ("arguments", "env", "plan"),
    [
        pytest.param(
            ["--profile", "oauth", "--base-url", "http://h", "--surface", "me"], {}, ("oauth", "standard", {"me"}), id="flags"
        ),
        pytest.param(
            [],
            {"PROBER_PROFILE": "dev-shim", "PROBER_BASE_URL": "http://h", "PROBER_DEPTH": "quick", "PROBER_SURFACE": "me"},
            ("dev-shim", "quick", {"me"}),
            id="environment",
        ),
        pytest.param(
            ["--profile", "oauth"],
            {"BASE_URL": "http://h", "PROBER_SURFACE": "me settings"},
            ("oauth", "standard", {"me", "settings"}),
            id="several-in-the-environment",
        ),
        pytest.param(
            ["--profile", "oauth", "--depth", "standard"],
            {"PROBER_PROFILE": "dev-shim", "BASE_URL": "http://h", "PROBER_DEPTH": "quick", "PROBER_ONLY": "me"},
            ("oauth", "standard", {"me"}),
            id="flag-before-environment",
        ),
        pytest.param(
            ["--profile", "oauth"], {"MCP_URL": "http://h/mcp"}, ("oauth", "standard", {"mcp", "mcp-health"}), id="mcp-url"
        ),
        pytest.param(
            ["--profile", "oauth", "--base-url", "http://h", "--only", "me"],
            {"PROBER_PROFILE": "", "PROBER_DEPTH": "", "BASE_URL": ""},
            ("oauth", "standard", {"me"}),
            id="empty-variable-is-unset",
        ),
    ],
)  # fmt: skip
def test_wish_comes_from_the_flag_or_the_environment(
    arguments: list[str], env: dict[str, str], plan: tuple[str, str, set[str]], command: Callable[..., Ended]
) -> None:
    assert planned(command("prober", "plan", "--format", "json", *arguments, **env)) == plan


FILE = "profile: unconfigured\nservices: {web: 'http://h'}\nsurfaces: [me]\ndepth: quick\n"


@pytest.mark.parametrize(
    ("arguments", "env", "plan"),
    [
        pytest.param([], {}, ("unconfigured", "quick", {"me"}), id="file"),
        pytest.param(
            ["--profile", "oauth", "--depth", "standard", "--surface", "settings"], {},
            ("oauth", "standard", {"settings"}), id="flag-wins",
        ),
        pytest.param([], {"PROBER_PROFILE": "dev-shim"}, ("dev-shim", "quick", {"me"}), id="environment-wins"),
    ],
)  # fmt: skip
def test_prober_yaml_gives_the_defaults_and_the_flag_wins(
    arguments: list[str],
    env: dict[str, str],
    plan: tuple[str, str, set[str]],
    command: Callable[..., Ended],
    tmp_path: Path,
) -> None:
    write(tmp_path, "prober.yaml", FILE)
    assert planned(command("prober", "plan", "--format", "json", *arguments, **env)) == plan


@pytest.mark.parametrize(
    ("name", "value"),
    [("PROBER_BASE_URL", "{url}"), ("BASE_URL", "{url}")],
    ids=["PROBER_BASE_URL", "BASE_URL"],
)
def test_url_in_the_environment_is_the_one_that_is_probed(
    name: str, value: str, command: Callable[..., Ended], silent: Silent
) -> None:
    env = {name: value.replace("{url}", silent.url)}
    assert command("prober", "run", "--profile", "oauth", *ONE, **env).status == ExitStatus.NO_VERDICT
    assert silent.connections() > 0


def test_the_tools_own_variable_wins_over_the_platforms(command: Callable[..., Ended], silent: Silent) -> None:
    env = {"PROBER_BASE_URL": "http://127.0.0.1:1", "BASE_URL": silent.url}
    command("prober", "run", "--profile", "oauth", *ONE, **env)
    assert silent.connections() == 0


def test_header_of_the_environment_keeps_its_spaces(command: Callable[..., Ended]) -> None:
    ended = command(
        "prober", "run", "--profile", "oauth", PROBER_HEADER="x-a: env:UNSET", BASE_URL="http://127.0.0.1:1"
    )
    assert ended.err == (
        "error: --header 'x-a': the environment has no 'UNSET'\n  fix: export UNSET, or name another source\n"
    )


def test_glob_of_the_environment_keeps_its_spaces(command: Callable[..., Ended]) -> None:
    env = {"PROBER_ONLY": "mcp: GET /mcp stream [anonymous]", "MCP_URL": "http://h"}
    ended = command("prober", "plan", "--profile", "oauth", "--format", "json", **env)
    assert (ended.status, ended.err) == (0, "")


def test_plan_sends_nothing(command: Callable[..., Ended], silent: Silent) -> None:
    ended = command("prober", "plan", "--profile", "oauth", "--base-url", silent.url, "--mcp-url", silent.url)
    assert ended.status == 0
    assert "knowledge: GET /api/knowledge" in ended.out
    assert silent.connections() == 0


SETTINGS = ("--profile", "oauth", "--base-url", "http://h", "--surface", "settings")


@pytest.mark.parametrize(
    ("rate", "line"),
    [
        pytest.param("10", "at 10 a second: 8 s", id="seconds"),
        pytest.param("0.5", "at 0.5 a second: 2 min 32 s", id="a-fraction"),
        pytest.param("0.1", "at 0.1 a second: 12 min 40 s", id="minutes"),
        pytest.param("1000", "at 1000 a second: 1 s", id="never-no-time-at-all"),
    ],
)
def test_plan_says_last_how_long_it_takes_at_a_rate(rate: str, line: str, command: Callable[..., Ended]) -> None:
    ended = command("prober", "plan", *SETTINGS, "--rate", rate)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-2].startswith("76 requests: ")
    assert ended.out.splitlines()[-1] == line


def test_plan_without_a_rate_says_nothing_of_time(command: Callable[..., Ended]) -> None:
    ended = command("prober", "plan", *SETTINGS)
    assert ended.out.splitlines()[-1].startswith("76 requests: ")


@pytest.mark.parametrize(
    ("arguments", "env", "seconds"),
    [
        pytest.param(["--rate", "8"], {}, 9.5, id="rate"),
        pytest.param([], {"PROBER_RATE": "0.5"}, 152.0, id="rate-of-the-environment"),
        pytest.param([], {}, None, id="no-rate"),
    ],
)
def test_plan_in_json_says_the_seconds(
    arguments: list[str], env: dict[str, str], seconds: float | None, command: Callable[..., Ended]
) -> None:
    ended = command("prober", "plan", *SETTINGS, "--format", "json", *arguments, **env)
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out)["requests"] == 76
    assert json.loads(ended.out)["seconds"] == seconds


def test_plan_at_no_rate_is_a_usage_error(command: Callable[..., Ended]) -> None:
    ended = command("prober", "plan", "--profile", "oauth", "--rate", "0")
    what = "invalid value for '--rate': 0.0 is not in the range x>0.0"
    assert ended == Ended(status=64, out="", err=f"error: {what}\n  fix: see 'prober plan --help'\n")


def test_bug_is_told_without_its_traceback(command: Callable[..., Ended], tmp_path: Path) -> None:
    """Staged from outside, by a module that stands before ours: no code of ours is to have a bug for a test."""
    write(tmp_path, "sabotage/sitecustomize.py", "import json\njson.dumps = None\n")
    arguments = ("plan", "--profile", "oauth", "--base-url", "http://h", "--format", "json")
    ended = command("python", "-m", "prober", *arguments, PYTHONPATH=str(tmp_path / "sabotage"))  # unlike the script
    assert (ended.status, ended.out) == (70, "")
    assert ended.err == (
        "error: a bug in the prober: TypeError\n  fix: run it again with --verbose and report what it prints\n"
    )
