"""What docs/ci gives to pipelines: held against each platform's schema and linter, and run where it can be run here."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from prober.cli.run import command as run_command
from prober.demo.doors import door_named
from prober.demo.server import running

ROOT = Path(__file__).parents[2]
CI = ROOT / "docs" / "ci"
SCRIPTS = Path(sys.executable).parent
ACTION_FILE = ROOT / "action.yml"
ACTION: dict[str, Any] = yaml.safe_load(ACTION_FILE.read_text())
STEPS = ACTION["runs"]["steps"]
VARIABLES = {name for parameter in run_command.params for name in parameter.envvar or ()}


def run(*words: str | Path, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command with little but PATH in its environment, and where pip finds its packages."""
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    kept = {**pip, "PATH": f"{SCRIPTS}:{os.environ['PATH']}", "HOME": str(folder), **env}
    return subprocess.run(words, cwd=folder, env=kept, capture_output=True, text=True, timeout=300, check=False)


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


# --- the deploy script ------------------------------------------------------------------------------------------------

DEPLOYMENT = "{{profile: oauth, services: {{web: '{web}', mcp: '{mcp}'}}, surfaces: [health, me, mcp]}}\n"


def released(folder: Path, **env: str) -> tuple[int, bool, str]:
    """Run the deploy script; whether it released is seen by what releasing left."""
    env = {"PROBER_WAIT": "0", "PROBER_ATTEMPTS": "1", **env}
    done = run("sh", CI / "deploy.sh", "touch", "released here", folder=folder, **env)
    return done.returncode, (folder / "released here").exists(), done.stderr


def test_what_is_locked_is_released(tmp_path: Path) -> None:
    with running("oauth") as demo:
        (tmp_path / "prober.yaml").write_text(DEPLOYMENT.format(web=demo.web_url, mcp=demo.mcp_url))
        assert released(tmp_path) == (0, True, "")
    assert json.loads((tmp_path / "lockdown.json").read_text())["verdict"] == "locked"


def test_a_leak_is_not_released(tmp_path: Path) -> None:
    with running("oauth", doors=[door_named("mcp-any-bearer")]) as demo:
        (tmp_path / "prober.yaml").write_text(DEPLOYMENT.format(web=demo.web_url, mcp=demo.mcp_url))
        status, went, said = released(tmp_path)
    assert (status, went) == (1, False)
    assert said == "LEAK: not released; lockdown.json says which door\n"


