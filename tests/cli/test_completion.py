"""Completion in the shells themselves: a key is pressed at a terminal, and the command gets the words that were meant."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from prober.cli.completion import INSTALLED_BY
from prober.cli.main import COMMANDS
from prober.cli.schema import KINDS
from prober.definitions.shipped import profile_names, surface_names
from prober.demo.doors import DOORS
from prober.model import Depth
from prober.report.formats import FORMATS
from tests.support.shells import answered

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("own_folder")


def offered(line: str) -> list[str]:
    """The words that the last one of this line may become."""
    done = answered(line)
    assert done.stderr == ""
    rows = [row.partition(",") for row in done.stdout.splitlines() if row]
    return [word.partition("\t")[0] for kind, _, word in rows if kind == "plain"]


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
