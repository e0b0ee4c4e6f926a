"""The progress line: drawn over itself, never wider than the terminal, and only where somebody looks."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.app.progress import Progress
from prober.app.status_line import is_wanted
from prober.model import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding

PROBER = str(Path(sys.executable).with_name("prober"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def shown(stream: io.StringIO) -> list[str]:
    return [part for part in stream.getvalue().split("\r\x1b[K") if part]


def test_each_drawing_counts_what_has_come_back(finding_of: Callable[..., Finding], clock: Clock) -> None:
    stream = Terminal()
    progress = Progress(stream, total=640, now=clock)
    progress.tell(finding_of(Verdict.LOCKED, Reason.AS_PROMISED))
    clock.at += 7.6
    progress.tell(finding_of())
    clock.at += 1
    progress.tell(finding_of(credential="bogus-bearer"))
    clock.at += 1
    progress.tell(finding_of(path="/api/other"))
    assert shown(stream) == [
        "1 of 640 probes, 0 s",
        "2 of 640 probes, 1 route seems open, 8 s",
        "3 of 640 probes, 1 route seems open, 9 s",
        "4 of 640 probes, 2 routes seem open, 10 s",
    ]


def test_what_comes_too_soon_is_counted_and_not_drawn(finding_of: Callable[..., Finding], clock: Clock) -> None:
    stream = Terminal()
    progress = Progress(stream, total=3, now=clock)
    progress.tell(finding_of())
    clock.at += 0.05
    progress.tell(finding_of())
    clock.at += 0.06
    progress.tell(finding_of())
    assert shown(stream) == ["1 of 3 probes, 1 route seems open, 0 s", "3 of 3 probes, 1 route seems open, 0 s"]


def test_the_line_is_narrower_than_the_terminal_and_leaves_nothing(
    finding_of: Callable[..., Finding], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    stream = Terminal()
    progress = Progress(stream, total=640, now=clock)
    progress.tell(finding_of())
    progress.clear()
    assert stream.getvalue() == "\r\x1b[K1 of 640 pr\r\x1b[K"


@pytest.mark.parametrize(
    ("stream", "term", "options", "wanted"),
    [
        pytest.param(Terminal(), "xterm", {"quiet": False}, True, id="terminal"),
        pytest.param(Terminal(), "dumb", {"quiet": False}, False, id="dumb"),
        pytest.param(Terminal(), "xterm", {"quiet": True}, False, id="quiet"),
        pytest.param(io.StringIO(), "xterm", {"quiet": False}, False, id="pipe"),
    ],
)
def test_it_is_drawn_only_where_somebody_looks(
    stream: io.StringIO, term: str, options: dict[str, bool], monkeypatch: pytest.MonkeyPatch, *, wanted: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    assert is_wanted(stream, **options) is wanted


@pytest.mark.integration
def test_a_run_on_a_terminal_draws_and_leaves_its_output_clean() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [PROBER, "run", "--profile", "oauth", "--base-url", "http://127.0.0.1:1", "--surface", "me", "--attempts", "1"],
        stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=60, check=False, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    drawn = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 2
    assert "1 of " in drawn
    assert drawn.endswith("\r\x1b[K")
    assert "\x1b" not in done.stdout
