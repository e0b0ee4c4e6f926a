"""verify-lockdown and its .env: the mode, the ports, the profile, and what it refuses to start with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.model import ExitStatus
from tests.support.process import ONE, Ended, Silent, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GITHUB = "AUTH_GITHUB_ID=a\nAUTH_GITHUB_SECRET=b\nAUTH_SECRET=c\n"
DEV = "ALLOW_DEV_AUTH=true\n"
MEND = "  fix: correct the environment, or name the --profile that is meant\n"


@pytest.mark.parametrize(
    ("env_file", "arguments", "leak"),
    [
        pytest.param(
            DEV + GITHUB,
            [],
            ".env: ALLOW_DEV_AUTH=true stands beside AUTH_GITHUB_ID and AUTH_GITHUB_SECRET: "
            "one of the two modes is not meant",
            id="conflict",
        ),
        pytest.param(
            DEV + GITHUB,
            ["--profile", "oauth"],
            ".env: ALLOW_DEV_AUTH=true stands beside AUTH_GITHUB_ID and AUTH_GITHUB_SECRET: "
            "one of the two modes is not meant",
            id="conflict-whatever-is-named",
        ),
        pytest.param(
            DEV + "AUTH_GITHUB_ID=\n",
            [],
            ".env: AUTH_GITHUB_ID is there but empty, beside ALLOW_DEV_AUTH=true: "
            "it looks like OAuth, and the server takes the dev shim",
            id="trap",
        ),
        pytest.param(
            DEV,
            ["--mcp-url", "http://brain.invalid"],
            "profile 'dev-shim' lets everybody in, and service 'mcp' (brain.invalid) is not on this machine",
            id="dev-shim-elsewhere",
        ),
    ],
)
def test_deployment_that_may_not_be_is_a_leak_before_the_first_request(
    env_file: str, arguments: list[str], leak: str, command: Callable[..., Ended], silent: Silent, tmp_path: Path
) -> None:
    write(tmp_path, ".env", env_file)
    ended = command("verify-lockdown", "--base-url", silent.url, *arguments)
    assert (ended.status, ended.out) == (ExitStatus.LEAK, f"LEAK: {leak}\n")
    assert ended.err.endswith(MEND)
    assert silent.connections() == 0


def test_dev_shim_elsewhere_is_probed_where_its_variable_says_so(command: Callable[..., Ended], tmp_path: Path) -> None:
    write(tmp_path, ".env", DEV + "ALLOW_DEV_AUTH_IN_PRODUCTION=true\n")
    ended = command("verify-lockdown", "--base-url", "http://brain.invalid", *ONE)
    assert (ended.status, ended.err) == (ExitStatus.NO_VERDICT, "Mode: DEV_SHIM (from .env)\n")


@pytest.mark.parametrize(
    ("env_file", "mode"),
    [
        pytest.param("", "UNCONFIGURED", id="unconfigured"),
        pytest.param(DEV, "DEV_SHIM", id="dev-shim"),
        pytest.param(GITHUB, "OAUTH", id="oauth"),
        pytest.param("ADMIN_USERNAME=a\nADMIN_PASSWORD_HASH='$2b$12$x'\n", "CREDENTIALS", id="credentials"),
        pytest.param(
            GITHUB + "ADMIN_USERNAME=a\nADMIN_PASSWORD_HASH='$2b$12$x'\n",
            "CREDENTIALS+OAUTH",
            id="credentials-and-oauth",
        ),
    ],
)
def test_mode_is_said_and_where_it_comes_from(
    env_file: str, mode: str, command: Callable[..., Ended], silent: Silent, tmp_path: Path
) -> None:
    write(tmp_path, ".env", env_file)
    ended = command("verify-lockdown", *ONE, BASE_URL=silent.url)
    assert (ended.status, ended.err) == (ExitStatus.NO_VERDICT, f"Mode: {mode} (from .env)\n")
    assert silent.connections() > 0


def test_profile_overrules_the_mode_of_the_file(command: Callable[..., Ended], silent: Silent, tmp_path: Path) -> None:
    write(tmp_path, ".env", DEV + "AUTH_GITHUB_ID=\n")
    ended = command("verify-lockdown", "--profile", "dev-shim", *ONE, BASE_URL=silent.url)
    assert (ended.status, ended.err) == (ExitStatus.NO_VERDICT, "Mode: DEV_SHIM (from --profile)\n")
    assert silent.connections() > 0


@pytest.mark.parametrize(
    ("service", "variable", "surface"),
    [
        pytest.param("web", "WEB_HOST_PORT", "health", id="web"),
        pytest.param("mcp", "MCP_HOST_PORT", "mcp-health", id="mcp"),
    ],
)
def test_port_of_the_file_is_the_one_that_is_probed(
    service: str, variable: str, surface: str, command: Callable[..., Ended], silent: Silent, tmp_path: Path
) -> None:
    port = silent.listener.getsockname()[1]
    write(tmp_path, ".env", f"{variable}={port}\n")
    arguments = ("--surface", surface, *ONE[2:-1], "--format", "json")
    ended = command("verify-lockdown", *arguments)
    assert json.loads(ended.out)["services"][service]["url"] == f"http://localhost:{port}"
    assert silent.connections() > 0


def test_url_in_the_environment_wins_over_the_port_of_the_file(
    command: Callable[..., Ended], silent: Silent, tmp_path: Path
) -> None:
    write(tmp_path, ".env", f"WEB_HOST_PORT={silent.listener.getsockname()[1]}\n")
    command("verify-lockdown", *ONE, BASE_URL="http://127.0.0.1:1")
    assert silent.connections() == 0


def test_both_services_of_the_platform_are_probed_by_default(
    command: Callable[..., Ended], silent: Silent, tmp_path: Path
) -> None:
    write(tmp_path, ".env", GITHUB)
    urls = {"BASE_URL": silent.url, "MCP_URL": silent.url}
    ended = command("verify-lockdown", *ONE[2:-1], "--format", "json", **urls)
    report = json.loads(ended.out)
    assert (ended.status, report["exit_status"], report["profile"]) == (2, 2, "oauth")
    assert set(report["services"]) == {"web", "mcp"}
    surfaces = {finding["surface"] for finding in report["findings"]}
    assert {"knowledge", "mcp", "voucher-gate"} <= surfaces
    assert not surfaces & {"migrate", "ingest", "reminders", "machines"}


def test_voucher_is_not_asked_for_where_the_file_says_that_none_is_needed(
    command: Callable[..., Ended], silent: Silent, tmp_path: Path
) -> None:
    write(tmp_path, ".env", GITHUB + "REGISTRATION_REQUIRES_VOUCHER=false\n")
    urls = {"BASE_URL": silent.url, "MCP_URL": silent.url}
    ended = command("verify-lockdown", *ONE[2:-1], "--format", "json", **urls)
    surfaces = {finding["surface"] for finding in json.loads(ended.out)["findings"]}
    assert "pages" in surfaces
    assert "voucher-gate" not in surfaces


@pytest.mark.parametrize(
    ("env_file", "message"),
    [
        pytest.param(
            "WEB_HOST_PORT=http\n",
            "error: .env: WEB_HOST_PORT is not a port\n  fix: write a number from 1 to 65535, or remove it\n",
            id="port",
        ),
        pytest.param(
            "AUTH_SECRET='open\n",
            "error: .env:1: this is not NAME=VALUE\n  fix: close its quotes, or make it a comment\n",
            id="quote",
        ),
    ],
)
def test_env_file_that_cannot_be_read_exits_64_and_sends_nothing(
    env_file: str, message: str, command: Callable[..., Ended], silent: Silent, tmp_path: Path
) -> None:
    write(tmp_path, ".env", env_file)
    assert command("verify-lockdown", BASE_URL=silent.url) == Ended(status=64, out="", err=message)
    assert silent.connections() == 0


def test_without_an_env_file_it_says_where_to_run(command: Callable[..., Ended], silent: Silent) -> None:
    assert command("verify-lockdown", BASE_URL=silent.url) == Ended(
        status=64,
        out="",
        err="error: cannot read .env: No such file or directory\n"
        "  fix: run in the folder of the deployment's .env, or give a --profile\n",
    )
    assert silent.connections() == 0


def test_without_an_env_file_a_profile_will_do(command: Callable[..., Ended], silent: Silent) -> None:
    ended = command("verify-lockdown", "--profile", "credentials", *ONE, BASE_URL=silent.url)
    assert (ended.status, ended.err) == (ExitStatus.NO_VERDICT, "Mode: CREDENTIALS (from --profile)\n")
    assert silent.connections() > 0


def test_option_of_the_drop_in_that_is_none_points_at_its_own_help(command: Callable[..., Ended]) -> None:
    assert command("verify-lockdown", "--zzzzzzzz") == Ended(
        status=64, out="", err="error: no such option '--zzzzzzzz'\n  fix: see 'verify-lockdown --help'\n"
    )
