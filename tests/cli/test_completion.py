"""Completion in the shells themselves: a key is pressed at a terminal, and the command gets the words that were meant."""

from __future__ import annotations

import importlib
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from prober.cli.completion import INSTALLED_BY
from prober.cli.main import COMMANDS
from prober.cli.schema import KINDS
from prober.definitions.shipped import profile_names, surface_names
from prober.demo.doors import DOORS
from prober.model import Depth
from prober.report.formats import FORMATS

SCRIPTS = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
# Each shell is told to say what its command was given, in place of running it; the completion still asks the program.
POSIX = """
say() { printf 'GOT<%s>\\n' "$@"; printf 'EN%s\\n' D; }
prober() { say "$@"; }
verify-lockdown() { say "$@"; }
"""
FISH = """
prober completion fish | source
function say; for word in $argv; printf 'GOT<%s>\\n' $word; end; printf 'EN%s\\n' D; end
function prober; say $argv; end
function verify-lockdown; say $argv; end
"""
SHELLS = {
    "bash": (["bash", "--noprofile", "--rcfile", "{rc}", "-i"], f'eval "$(prober completion bash)"{POSIX}'),
    "zsh": (["zsh", "-i"], f'autoload -Uz compinit; compinit -D -u; eval "$(prober completion zsh)"{POSIX}'),
    "fish": (["fish", "--no-config", "--init-command", "source {rc}", "--interactive"], FISH),
}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        assert os.environ.get("CI") != "true", f"{name} is not installed: apt-get install {name}"
        pytest.skip(f"{name} is not installed, and its completion is not tried: apt-get install {name}")
    return name


@pytest.fixture
def in_reach(tmp_path: Path) -> Path:
    """A folder with what the tests complete; `~/bin` holds the programs too."""
    (tmp_path / "kept file.json").touch()
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "deeper.json").touch()
    (tmp_path / "bin").symlink_to(SCRIPTS)
    return tmp_path


def given(shell: str, keys: str, folder: Path) -> list[str]:
    """The words that the command is given when these keys are pressed at a terminal, and then Enter."""
    words, setup = SHELLS[shell]
    rc = folder / ".zshrc"
    rc.write_text(setup)
    words = [word.replace("{rc}", str(rc)) for word in words]
    env = {
        "PATH": f"{SCRIPTS}:{os.environ['PATH']}", "HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb",
        "LANG": "C.UTF-8", "TO_BE_HELD": "x",
    }  # fmt: skip
    leader, follower = pty.openpty()
    words = ["setsid", "--ctty", *words]  # the terminal is the shell's own
    with subprocess.Popen(words, stdin=follower, stdout=follower, stderr=follower, cwd=folder, env=env) as process:
        os.close(follower)
        try:
            os.write(leader, keys.encode() + b"\n")
            seen = _until(leader, "END")
        finally:
            process.kill()
            os.close(leader)
    said = [line.partition("GOT<")[2] for line in seen.replace("\r", "").split("\n") if "GOT<" in line]
    return [word.rpartition(">")[0] for word in said]


