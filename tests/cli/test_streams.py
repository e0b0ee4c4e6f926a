"""An output that cannot be written is never a verdict: not exit status 1, and not 0 where the report was to be printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.cli.main import exit_with, prober
from prober.demo.doors import door_named
from prober.demo.server import running
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROBER = Path(sys.executable).parent / "prober"


def without_reader() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def on_a_full_disk() -> int:
    return os.open("/dev/full", os.O_WRONLY)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running("oauth") as demo:
        yield demo.web_url


def ended(*arguments: str, out: int, err: int, cwd: Path) -> int:
    try:
        return subprocess.run([PROBER, *arguments], stdout=out, stderr=err, cwd=cwd, timeout=60, check=False).returncode
    finally:
        os.close(out)
        os.close(err)


@pytest.mark.parametrize("out", [without_reader, on_a_full_disk])
@pytest.mark.parametrize("err", [without_reader, on_a_full_disk])
def test_a_locked_deployment_with_both_streams_broken_is_our_failure(
    out: Callable[[], int], err: Callable[[], int], url: str, tmp_path: Path
) -> None:
    arguments = ("run", "--profile", "oauth", "--surface", "health", "--base-url", url)
    assert ended(*arguments, out=out(), err=err(), cwd=tmp_path) == ExitStatus.BUG


def test_what_is_left_to_write_at_the_end_is_no_success_where_it_cannot_be_written() -> None:
    code = "import sys; from prober.cli.streams import leave; sys.stdout.write('a report'); leave(int(sys.argv[1]))"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for status, expected in ((ExitStatus.LOCKED, ExitStatus.BUG), (ExitStatus.LEAK, ExitStatus.LEAK)):
        out = on_a_full_disk()
        call = [sys.executable, "-c", code, str(int(status))]
        done = subprocess.run(call, stdout=out, env=buffered, timeout=60, check=False)
        os.close(out)
        assert done.returncode == expected


def test_a_mistake_stays_a_mistake_although_nobody_can_be_told(tmp_path: Path) -> None:
    assert ended("run", "--nope", out=on_a_full_disk(), err=without_reader(), cwd=tmp_path) == ExitStatus.USAGE


@pytest.mark.parametrize(
    ("closed", "status"),
    [
        pytest.param("2>&-", 0, id="err"),
        pytest.param("<&-", 0, id="in"),
        pytest.param(">&-", 70, id="out"),
        pytest.param("<&- >&- 2>&-", 70, id="all"),
    ],
)
def test_a_stream_that_was_closed_before_is_like_one_that_is_broken(
    closed: str, status: int, url: str, tmp_path: Path
) -> None:
    options = f"--profile oauth --surface health --base-url {url} --report json=report.json"
    done = subprocess.run(
        ["sh", "-c", f"{PROBER} run {options} {closed}"], cwd=tmp_path, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == status
    assert json.loads((tmp_path / "report.json").read_text())["exit_status"] == ExitStatus.LOCKED
    assert b"a bug" not in done.stderr


def test_a_report_that_cannot_be_written_hides_nothing_from_the_terminal(tmp_path: Path) -> None:
    with running("oauth", doors=[door_named("mcp-any-bearer")]) as demo:
        options = f"--profile oauth --surface mcp --base-url {demo.web_url} --mcp-url {demo.mcp_url}"
        limited = f"ulimit -f 1; exec {PROBER} run {options} --report json=report.json"  # 512 or 1,024 bytes a file
        done = subprocess.run(
            ["sh", "-c", limited], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == ExitStatus.BUG
    assert "LEAK: " in done.stdout
    assert done.stderr.startswith("error: file too large\n  fix: ")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves_is_an_interruption(url: str, tmp_path: Path) -> None:
    arguments = ("run", "--profile", "oauth", "--surface", "health", "--base-url", url)
    quiet = os.open(os.devnull, os.O_WRONLY)
    assert ended(*arguments, out=without_reader(), err=quiet, cwd=tmp_path) == ExitStatus.INTERRUPTED


# --- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [["run", "-h"], ["run", "--help"], ["-h"], ["run", "--profile", "oauth", "-h"], ["audit", "env", "-h"]],
    ids=" ".join,
)
def test_help_is_printed_where_nothing_follows(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_with(prober, arguments, name="prober") == ExitStatus.LOCKED
    assert capsys.readouterr().out.startswith("Usage: prober")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "-h", "brain.example"],
        ["run", "-h", "https://brain.example", "--profile", "oauth"],
        ["-h", "run"],
        ["run", "--profile", "oauth", "-h", "brain.example", "-v"],
        ["watch", "-h", "brain.example"],
        ["run", "-vh", "brain.example"],
        ["run", "-hv"],
    ],
    ids=" ".join,
)
def test_help_is_not_printed_where_something_follows_it(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_with(prober, arguments, name="prober") == ExitStatus.USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert "probes nothing" in printed.err


def test_a_value_that_looks_like_help_is_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_with(prober, ["run", "--only", "-h", "--profile", "oauth"], name="prober") == ExitStatus.USAGE
    assert "no service is named" in capsys.readouterr().err