def test_what_cannot_be_reached_is_not_released(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    (tmp_path / "prober.yaml").write_text(DEPLOYMENT.format(web=url, mcp=url))
    status, went, said = released(tmp_path)
    assert (status, went) == (2, False)
    assert "no verdict: not released" in said


@pytest.mark.parametrize(
    ("text", "env", "status"),
    [
        pytest.param("profile: oauth\nsurface: me\n", {}, 78, id="a-wrong-definition"),
        pytest.param("profile: oauth\n", {}, 64, id="no-service"),
        pytest.param("profile: oauth\n", {"PROBER_DEPTH": "shallow"}, 64, id="a-wrong-variable"),
    ],
)
def test_what_is_not_probed_is_not_released(text: str, env: dict[str, str], status: int, tmp_path: Path) -> None:
    (tmp_path / "prober.yaml").write_text(text)
    ended, went, said = released(tmp_path, **env)
    assert (ended, went) == (status, False)
    assert "nothing was probed: not released" in said


def test_a_prober_that_is_not_there_releases_nothing(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to(str(shutil.which("sh")))
    status, went, said = released(tmp_path, PATH=str(tmp_path / "bin"))
    assert (status, went) == (127, False)
    assert "the prober failed (127): not released" in said


def test_without_a_command_it_says_so_and_probes_nothing(tmp_path: Path) -> None:
    done = run("sh", CI / "deploy.sh", folder=tmp_path)
    assert done.returncode == 64
    assert "say what releases" in done.stderr


# --- the container ----------------------------------------------------------------------------------------------------

LINES = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", (CI / "Dockerfile").read_text(), flags=re.MULTILINE)).splitlines()
WORDS = [line.split() for line in LINES if line.strip()]


def last_of(instruction: str) -> list[str]:
    return [words for words in WORDS if words[0] == instruction][-1][1:]


def test_the_container_is_not_root_s_and_runs_the_prober() -> None:
    assert last_of("USER") == ["65532:65532"]
    assert json.loads(" ".join(last_of("ENTRYPOINT"))) == ["prober"]


def test_every_base_of_the_container_is_pinned_and_the_same() -> None:
    bases = {words[1] for words in WORDS if words[0] == "FROM"}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-[a-z-]+@sha256:[0-9a-f]{64}", bases.pop())


def test_the_last_stage_writes_nothing_but_what_the_first_has_built() -> None:
    """Whatever is there is made once: nothing is fetched or compiled where the root is read-only."""
    second = WORDS[[n for n, words in enumerate(WORDS) if words[0] == "FROM"][1] :]
    made = [words for words in second if words[0] in {"RUN", "COPY", "ADD"}]
    assert made
    assert {tuple(words[:2]) for words in made} == {("COPY", "--from=build")}
    assert "PYTHONDONTWRITEBYTECODE=1" in " ".join(" ".join(words) for words in second)


def copy(names: list[str], folder: Path) -> Path:
    folder.mkdir()
    for path in (ROOT / name for name in names):
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    return folder


SOURCES = [name for words in WORDS if words[0] == "COPY" and not words[1].startswith("--") for name in words[1:-1]]


@pytest.mark.slow
def test_what_is_copied_into_the_container_is_enough_to_build_it(tmp_path: Path) -> None:
    built = copy(SOURCES, tmp_path / "source")
    done = run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, built, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "prober/shipped/probes/migrate.yaml",
        "prober/shipped/profiles/oauth.yaml",
        "prober/schemas/report.json",
    } <= names


# --- the hook ---------------------------------------------------------------------------------------------------------


def checked(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return run(*hook["entry"].split(), *words, folder=folder)


OWN = "{surface: billing, about: b, routes: [{route: GET /bills, guard: GUARD, service: billing, why: w, fix: f}]}\n"
RIGHT = {
    "prober.yaml": "profile: ./mode.yaml\nsurfaces: [me]\nprobes: [probes]\nhold: {session-secret: 'env:UNSET'}\nwaivers: waivers.yaml\n",
    "mode.yaml": "{profile: mine, about: m, extends: oauth, guards: {bills: 401}}\n",
    "probes/billing.yaml": OWN.replace("GUARD", "bills"),
    "waivers.yaml": "waivers: [{finding: 'me: GET /api/me [anonymous]', reason: r, owner: o, expires: 2999-01-01}]\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    (folder / "probes").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def test_right_definitions_are_said_to_be_so(tmp_path: Path) -> None:
    """No URL is needed for it, and no secret."""
    write(tmp_path, RIGHT)
    done = checked(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"the definitions are right: \d+ probes of 3 routes, profile mine\n", done.stdout)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        pytest.param({"prober.yaml": "profil: oauth\n"}, "prober.yaml:1: unknown key 'profil'", id="deployment"),
        pytest.param({"mode.yaml": "{profile: mine, about: m, extends: oath}"}, "mode.yaml:1: no profile 'oath'", id="profile"),
        pytest.param({"probes/billing.yaml": OWN.replace("GUARD", "bill")}, "probes/billing.yaml:1: profile 'mine' does not say", id="a-guard-that-no-profile-names"),
        pytest.param({"waivers.yaml": "waivers: []"}, "waivers.yaml:1: 'waivers' is an empty list", id="waivers"),
        pytest.param({"prober.yaml": "profile: oauth\nsurfaces: [mee]\n"}, "no surface 'mee'", id="surface"),
        pytest.param({"prober.yaml": "profile: oauth\nsurfaces: [me]\nrequire: [knowledge]\n"}, "'require' in prober.yaml: 'knowledge' matches no probe", id="require"),
    ],
)  # fmt: skip
def test_wrong_definitions_are_refused(wrong: dict[str, str], message: str, tmp_path: Path) -> None:
    write(tmp_path, RIGHT | wrong)
    done = checked(tmp_path)
    assert done.returncode in {64, 78}
    assert message in done.stderr


GIT = ("git", "-c", "user.name=t", "-c", "user.email=t", "-c", "protocol.file.allow=always")


def commit(folder: Path) -> Path:
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "all")):
        done = run(*GIT, *words, folder=folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_hook_runs_in_pre_commit_itself(tmp_path: Path) -> None:
    """Installed by pre-commit from a repository that holds this one, in somebody else's."""
    ours = commit(copy([*SOURCES, ".pre-commit-hooks.yaml"], tmp_path / "ours"))
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    write(theirs, RIGHT | {"probes/billing.yaml": OWN.replace("GUARD", "bill")})
    commit(theirs)
    done = run("pre-commit", "try-repo", ours, "lockdown-definitions", "--all-files", folder=theirs)
    assert done.returncode == 1, done.stdout
    assert "probes/billing.yaml:1: profile 'mine' does not say" in done.stdout
    write(theirs, RIGHT)
    done = run("pre-commit", "try-repo", ours, "lockdown-definitions", "--all-files", folder=theirs)
    assert done.returncode == 0, done.stdout
