"""`prober watch --listen`, `canary:` in prober.yaml and `--report`, as operators start them."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.canary import (
    INTERVAL,
    NOWHERE,
    PROBER,
    ask,
    deployed,
    ended,
    environment,
    free_port,
    get,
    measured,
    receiving,
    start,
    there,
    verdicts,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

EXPOSED = 'lockdown_canary_exposure_seconds{surface="members"}'


def test_a_door_that_opens_is_in_the_metrics_on_the_page_and_in_the_report(tmp_path: Path) -> None:
    port = free_port()
    with deployed() as (here, words):
        process = start(tmp_path, *words, "--listen", f"127.0.0.1:{port}", "--report", "json=last.json")
        try:
            assert wait_until(lambda: there(port) and measured(port, EXPOSED) == 0)
            assert json.loads((tmp_path / "last.json").read_text())["verdict"] == "locked"
            here.app = here.opened
            assert wait_until(lambda: (measured(port, EXPOSED) or 0) > 0.5)
            assert measured(port, "lockdown_exit_status") == 1
            assert "members: GET /api/org/members" in get(port, "/")[1]
            assert wait_until(lambda: json.loads((tmp_path / "last.json").read_text())["verdict"] == "leak")
            here.app = here.locked
            assert wait_until(lambda: measured(port, EXPOSED) == 0)
            assert (measured(port, "lockdown_canary_last_success_timestamp_seconds") or 0) > time.time() - 10
        finally:
            status, said, _ = ended(process)
    assert status == 130
    assert f"the page is at http://127.0.0.1:{port}/" in said
    assert list(tmp_path.glob(".last.json*")) == []


def test_a_signal_ends_it_within_two_seconds_whoever_hangs_on_the_page(tmp_path: Path) -> None:
    port = free_port()
    with deployed() as (_, words):
        process = start(tmp_path, *words, "--listen", f"127.0.0.1:{port}")
        hanging: list[socket.socket] = []
        try:
            assert wait_until(lambda: there(port))
            hanging += [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
            hanging[-1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        finally:
            status, said, took = ended(process)
            for one in hanging:
                one.close()
    assert (status, took < 2) == (130, True)
    assert "Traceback" not in said
    assert "exception" not in said


def test_prober_yaml_says_how_it_is_watched_and_a_flag_wins(tmp_path: Path) -> None:
    port = free_port()
    with deployed() as (here, words), receiving() as receiver:
        block = (
            f"canary: {{every: 1s, listen: '127.0.0.1:{port}', page-token: 'env:PAGE_TOKEN', alerts: ['env:HOOK'],"
            " alert-secret: 'env:HOOK_SECRET', ping: 'env:PING'}\n"
        )
        (tmp_path / "prober.yaml").write_text(block)
        here.app = here.opened
        outside = environment(PAGE_TOKEN="0123456789abcdef", HOOK=receiver.url + "/hook", PING=receiver.url + "/ping")
        with subprocess.Popen([PROBER, "watch", *words], cwd=tmp_path, env=outside, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
            assert wait_until(lambda: receiver.pings >= 2 and receiver.posts)
            assert get(port, "/metrics")[0] == 401
            assert get(port, "/metrics", "Authorization: Bearer 0123456789abcdef")[0] == 200
            ended(process)
        once = subprocess.run(
            [PROBER, "watch", "--once", "--ping", receiver.url + "/other", *words], cwd=tmp_path, env=outside,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (once.returncode, once.stderr) == (1, "")
    assert receiver.pinged[-1] == "/other"
    assert set(receiver.pinged[:-1]) == {"/ping"}


def test_a_report_that_cannot_be_written_costs_no_run(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    with deployed() as (_, words):
        process = start(tmp_path, *words, "--verbose", "--report", "json=reports/last.json")
        assert wait_until((tmp_path / "reports" / "last.json").exists)
        for path in (tmp_path / "reports").iterdir():
            path.unlink()
        (tmp_path / "reports").rmdir()
        time.sleep(2 * INTERVAL)
        _, said, _ = ended(process)
    assert "a report could not be written: no such file or directory" in said
    assert len(verdicts(tmp_path)) >= 2
    assert set(verdicts(tmp_path)) == {"locked"}
    assert "crashed" not in said


def test_a_report_of_a_watch_before_is_not_taken_for_this_one_s(tmp_path: Path) -> None:
    (tmp_path / "last.json").write_text("old")
    done = ask(
        tmp_path, "watch", "--once", *NOWHERE, "--attempts", "1", "--surface", "me", "--report", "json=last.json"
    )
    assert done.returncode == 2
    assert json.loads((tmp_path / "last.json").read_text())["verdict"] == "unreachable"


def test_a_report_of_a_watch_before_is_gone_before_the_first_run_ends(tmp_path: Path) -> None:
    (tmp_path / "last.json").write_text("old")
    with closing(socket.create_server(("127.0.0.1", 0))) as hanging:  # it takes connections, and never answers
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        process = start(tmp_path, *NOWHERE[:2], "--base-url", url, "--surface", "me", "--report", "json=last.json")
        hanging.settimeout(20)
        try:
            with hanging.accept()[0]:
                assert not (tmp_path / "last.json").exists()
        finally:
            ended(process)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--listen", "0.0.0.0:0"), "--listen 0.0.0.0 would show everyone which routes are open", id="everybody"),
        pytest.param(("--listen", "[::]:0"), "--listen :: would show everyone which routes are open", id="everybody-by-ipv6"),
        pytest.param(("--listen", "9420"), "--listen '9420' is not an address and port", id="no-address"),
        pytest.param(("--listen", "canary.example.com:9420"), "--listen 'canary.example.com:9420' is not an address and port", id="a-name"),
        pytest.param(("--page-token", "env:HOOK_SECRET"), "--page-token has no page to lock", id="no-page"),
        pytest.param(("--listen", "127.0.0.1:0", "--page-token", "s3cret"), "--page-token must be env:NAME or file:PATH", id="token-on-the-line"),
        pytest.param(("--listen", "127.0.0.1:0", "--page-token", "env:SHORT"), "--page-token: 'env:SHORT' is shorter than 16 letters", id="short-token"),
        pytest.param(("--listen", "127.0.0.1:0", "--behind-proxy", "https://x/"), "--behind-proxy 'https://x/' is not a host name", id="proxy"),
        pytest.param(("--listen", "127.0.0.1:0", "--once"), "--listen has nothing to show with --once", id="once"),
        pytest.param(("--report", "html=/nowhere/r.html"), "--report cannot write '/nowhere/r.html'", id="report"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_is_refused_before_the_watch(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = ask(tmp_path, "watch", *NOWHERE, *words, SHORT="tooshort")
    assert (done.returncode, said in done.stderr) == (64, True), done.stderr
    assert list(tmp_path.glob("*.db")) == []


def test_a_port_that_is_taken_is_said_before_the_watch(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = ask(tmp_path, "watch", *NOWHERE, "--listen", place)
    assert done.returncode == 64
    assert done.stderr == f"error: --listen cannot have {place}: address already in use\n  fix: choose another port, or end what has it\n"  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said", "statuses"),
    [
        pytest.param(
            ("--behind-proxy", "canary.example.com"), "WARNING: the page has no lock of its own (--behind-proxy)",
            [200, 421], id="proxy",
        ),
        pytest.param(
            ("--page-token", "env:PAGE_TOKEN"), "WARNING: the page is served without TLS", [401, 401], id="token"
        ),
    ],
)  # fmt: skip
def test_what_stands_open_beyond_this_machine_is_said_loudly(
    tmp_path: Path, words: tuple[str, ...], said: str, statuses: list[int]
) -> None:
    port = free_port()
    command = [PROBER, "watch", *NOWHERE, "--listen", f"0.0.0.0:{port}", *words]
    outside = environment(PAGE_TOKEN="0123456789abcdef")
    with subprocess.Popen(command, cwd=tmp_path, env=outside, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            heard = [next(iter(process.stderr)) for _ in range(3)]
            assert wait_until(lambda: there(port))
            found = [get(port, "/", host=host)[0] for host in ("canary.example.com", "other.example.com")]
        finally:
            ended(process)
    assert said in heard[2]
    assert found == statuses
