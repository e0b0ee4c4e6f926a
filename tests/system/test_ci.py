"""What docs/ci gives to pipelines: held against each platform's schema and linter, and run where it can be run here."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from prober.cli.run import command as run_command
from prober.demo.doors import door_named
from prober.demo.server import running
from tests.support.ci import CI, ROOT, SCRIPTS, run

if TYPE_CHECKING:
    from pathlib import Path

ACTION_FILE = ROOT / "action.yml"
ACTION: dict[str, Any] = yaml.safe_load(ACTION_FILE.read_text())
STEPS = ACTION["runs"]["steps"]
VARIABLES = {name for parameter in run_command.params for name in parameter.envvar or ()}


# --- schemas and linters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-actions", "action.yml"),
        ("github-workflows", "docs/ci/workflow.yml"),
        ("github-workflows", ".github/workflows/release.yml"),
        ("gitlab-ci", "docs/ci/gitlab-ci.yml"),
    ],
)
def test_a_platform_s_own_schema_takes_it(schema: str, file: str, tmp_path: Path) -> None:
    done = run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", ROOT / file, folder=tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_hook_s_manifest_is_one(tmp_path: Path) -> None:
    done = run("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_container_s_file_has_nothing_that_hadolint_knows(tmp_path: Path) -> None:
    done = run("hadolint", CI / "Dockerfile", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


SHELL = {
    "deploy.sh": (CI / "deploy.sh").read_text(),
    "install.sh": (ROOT / "scripts" / "install").read_text(),
} | {step["name"]: f"#!/bin/bash\n{step['run']}" for step in STEPS if "run" in step}


@pytest.mark.parametrize("name", SHELL)
def test_a_script_has_nothing_that_shellcheck_knows(name: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(SHELL[name])
    assert run("sh" if name.endswith(".sh") else "bash", "-n", script, folder=tmp_path).returncode == 0
    assert run("shellcheck", script, folder=tmp_path).stdout == ""


@pytest.mark.parametrize("file", ["action.yml", "docs/ci/gitlab-ci.yml"])
def test_every_variable_of_the_prober_in_it_is_one(file: str) -> None:
    named = set(re.findall(r"PROBER_[A-Z_]+", (ROOT / file).read_text()))
    assert named
    assert named <= VARIABLES


@pytest.mark.parametrize("file", [*CI.iterdir(), ACTION_FILE], ids=lambda path: path.name)
def test_nothing_passes_whatever_comes(file: Path) -> None:
    code = [line.partition("#")[0] for line in file.read_text().splitlines() if file.suffix != ".md"]
    assert not re.search(r"\|\|\s*true|continue-on-error|allow_failure", "\n".join(code))


def test_every_file_is_in_the_table() -> None:
    readme = (CI / "README.md").read_text()
    told = set(re.findall(r"\]\(([^)]+)\)", readme))
    assert {path.name for path in CI.iterdir()} - {"README.md"} <= told
    assert [path for path in told if not (CI / path).is_file()] == []


# --- the action -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda step: step["name"])
def test_no_input_is_text_of_a_script(step: dict[str, Any]) -> None:
    """It would be run: an input may be whatever a pull request's author wrote."""
    assert "${{" not in step["run"]


def test_every_input_is_used_and_is_there() -> None:
    used = set(re.findall(r"inputs\.([a-z-]+)", json.dumps(STEPS)))
    assert used == set(ACTION["inputs"])


def test_every_output_that_is_given_is_set() -> None:
    given = set(re.findall(r"steps\.probe\.outputs\.([a-z-]+)", json.dumps(ACTION["outputs"])))
    probe = next(step for step in STEPS if step.get("id") == "probe")
    assert given == set(re.findall(r'echo "([a-z-]+)=', probe["run"]))


@pytest.fixture
def act(tmp_path: Path) -> Any:
    """Take the probing step with these inputs, as a runner does; the prober is the one that is here."""
    (tmp_path / "lockdown-prober").mkdir()
    (tmp_path / "lockdown-prober" / "bin").symlink_to(SCRIPTS)
    step = next(step for step in STEPS if step.get("id") == "probe")

    def take(**inputs: str) -> tuple[int, str, str]:
        said = {key: value.get("default", "") for key, value in ACTION["inputs"].items()} | {
            key.replace("_", "-"): value for key, value in inputs.items()
        }
        env = {key: said[re.findall(r"inputs\.([a-z-]+)", value)[0]] for key, value in step["env"].items()}
        env |= {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output")}
        done = run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], folder=tmp_path, **env)
        return done.returncode, (tmp_path / "output").read_text(), done.stdout

    return take


def test_the_action_passes_what_is_locked(act: Any, tmp_path: Path) -> None:
    with running("oauth") as demo:
        status, output, said = act(base_url=demo.web_url, mcp_url=demo.mcp_url, profile="oauth", depth="quick")
    assert status == 0, said
    assert output == f"exit-status=0\nreport={tmp_path / 'lockdown.json'}\n"
    assert json.loads((tmp_path / "lockdown.json").read_text())["depth"] == "quick"
    assert json.loads((tmp_path / "lockdown.sarif").read_text())["version"] == "2.1.0"


def test_the_action_hands_on_surfaces_and_a_baseline_of_several_lines(act: Any, tmp_path: Path) -> None:
    with running("oauth", doors=[door_named("mcp-any-bearer")]) as demo:
        urls = {"base_url": demo.web_url, "mcp_url": demo.mcp_url, "profile": "oauth", "depth": "quick"}
        status, _, said = act(**urls, surfaces="me\nhealth\n")
        assert status == 0, said
        status, _, said = act(**urls, surfaces="mcp\nhealth\n")
        assert status == 1, said
        (tmp_path / "lockdown.json").rename(tmp_path / "known.json")
        status, _, said = act(**urls, surfaces="mcp\nhealth\n", baseline=str(tmp_path / "known.json"), fail_on="new")
    assert status == 0, said


def test_the_action_hands_on_a_held_secret(act: Any, tmp_path: Path) -> None:
    sent = []
    with running("oauth") as demo:
        (tmp_path / "secret").write_text(demo.held["session-secret"])
        where = {
            "base_url": demo.web_url,
            "mcp_url": demo.mcp_url,
            "profile": "oauth",
            "surfaces": "health\nmigrate\nauth",
        }
        for hold in ({}, {"hold": f"session-secret=file:{tmp_path / 'secret'}", "hold_for": demo.web_url}):
            status, _, said = act(**where, **hold)
            assert status == 0, said
            sent.append(json.loads((tmp_path / "lockdown.json").read_text())["requests"])
    assert sent[0] < sent[1]


def test_the_action_fails_on_a_leak(act: Any) -> None:
    with running("oauth", doors=[door_named("mcp-any-bearer")]) as demo:
        status, output, _ = act(mcp_url=demo.mcp_url, profile="oauth")
    assert (status, output.splitlines()[0]) == (1, "exit-status=1")


def test_the_action_runs_nothing_that_an_input_says(act: Any, tmp_path: Path) -> None:
    status, output, _ = act(base_url='http://h"; touch pwned; $(touch pwned) `touch pwned`', profile="oauth")
    assert (status, output.splitlines()[0]) == (64, "exit-status=64")
    assert not (tmp_path / "pwned").exists()
