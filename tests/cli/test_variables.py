"""Variables PROBER_...: a misspelt one is an error before anything is sent, one that holds a secret may have any name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from prober.cli.main import exit_with, prober
from prober.cli.variables import refuse_unknown_variables
from prober.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

RUN = click.Command("run", params=[click.Option(["--profile"], envvar="PROBER_PROFILE")])
WATCH = click.Command("watch", params=[click.Option(["--every"], envvar=["PROBER_EVERY", "EVERY"])])
HISTORY = click.Command("history", params=[click.Option(["--last"])])


def refuse(environ: dict[str, str], *arguments: str, command: click.Command = RUN) -> None:
    refuse_unknown_variables(command, environ, arguments, others=lambda: [RUN, WATCH, HISTORY])


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        pytest.param("PROBER_PROFIL", "did you mean 'PROBER_PROFILE'?", id="near"),
        pytest.param("PROBER_XYZ", "unset it, or name it as a secret: env:NAME", id="far-off"),
    ],
)
def test_a_variable_that_no_option_reads_is_an_error(name: str, fix: str) -> None:
    with pytest.raises(UsageError) as raised:
        refuse({name: "oauth", "PROBER_PROFILE": "oauth"})
    assert (raised.value.what, raised.value.fix) == (f"no option reads the variable {name}", fix)


@pytest.mark.parametrize(
    ("environ", "arguments"),
    [
        pytest.param({"PROBER_PROFILE": "x", "PROBERS": "x", "PATH": "x"}, (), id="known"),
        pytest.param({"PROBER_EVERY": "5m"}, (), id="of-another-command"),
        pytest.param({"PROBER_TOKEN": "x"}, ("--hold", "mcp-token=env:PROBER_TOKEN"), id="a-secret"),
        pytest.param({"PROBER_TOKEN": "x", "PROBER_PROFILE": "a=env:PROBER_TOKEN\nb=env:C"}, (), id="named-by-a-variable"),
    ],
)  # fmt: skip
def test_what_something_reads_is_none(environ: dict[str, str], arguments: tuple[str, ...]) -> None:
    refuse(environ, *arguments)


def test_a_secret_that_the_deployment_names_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError):
        refuse({"PROBER_TOKEN": "x"})
    (tmp_path / "prober.yaml").write_text("hold: {mcp-token: 'env:PROBER_TOKEN'}\n")
    refuse({"PROBER_TOKEN": "x"})
    (tmp_path / "prober.yaml").rename(tmp_path / "other.yaml")
    refuse({"PROBER_TOKEN": "x"}, "--deployment=other.yaml")


def test_a_command_that_reads_none_does_not_mind() -> None:
    refuse({"PROBER_PROFIL": "x"}, command=HISTORY)


@pytest.mark.parametrize("command", ["run", "plan", "watch"])
def test_a_run_stops_at_a_misspelt_variable(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROBER_BASE_ULR", "http://127.0.0.1:9")
    assert exit_with(prober, [command, "--profile", "oauth"], name="prober") == 64
    assert capsys.readouterr().err == (
        "error: no option reads the variable PROBER_BASE_ULR\n  fix: did you mean 'PROBER_BASE_URL'?\n"
    )
    assert exit_with(prober, [command, "--help"], name="prober") == 0
