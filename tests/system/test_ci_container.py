"""The container of docs/ci, and the pins of what it and the action install."""

from __future__ import annotations

import json
import re
import sys
import tomllib
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.ci import CI, ROOT, SOURCES, WORDS, copy, run

if TYPE_CHECKING:
    from pathlib import Path


def last_of(instruction: str) -> list[str]:
    return [words for words in WORDS if words[0] == instruction][-1][1:]


def test_the_container_is_not_root_s_and_runs_the_prober() -> None:
    assert last_of("USER") == ["65532:65532"]
    assert json.loads(" ".join(last_of("ENTRYPOINT"))) == ["prober"]


def test_every_base_of_the_container_is_pinned_and_the_same() -> None:
    bases = {words[1] for words in WORDS if words[0] == "FROM"}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-[a-z-]+", bases.pop())


def test_the_last_stage_writes_nothing_but_what_the_first_has_built() -> None:
    """Whatever is there is made once: nothing is fetched or compiled where the root is read-only."""
    second = WORDS[[n for n, words in enumerate(WORDS) if words[0] == "FROM"][1] :]
    made = [words for words in second if words[0] in {"RUN", "COPY", "ADD"}]
    assert made
    assert {tuple(words[:2]) for words in made} == {("COPY", "--from=build")}
    assert "PYTHONDONTWRITEBYTECODE=1" in " ".join(" ".join(words) for words in second)


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


# --- what they install ------------------------------------------------------------------------------------------------


def locked(file: str) -> dict[str, str]:
    """Give what a lock pins, by name, with the lines that belong to it."""
    entries = re.split(r"\n(?=[a-z0-9])", "\n" + (ROOT / file).read_text(encoding="utf-8"))[1:]
    return {entry.partition("==")[0]: entry for entry in entries}


def names_in(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[ ]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize(("file", "extras"), [("requirements.lock", False), ("requirements-extras.lock", True)])
def test_what_the_container_and_the_action_install_is_pinned_with_hashes(file: str, *, extras: bool) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = names_in(project["dependencies"])
    wanted |= {name for entry in project["optional-dependencies"].values() for name in names_in(entry) if extras}
    pinned = {name.partition("[")[0]: entry for name, entry in locked(file).items()}
    assert wanted <= set(pinned)
    assert [name for name, entry in pinned.items() if "--hash=sha256:" not in entry or "==" not in entry] == []
    for place in ("Dockerfile", "action.yml"):
        installing = re.findall(r"--require-hashes[^\n]*", (CI / place).read_text(encoding="utf-8"))
        assert len(installing) == 1
