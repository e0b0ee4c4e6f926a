"""`prober completion`, and the variables of click's own completion, which must never make a run pass."""

from __future__ import annotations

import pytest

from tests.support.shells import SHELLS, answered, run

pytestmark = pytest.mark.usefixtures("own_folder")


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
