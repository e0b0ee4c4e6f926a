"""Mistakes of usage (exit 64) and of definitions (exit 78): exact messages, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.cli.main import COMMANDS
from prober.model import ExitStatus
from prober.report.formats import FORMATS
from tests.support.process import OAUTH, ONE, Ended, Silent, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# --- usage: 64 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            [],
            "error: no command is given\n  fix: use one of: " + ", ".join(COMMANDS),
            id="nothing",
        ),
        pytest.param(["rnu"], "error: no command 'rnu'\n  fix: did you mean 'run'?", id="near"),
        pytest.param(["zzz"], "error: no command 'zzz'\n  fix: use one of: " + ", ".join(COMMANDS), id="far-off"),
        pytest.param(
            ["--profile", "x"], "error: no such option '--profile'\n  fix: see 'prober --help'", id="no-command"
        ),
        pytest.param(
            ["explain"],
            "error: missing argument 'ROUTE|FINDING-ID|REASON'\n  fix: see 'prober explain --help'",
            id="argument",
        ),
        pytest.param(
            ["explain", "POST /api/migrat"],
            "error: no route or finding matches 'POST /api/migrat'\n  fix: did you mean 'POST /api/migrate'?",
            id="nothing-is-called-so",
        ),
    ],
)
def test_command_that_is_none_is_a_usage_error(
    arguments: list[str], message: str, command: Callable[..., Ended]
) -> None:
    assert command("prober", *arguments) == Ended(status=64, out="", err=f"{message}\n")


NAMES = "(there are credentials, credentials+oauth, dev-shim, oauth, unconfigured)"
USAGE = [
    pytest.param(
        ["--profil", "oauth"], "no such option '--profil'", "did you mean '--profile'?", id="option-near"
    ),
    pytest.param([*OAUTH, "--zzzzzzzz"], "no such option '--zzzzzzzz'", "see 'prober run --help'", id="option-far-off"),
    pytest.param([*OAUTH, "more"], "got unexpected extra argument (more)", "see 'prober run --help'", id="argument-extra"),
    pytest.param(
        ["--base-url", "{url}", "--profile"], "option '--profile' requires an argument", "see 'prober run --help'",
        id="option-without-value",
    ),
    pytest.param([], "no service is named", "give --base-url URL or --mcp-url URL, or write prober.yaml", id="no-service"),
    pytest.param(
        ["--mcp-url", "{url}"], f"no profile given {NAMES}", "give --profile NAME, or --env-file FILE to read the mode from",
        id="no-profile",
    ),
    pytest.param(
        ["--base-url", "{url}", "--profile", "oath"], f"no profile 'oath' {NAMES}", "did you mean 'oauth'?", id="profile"
    ),
    pytest.param(
        ["--base-url", "{url}", "--profile", "./no.yaml"], "cannot read ./no.yaml: No such file or directory",
        "check the path and its permissions", id="profile-file",
    ),
    pytest.param(
        [*OAUTH, "--deployment", "no.yaml"], "cannot read no.yaml: No such file or directory",
        "check the path and its permissions", id="deployment-file",
    ),
    pytest.param(
        [*OAUTH, "--env-file", "no.env"], "cannot read no.env: No such file or directory",
        "run in the folder of the deployment's .env, or give a --profile", id="env-file",
    ),
    pytest.param([*OAUTH, "--surface", "mcp"], "surface 'mcp' is on service 'mcp', which has no URL",
                 "give --mcp-url URL, or name only the surfaces that are served", id="surface-without-url"),
    pytest.param([*OAUTH, "--only", "knowlege"], "--only 'knowlege' matches no probe", "did you mean 'knowledge'?", id="only"),
    pytest.param([*OAUTH, "--skip", "knowlege"], "--skip 'knowlege' matches no probe", "did you mean 'knowledge'?", id="skip"),
    pytest.param(
        [*OAUTH, "--require", "knowlege"], "--require 'knowlege' matches no probe", "did you mean 'knowledge'?", id="require"
    ),
    pytest.param([*OAUTH, "--skip", "*"], "no probe is left to send", "choose more surfaces, or fewer --skip", id="skip-all"),
    pytest.param(
        [*OAUTH, "--allow-effects", "/api/me"], "--allow-effects '/api/me' matches no route that needs permission",
        "see 'prober plan' for what is skipped", id="allow-effects",
    ),
    pytest.param([*OAUTH, "--budget", "1", "--surface", "settings"], "the plan needs 76 requests, but --budget is 1",
                 "raise --budget, name fewer surfaces, or use --depth quick", id="budget"),
    pytest.param(
        [*OAUTH, "--budget", "0"], "invalid value for '--budget': 0 is not in the range x>=1", "see 'prober run --help'",
        id="budget-0",
    ),
    pytest.param(
        [*OAUTH, "--depth", "deepest"], "invalid value for '--depth': 'deepest' is not one of 'quick', 'standard', 'deep'",
        "see 'prober run --help'", id="depth",
    ),
    pytest.param(
        [*OAUTH, "--timeout", "0"], "invalid value for '--timeout': '0' is not within 0.001 to 86400 seconds",
        "see 'prober run --help'", id="timeout-0",
    ),
    pytest.param(
        [*OAUTH, "--timeout", "soon"], "invalid value for '--timeout': 'soon' is not a duration: write seconds (300) or a number with its unit (30s, 5m, 6h, 90d)",
        "see 'prober run --help'", id="timeout-a-word",
    ),
    pytest.param(
        [*OAUTH, "--wait", "-1"], "invalid value for '--wait': '-1' is not a duration: write seconds (300) or a number with its unit (30s, 5m, 6h, 90d)",
        "see 'prober run --help'", id="wait",
    ),
    pytest.param(
        [*OAUTH, "--attempts", "11"], "invalid value for '--attempts': 11 is not in the range 1<=x<=10",
        "see 'prober run --help'", id="attempts",
    ),
    pytest.param(
        [*OAUTH, "--concurrency", "0"], "invalid value for '--concurrency': 0 is not in the range 1<=x<=64",
        "see 'prober run --help'", id="concurrency",
    ),
    pytest.param(
        [*OAUTH, "--rate", "0"], "invalid value for '--rate': 0.0 is not in the range x>0.0", "see 'prober run --help'", id="rate"
    ),
    pytest.param(
        [*OAUTH, "--tolerate", "leak"], "invalid value for '--tolerate': 'leak' is not 'drift'", "see 'prober run --help'",
        id="tolerate",
    ),
    pytest.param([*OAUTH, "--format", "yaml"], f"invalid value for '--format': 'yaml' is not one of {', '.join(map(repr, FORMATS))}",
                 "see 'prober run --help'", id="format"),
    pytest.param([*OAUTH, "--report", "json"], "--report 'json' is not FORMAT=PATH", "write it as in --report json=report.json",
                 id="report-without-path"),
    pytest.param([*OAUTH, "--report", "jsn=x"], "--report knows no format 'jsn'", "did you mean 'json'?", id="report-format"),
    pytest.param(
        [*OAUTH, "--report", "json=no/such/folder/x"], "--report cannot write 'no/such/folder/x'",
        "name a file in a folder that may be written", id="report-folder-missing",
    ),
    pytest.param(
        [*OAUTH, "--report", "json=."], "--report cannot write '.'", "name a file in a folder that may be written",
        id="report-a-folder",
    ),
    pytest.param([*OAUTH, "--cacert", "no.pem"], "--cacert 'no.pem' holds no certificates", "name a PEM file of authorities",
                 id="cacert"),
    pytest.param([*OAUTH, "--header", "x-bypass: s3cr3t"],
                 "--header 'x-bypass': the source must be env:NAME, file:PATH or -", "name where the value is stored",
                 id="header-literal"),
    pytest.param([*OAUTH, "--header", "x-bypass: env:UNSET"], "--header 'x-bypass': the environment has no 'UNSET'",
                 "export UNSET, or name another source", id="header-unset"),
    pytest.param([*OAUTH, "--header", "x-bypass: env:EMPTY"], "--header 'x-bypass': 'env:EMPTY' is empty",
                 "set it: an empty secret proves nothing", id="header-empty"),
    pytest.param([*OAUTH, "--header", "x-bypass: -"], "--header 'x-bypass': '-' is empty",
                 "set it: an empty secret proves nothing", id="header-empty-standard-input"),
    pytest.param([*OAUTH, "--header", "x-bypass"], "--header is not 'NAME: SOURCE'",
                 "write it as in --header 'x-bypass: env:BYPASS'", id="header-no-source"),
    pytest.param([*OAUTH, "--service", "web"], "--service 'web' is not NAME=URL", "write it as in --service api=https://host",
                 id="service"),
    pytest.param([*OAUTH, "--service", "wbe={url}"], "no surface is on service 'wbe' (there are surfaces on mcp, web)",
                 "did you mean 'web'?", id="service-unknown"),
    pytest.param(["--profile", "oauth", "--base-url", ""], "service 'web': '' does not start with http:// or https://",
                 "write it as https://host[:port]", id="url-empty"),
    pytest.param(["--profile", "oauth", "--base-url", "127.0.0.1:1"],
                 "service 'web': '127.0.0.1:1' does not start with http:// or https://", "write https://127.0.0.1:1",
                 id="url-without-scheme"),
    pytest.param([*OAUTH, "--mcp-url", "http://u:hunter2@h"],
                 "service 'mcp': a URL with a user or password would authenticate every request",
                 "remove everything before the '@'", id="url-with-password"),
    pytest.param([*OAUTH, "--mcp-url", "http://h?x=1"], "service 'mcp': 'http://h?x=1' has a query or a fragment",
                 "end it after the path", id="url-with-query"),
    pytest.param([*OAUTH, "--mcp-url", "http://h:99999"], "service 'mcp': 'http://h:99999' is not a URL",
                 "write it as https://host[:port]", id="url-port"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "what", "fix"), USAGE)
def test_usage_mistake_exits_64_and_sends_nothing(
    arguments: list[str], what: str, fix: str, command: Callable[..., Ended], silent: Silent
) -> None:
    said = [argument.replace("{url}", silent.url) for argument in arguments]
    ended = command("prober", "run", *said, EMPTY="")
    assert ended == Ended(status=64, out="", err=f"error: {what}\n  fix: {fix}\n")
    assert silent.connections() == 0


@pytest.mark.parametrize("said", ["nan", "inf"])
@pytest.mark.parametrize("option", ["--timeout", "--deadline", "--wait", "--rate"])
def test_what_is_no_number_is_a_usage_error(
    option: str, said: str, command: Callable[..., Ended], silent: Silent
) -> None:
    """`--wait nan` never ended: every comparison with it is false."""
    ended = command("prober", "run", "--profile", "oauth", "--base-url", silent.url, *ONE, option, said)
    assert ended.status == 64
    assert ended.err.startswith((
        f"error: invalid value for '{option}': {said} is not ", f"error: invalid value for '{option}': '{said}' is not ",
    ))  # fmt: skip
    assert silent.connections() == 0


def test_service_of_skips_alone_is_no_bug(command: Callable[..., Ended], silent: Silent) -> None:
    urls = ("--base-url", silent.url, "--mcp-url", silent.url)
    ended = command(
        "prober", "run", "--profile", "oauth", *urls, *ONE[2:], "--only", "reminders", "--only", "mcp-health"
    )
    assert ended.status == ExitStatus.NO_VERDICT


def test_header_goes_out_over_tls_or_to_this_machine_only(command: Callable[..., Ended]) -> None:
    ended = command(
        "prober", "run", "--profile", "oauth", "--base-url", "http://brain.invalid", *ONE,
        "--header", "x-bypass: env:BYPASS", BYPASS="s3cr3t",
    )  # fmt: skip
    assert ended == Ended(
        status=64,
        out="",
        err="error: --header 'x-bypass' would go to service 'web' without TLS\n  fix: use https for it\n",
    )


# --- definitions: 78 --------------------------------------------------------------------------------------------------

SURFACE = "surface: mine\nabout: My own.\nroutes:\n  - {route: GET /mine, guard: %s, why: w, fix: f}\n"


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        pytest.param(
            {"prober.yaml": "profile: oauth\nsurfces: [pages]\n"},
            [],
            "prober.yaml:2: unknown key 'surfces' in a deployment\n  fix: did you mean 'surfaces'?",
            id="deployment",
        ),
        pytest.param(
            {"prober.yaml": ""},
            [],
            "prober.yaml:1: the file is empty\n  fix: write a definition",
            id="deployment-empty",
        ),
        pytest.param(
            {"prober.yaml": "probes: mine\n", "mine/x.yaml": "surface: mine\n"},
            [],
            "mine/x.yaml:1: a surface has no 'about'\n  fix: add 'about:' (what these routes are, in a sentence)\n"
            "mine/x.yaml:1: a surface has no 'routes'\n  fix: add 'routes:' (the routes; at least one)",
            id="surface",
        ),
        pytest.param(
            {
                "prober.yaml": "probes: mine\n",
                "mode.yaml": "profile: mine\nabout: My own.\nguards:\n  session: 4001\n",
                "mine/x.yaml": SURFACE.replace("why:", "wy:") % "session",
                "mine/y.yaml": (SURFACE % "session").replace("GET /mine", "/mine"),
            },
            ["--profile", "mode.yaml"],
            "mode.yaml:4: '4001' is not a status\n  fix: write a number from 100 to 599\n"
            "mine/x.yaml:4: unknown key 'wy' in a route\n  fix: did you mean 'why'?\n"
            "mine/y.yaml:4: route '/mine' is not a method and path\n  fix: write it as in: GET /mine",
            id="three-files-at-once",
        ),
        pytest.param(
            {"prober.yaml": "profile: oauth\nsurfces: [pages]\ncookie: [a]\n"},
            [],
            "prober.yaml:2: unknown key 'surfces' in a deployment\n  fix: did you mean 'surfaces'?\n"
            "prober.yaml:3: unknown key 'cookie' in a deployment\n  fix: did you mean 'cookies'?",
            id="every-unknown-key",
        ),
        pytest.param(
            {"prober.yaml": "probes: mine\n", "mine/x.yaml": SURFACE % "sesion"},
            [],
            "mine/x.yaml:4: profile 'oauth' does not say how guard 'sesion' answers\n"
            "  fix: add 'sesion' under 'guards' in profiles/oauth.yaml (or did you mean 'session'?)",
            id="guard",
        ),
        pytest.param(
            {"mode.yaml": "profile: mine\nabout: My own.\nextends: oauth\nguards:\n  session: 0401\n"},
            ["--profile", "mode.yaml"],
            "mode.yaml:5: '0401' is not a plain decimal number for YAML\n  fix: write 401",
            id="profile",
        ),
    ],
)
def test_mistake_in_a_definition_exits_78_and_sends_nothing(
    files: dict[str, str],
    arguments: list[str],
    message: str,
    command: Callable[..., Ended],
    silent: Silent,
    tmp_path: Path,
) -> None:
    assert [write(tmp_path, name, text) for name, text in files.items()]
    ended = command("prober", "run", "--profile", "oauth", "--base-url", silent.url, *arguments)
    assert ended == Ended(status=78, out="", err=f"{message}\n")
    assert silent.connections() == 0
