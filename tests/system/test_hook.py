"""The hook for pre-commit, which checks definitions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.ci import ROOT, SOURCES, copy, run

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


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