def _until(leader: int, mark: str) -> str:
    seen, deadline = b"", time.monotonic() + 20
    while mark.encode() not in seen and time.monotonic() < deadline:
        if select.select([leader], [], [], 1)[0]:
            seen += os.read(leader, 4096)
    assert mark.encode() in seen, seen.decode(errors="replace")
    return seen.decode()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param("prober expl\tx", ["explain", "x"], id="a-command"),
        pytest.param("prober run --prof\tx", ["run", "--profile", "x"], id="an-option"),
        pytest.param("prober run --profile dev\t", ["run", "--profile", "dev-shim"], id="a-profile"),
        pytest.param("prober run --profile=dev\t", ["run", "--profile=dev-shim"], id="a-profile-behind-the-sign"),
        pytest.param("prober run --surface know\t", ["run", "--surface", "knowledge"], id="a-surface"),
        pytest.param("prober plan --depth qu\t", ["plan", "--depth", "quick"], id="a-depth"),
        pytest.param("prober run --format js\t", ["run", "--format", "json"], id="a-format"),
        pytest.param("prober run --report js\tx", ["run", "--report", "json=x"], id="a-report-and-no-space"),
        pytest.param("prober run --report json=kept\t", ["run", "--report", "json=kept file.json"], id="a-report-s-file"),
        pytest.param("prober run --hold=witness=file:./kept\t", ["run", "--hold=witness=file:./kept file.json"], id="a-file-behind-three-heads"),
        pytest.param("prober run --deployment=kep\t", ["run", "--deployment=kept file.json"], id="a-file-behind-the-sign"),
        pytest.param("prober run --report json=de\tdeep\t", ["run", "--report", "json=de/deeper.json"], id="a-folder-and-no-space"),
        pytest.param("prober run --deployment kep\t", ["run", "--deployment", "kept file.json"], id="a-file"),
        pytest.param("prober run --hold wit\tenv:TO_BE\t", ["run", "--hold", "witness=env:TO_BE_HELD"], id="a-held-secret"),
        pytest.param("prober explain GET\\ /api/kno\t", ["explain", "GET /api/knowledge"], id="a-route"),
        pytest.param("prober explain 'GET /api/heal\t", ["explain", "GET /api/healthz"], id="a-route-in-quotes"),
        pytest.param("prober explain migrate:\t", ["explain", "migrate: POST /api/migrate"], id="a-route-by-its-name"),
        pytest.param(
            "prober explain knowledge:\\ GET\\ /api/knowledge\\ \\[anon\t",
            ["explain", "knowledge: GET /api/knowledge [anonymous]"], id="a-finding",
        ),
        pytest.param("prober selftest --only mcp-any-bearer\\ in\\ dev\t", ["selftest", "--only", "mcp-any-bearer in dev-shim"], id="a-case"),
        pytest.param("prober demo --open mcp-any-b\t", ["demo", "--open", "mcp-any-bearer"], id="a-door"),
        pytest.param("prober schema surf\t", ["schema", "surface"], id="a-schema"),
        pytest.param("verify-lockdown --surface know\t", ["--surface", "knowledge"], id="the-drop-in"),
    ],
)  # fmt: skip
def test_tab_completes(shell: str, keys: str, words: list[str], in_reach: Path) -> None:
    assert given(shell, keys, in_reach) == words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param("prober schema surf\t", ["prober", "schema", "surface"], id="prober"),
        pytest.param(
            "verify-lockdown --surface know\t", ["verify-lockdown", "--surface", "knowledge"], id="the-drop-in"
        ),
    ],
)
def test_tab_completes_a_program_that_is_called_by_its_path(
    shell: str, keys: str, words: list[str], in_reach: Path
) -> None:
    to_the_start = "\x01"  # the line is said there, and not run
    called, *rest = given(shell, f"~/bin/{keys}{to_the_start}say ", in_reach)
    assert [called.rpartition("/")[2], *rest] == words


def test_a_script_is_one_that_its_shell_reads(shell: str) -> None:
    done = subprocess.run([shell, "-n"], input=run("completion", shell).stdout, capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_script_for_bash_has_nothing_that_shellcheck_knows() -> None:
    script = run("completion", "bash").stdout
    done = subprocess.run(
        [SCRIPTS / "shellcheck", "--shell=bash", "-"], input=script, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


# --- what is offered --------------------------------------------------------------------------------------------------


def answered(line: str, *words: str, shell: str = "fish", **env: str) -> subprocess.CompletedProcess[str]:
    """What a shell's script gets when TAB is pressed at the end of this line."""
    return run(*words, _PROBER_COMPLETE=f"{shell}_complete", COMP_WORDS=line, **env)


def offered(line: str) -> list[str]:
    """The words that the last one of this line may become."""
    done = answered(line)
    assert done.stderr == ""
    rows = [row.partition(",") for row in done.stdout.splitlines() if row]
    return [word.partition("\t")[0] for kind, _, word in rows if kind == "plain"]


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the deployment of the folder that it was started in."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("prober ", list(COMMANDS), id="commands"),
        pytest.param("prober run --profile ", list(profile_names()), id="profiles"),
        pytest.param("prober plan --surface ", [*surface_names(), "all"], id="surfaces"),
        pytest.param("prober run --depth ", list(Depth), id="depths"),
        pytest.param("prober run --format ", list(FORMATS), id="formats"),
        pytest.param("prober run --report ", [f"{name}=" for name in FORMATS], id="reports"),
        pytest.param("prober run --service ", ["mcp=", "web="], id="services"),
        pytest.param("prober run --hold mcp-token=", ["mcp-token=env:", "mcp-token=file:"], id="where-a-secret-is-kept"),
        pytest.param("prober watch --alert ", ["env:", "file:"], id="where-a-receiver-is-kept"),
        pytest.param("prober watch --page-token f", ["file:"], id="a-token"),
        pytest.param("prober watch --listen ", ["127.0.0.1:9420"], id="where-to-listen"),
        pytest.param("prober watch --remind ", ["1h", "6h", "1d", "0"], id="how-often-to-remind"),
        pytest.param("prober watch --report pro", ["prometheus="], id="a-report-of-the-watch"),
        pytest.param("prober run --tolerate ", ["drift"], id="what-is-tolerated"),
        pytest.param("prober demo --open ", list(DOORS), id="doors"),
        pytest.param("prober demo --mode d", ["dev-shim"], id="modes"),
        pytest.param("prober schema ", list(KINDS), id="kinds-of-schema"),
        pytest.param("prober completion ", list(INSTALLED_BY), id="shells"),
        pytest.param("prober explain ", list(surface_names()), id="surfaces-first"),
        pytest.param("prober explain 'POST /api/migr", ["POST /api/migrate"], id="a-route"),
        pytest.param("prober run --only /api/migr", ["/api/migrate"], id="a-path"),
        pytest.param("prober run --base-url ", [], id="what-nobody-knows"),
        pytest.param("prober nosuch ", [], id="no-command"),
        pytest.param("prober run --nosuch ", [], id="no-option"),
    ],
)  # fmt: skip
def test_what_there_is_is_offered(line: str, words: list[str]) -> None:
    assert sorted(offered(line)) == sorted(words)


