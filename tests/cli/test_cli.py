"""The installed commands, each in a process of its own: exit statuses, messages, and nothing sent for a mistake."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober import __version__
from prober.cli.main import COMMANDS
from prober.model import ExitStatus
from prober.report.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCRIPTS = Path(sys.executable).parent
ONE = ("--surface", "health", "--attempts", "1", "--timeout", "0.3", "--quiet")  # a run that is soon over


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Silent:
    """A socket that takes every connection, answers none, and knows how many there were."""

    listener: socket.socket

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def connections(self) -> int:
        """Count, and end, the connections that wait."""
        count = 0
        while True:
            try:
                self.listener.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@pytest.fixture
def silent() -> Iterator[Silent]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.settimeout(0)
        yield Silent(listener)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Ended]:
    """Run a console script in an empty folder, with little but PATH in its environment."""

    def run(name: str, *arguments: str, stdin: str = "", **env: str) -> Ended:
        done = subprocess.run(
            [SCRIPTS / name, *arguments],
            cwd=tmp_path, input=stdin, capture_output=True, text=True, check=False, timeout=30,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **env},
        )  # fmt: skip
        assert "Traceback" not in done.stderr + done.stdout
        return Ended(status=done.returncode, out=done.stdout, err=done.stderr)

    return run


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


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


OAUTH = ("--profile", "oauth", "--base-url", "{url}")
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
    pytest.param([*OAUTH, "--budget", "1", "--surface", "settings"], "the plan needs 72 requests, but --budget is 1",
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
                 "--header 'x-bypass': the source is none of env:NAME, file:PATH and -", "name where the value is stored",
                 id="header-literal"),
    pytest.param([*OAUTH, "--header", "x-bypass: env:UNSET"], "--header 'x-bypass': the environment has no 'UNSET'",
                 "export UNSET, or name another source", id="header-unset"),
    pytest.param([*OAUTH, "--header", "x-bypass: env:EMPTY"], "--header 'x-bypass': 'env:EMPTY' is empty",
                 "set it: an empty secret proves nothing", id="header-empty"),
    pytest.param([*OAUTH, "--header", "x-bypass: -"], "--header 'x-bypass': '-' is empty",
                 "set it: an empty secret proves nothing", id="header-empty-standard-input"),
    pytest.param([*OAUTH, "--header", "x-bypass"], "--header is no 'NAME: SOURCE'",
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
            "mine/x.yaml:1: a surface has no 'about'\n  fix: add 'about:'",
            id="surface",
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


# --- where a wish comes from ------------------------------------------------------------------------------------------


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
        pytest.param("10", "at 10 a second: 7 s", id="seconds"),
        pytest.param("0.5", "at 0.5 a second: 2 min 24 s", id="a-fraction"),
        pytest.param("0.1", "at 0.1 a second: 12 min 0 s", id="minutes"),
        pytest.param("1000", "at 1000 a second: 1 s", id="never-no-time-at-all"),
    ],
)
def test_plan_says_last_how_long_it_takes_at_a_rate(rate: str, line: str, command: Callable[..., Ended]) -> None:
    ended = command("prober", "plan", *SETTINGS, "--rate", rate)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-2].startswith("72 requests: ")
    assert ended.out.splitlines()[-1] == line


def test_plan_without_a_rate_says_nothing_of_time(command: Callable[..., Ended]) -> None:
    ended = command("prober", "plan", *SETTINGS)
    assert ended.out.splitlines()[-1].startswith("72 requests: ")


@pytest.mark.parametrize(
    ("arguments", "env", "seconds"),
    [
        pytest.param(["--rate", "8"], {}, 9.0, id="rate"),
        pytest.param([], {"PROBER_RATE": "0.5"}, 144.0, id="rate-of-the-environment"),
        pytest.param([], {}, None, id="no-rate"),
    ],
)
def test_plan_in_json_says_the_seconds(
    arguments: list[str], env: dict[str, str], seconds: float | None, command: Callable[..., Ended]
) -> None:
    ended = command("prober", "plan", *SETTINGS, "--format", "json", *arguments, **env)
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out)["requests"] == 72
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


# --- verify-lockdown --------------------------------------------------------------------------------------------------

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
