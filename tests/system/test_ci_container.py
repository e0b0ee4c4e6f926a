"""The container of docs/ci: who runs in it, from which base, and what is copied into it."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.ci import SOURCES, WORDS, copy, run

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
    assert re.fullmatch(r"python:3\.\d+\.\d+-[a-z-]+@sha256:[0-9a-f]{64}", bases.pop())


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