def test_a_finding_is_offered_once_its_route_is_typed() -> None:
    found = offered("prober explain 'migrate: POST /api/migrate ")
    assert "migrate: POST /api/migrate [anonymous]" in found
    assert len(found) > 20
    assert {word.partition(" [")[0] for word in found} == {"migrate: POST /api/migrate"}


def files_of(name: str) -> list[click.Parameter]:
    command = importlib.import_module(COMMANDS[name]).command
    return [parameter for parameter in command.params if "FILE" in (parameter.metavar or "").split("|")]


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, parameter) for name in COMMANDS for parameter in files_of(name)],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_file_is_completed_as_one(name: str, parameter: click.Parameter) -> None:
    context = click.Context(importlib.import_module(COMMANDS[name]).command)
    assert [item.type for item in parameter.shell_complete(context, "./x")] == ["file"]


def test_the_drop_in_is_offered_its_own_options() -> None:
    assert offered("verify-lockdown --surf") == ["--surface"]
    assert offered("verify-lockdown ") == []


def test_the_cases_of_the_selftest_are_offered() -> None:
    assert "mcp-any-bearer in oauth" in offered("prober selftest --only mcp")


OWN = "{surface: billing, about: b, routes: [{route: GET /bills, guard: session, why: w, fix: f}]}"


def test_surfaces_of_the_deployment_are_offered_too(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "billing.yaml").write_text(OWN)
    (tmp_path / "prober.yaml").write_text("probes: mine\n")
    assert offered("prober run --surface bill") == ["billing"]
    assert offered("prober explain GET\\ /bill") == ["GET /bills"]


@pytest.mark.parametrize("text", ["probes: nowhere\n", "nonsense: 1\n", "{"], ids=["no-folder", "no-key", "no-yaml"])
def test_a_wrong_deployment_hides_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "prober.yaml").write_text(text)
    assert offered("prober run --surface know") == ["knowledge"]


def test_completing_imports_neither_the_network_nor_the_demo() -> None:
    """They would be felt at each press of the key."""
    code = (
        "import os, sys; os.environ['COMP_WORDS'] = 'prober run --surface m';"
        "from prober.cli.main import prober; from prober.cli.completion import answer; answer(prober, 'bash_complete');"
        "print(sorted({'httpx', 'starlette', 'jwt'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# --- reading the line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "word"),
    [
        pytest.param("prober  plan  --depth  q", "quick", id="two-spaces"),
        pytest.param("prober plan --depth 'q", "quick", id="an-open-quote"),
        pytest.param('prober plan --report "json=a\\" b" --depth "q', "quick", id="a-quote-in-quotes"),
        pytest.param("prober plan --only 'a\\' --depth q", "quick", id="no-escape-in-single-quotes"),
        pytest.param("prober plan --only '' --depth q", "quick", id="an-empty-word"),
        pytest.param("prober explain migrate:\\ P", "migrate: POST /api/migrate", id="a-space-with-a-backslash"),
        pytest.param("prober explain migrate:\\", "migrate: POST /api/migrate", id="a-backslash-to-come"),
        pytest.param("prober plan --depth=q", "--depth=quick", id="an-option-and-its-value-in-one-word"),
    ],
)
def test_a_line_is_read_as_a_shell_reads_it(line: str, word: str) -> None:
    assert offered(line) == [word]


