"""Every mistake of every file is told in one go, also where prober.yaml itself has some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import ExitStatus
from tests.support.learned_gate import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROFILE = "profile: own\nabout: x.\nguards: {staff: 4o1}\n"
SURFACE = "surface: own\nabout: x.\nroutes:\n  - {route: GET /a, gaurd: staff, why: w, fix: f}\n"
IN_PROFILE, IN_SURFACE = "profile.yaml:3: ", "probes/own.yaml:4: unknown key 'gaurd'"


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., list[str]]:
    """Plan with these files, and give the lines that name a mistake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "probes").mkdir()

    def plan(deployment: str, *, profile: str = PROFILE) -> list[str]:
        files = {"prober.yaml": deployment, "profile.yaml": profile, "probes/own.yaml": SURFACE}
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        assert run("plan") == ExitStatus.DEFINITION
        return [line for line in capsys.readouterr().err.splitlines() if ".yaml:" in line]

    return plan


NAMED = "profile: ./profile.yaml\nservices: {web: 'http://127.0.0.1:1'}\nprobes: [./probes]\n"


@pytest.mark.parametrize(
    ("more", "mistakes"),
    [
        pytest.param("", [], id="none-of-its-own"),
        pytest.param("dephth: quick\n", ["prober.yaml:4: unknown key 'dephth'"], id="unknown-key"),
        pytest.param(
            "depth: shallow\nclosed-ports: [99999]\nhold: {a: b}\n",
            ["prober.yaml:4: ", "prober.yaml:5: 99999 is not a port", "prober.yaml:6: 'a' must name where"],
            id="values-of-three-keys",
        ),
        pytest.param(
            "dephth: quick\nclosed-ports: [99999]\n",
            ["prober.yaml:4: unknown key 'dephth'", "prober.yaml:5: 99999 is not a port"], id="a-key-and-a-value",
        ),
    ],
)  # fmt: skip
def test_all_files_are_read_whatever_is_wrong_with_the_first(
    more: str, mistakes: list[str], told: Callable[..., list[str]]
) -> None:
    lines = told(NAMED + more)
    wanted = [*mistakes, IN_PROFILE, IN_SURFACE]
    assert [line[: len(start)] for line, start in zip(lines, wanted, strict=True)] == wanted


def test_a_mistake_of_two_readers_is_told_once(told: Callable[..., list[str]]) -> None:
    lines = told(NAMED.replace("'http://127.0.0.1:1'", "3000"), profile=PROFILE.replace("4o1", "401"))
    assert [line.partition(": ")[0] for line in lines] == ["prober.yaml:2", "probes/own.yaml:4"]


def test_files_that_are_not_there_hide_no_mistake(told: Callable[..., list[str]]) -> None:
    lines = told(NAMED.replace("./profile.yaml", "./none.yaml") + "depth: shallow\n")
    assert [line.partition(": ")[0] for line in lines] == ["prober.yaml:4", "probes/own.yaml:4"]