@pytest.mark.parametrize(
    ("line", "breaks", "row"),
    [
        pytest.param("prober explain migrate:", ":=", "plain, POST /api/migrate", id="broken-at-the-colon"),
        pytest.param("prober plan --depth=q", ":=", "plain,quick", id="broken-at-the-sign"),
        pytest.param("prober explain 'migrate:", "", "plain,migrate: POST /api/migrate", id="unbroken-in-quotes"),
        pytest.param("prober explain migrate:\\ P", " \"':=", "plain, POST /api/migrate", id="no-break-at-an-escaped-space"),
    ],
)  # fmt: skip
def test_bash_is_given_the_rest_of_a_word_that_it_breaks(line: str, breaks: str, row: str) -> None:
    assert answered(line, shell="bash", COMP_WORDBREAKS=breaks).stdout.splitlines() == [row]


def test_no_word_holds_what_the_scripts_split_an_answer_at() -> None:
    everything = [word for name in surface_names() for word in offered(f"prober explain '{name}: ")]
    assert len(everything) > 50
    assert [word for word in everything if set(",\t\n") & set(word)] == []


# --- the command ------------------------------------------------------------------------------------------------------


def run(*words: str, program: str = "prober", **env: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], **env}
    return subprocess.run(
        [SCRIPTS / program, *words], env=clean, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", SHELLS)
def test_a_script_is_printed(name: str) -> None:
    done = run("completion", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_PROBER_COMPLETE={name}_complete" in done.stdout


def test_without_a_shell_it_says_how_to_use_it() -> None:
    done = run("completion")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(SHELLS)


def test_a_shell_that_is_none_is_a_usage_error() -> None:
    done = run("completion", "zhs")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr == "error: no completion for 'zhs'\n  fix: did you mean 'zsh'?\n"


# --- what click alone would get wrong: its variable answers in any command, exits 0 and probes nothing -----------------

INSTRUCTIONS = ["bash_complete", "zsh_complete", "fish_complete", "bash_source", "no"]
NOWHERE = ["--profile", "oauth", "--base-url", "http://127.0.0.1:1", "--attempts", "1"]


def with_variables(value: str) -> dict[str, str]:
    return {
        "_PROBER_COMPLETE": value, "_VERIFY_LOCKDOWN_COMPLETE": value, "COMP_WORDS": "prober run ", "COMP_CWORD": "1",
    }  # fmt: skip


@pytest.mark.parametrize("value", INSTRUCTIONS)
def test_no_variable_of_the_environment_makes_a_run_pass(value: str) -> None:
    done = run("run", *NOWHERE, **with_variables(value))
    assert done.returncode == 2
    assert "no verdict" in done.stdout.lower()


@pytest.mark.parametrize("value", INSTRUCTIONS)
@pytest.mark.parametrize("words", [NOWHERE, []], ids=["by-options", "by-the-environment-alone"])
def test_no_variable_of_the_environment_makes_the_drop_in_pass(value: str, words: list[str]) -> None:
    """It probes without any argument too, so it answers no completion at all."""
    env = {
        "PROBER_PROFILE": "oauth", "BASE_URL": "http://127.0.0.1:1", "MCP_URL": "http://127.0.0.1:1", "PROBER_ATTEMPTS": "1",
    }  # fmt: skip
    done = run(*words, program="verify-lockdown", **env, **with_variables(value))
    assert done.returncode == 2
    assert "no verdict" in done.stdout.lower()


@pytest.mark.parametrize(
    ("value", "line"),
    [
        pytest.param("bash_source", "prober ", id="no-instruction-to-complete"),
        pytest.param("powershell_complete", "prober ", id="a-shell-without-a-script"),
        pytest.param("BASH_COMPLETE", "prober ", id="another-spelling"),
        pytest.param("", "prober ", id="empty"),
        pytest.param("bash_complete", None, id="no-line"),
    ],
)
def test_a_variable_that_is_not_exact_changes_nothing(value: str, line: str | None) -> None:
    done = run(_PROBER_COMPLETE=value, **({} if line is None else {"COMP_WORDS": line}))
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("error: no command is given\n")


def test_no_argument_is_overlooked_for_the_variable() -> None:
    """Not even one that starts nothing: whatever is asked for is answered."""
    done = answered("prober ", "--version")
    assert done.stdout.startswith("lockdown-prober, version")
