"""`prober watch` and `prober history`, as operators start them: on the demo, with real receivers, and killed at random."""

from __future__ import annotations

import json
import random
import signal
import socket
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.canary import (
    INTERVAL,
    NOWHERE,
    SECRET,
    ask,
    deployed,
    ended,
    receiving,
    start,
    summarize,
    verdicts,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.canary import Receiver


# --- a door opens, and is shut ----------------------------------------------------------------------------------------


def test_a_door_that_opens_is_told_of_once_and_its_end_too(tmp_path: Path) -> None:
    with deployed() as (here, words), receiving() as receiver:
        process = start(tmp_path, *words, *receiver.options)
        assert wait_until(lambda: receiver.pings >= 2)
        assert receiver.posts == []
        here.app, here.release, at = here.opened, "1.0.397", time.time()
        assert wait_until(lambda: receiver.posts)
        first = receiver.posts[0][1]
        assert next(iter(receiver.came.values())) - at <= INTERVAL * 1.1 + 2
        assert wait_until(lambda: receiver.pings >= 5)
        seen = summarize(tmp_path)
        here.app, until = here.locked, time.time()
        assert wait_until(lambda: len(receiver.posts) > 1)
        assert wait_until(lambda: summarize(tmp_path)["queued"] == [])  # what was delivered is noted after the answer
        status, said, _ = ended(process)
        after = summarize(tmp_path)

    assert receiver.told == ["1 route became public (members GET /api/org/members)", "1 route is locked again"]
    assert "first seen with release 1.0.397 (previous: 1.0.396)" in first["text"]
    assert SECRET not in json.dumps(receiver.posts)
    assert {(entry["release"], entry["release_before"]) for entry in seen["open"]} == {("1.0.397", "1.0.396")}
    assert {entry["id"].partition(" [")[0] for entry in seen["open"]} == {"members: GET /api/org/members"}
    assert after["open"] == []
    assert {entry["opened_at_release"] for entry in after["over"]} == {"1.0.397"}
    assert {entry["now"] for entry in after["over"]} == {"locked"}
    assert all(abs(entry["seconds"] - (until - at)) <= 2 * INTERVAL + 1 for entry in after["over"])
    assert (status, verdicts(tmp_path)[-1], after["queued"]) == (130, "locked", [])
    assert said.count("1 route became public (members GET /api/org/members)") == 1
    assert "locked" not in said.replace("locked again", "")


def first_run(folder: Path, words: list[str], receiver: Receiver) -> float:
    """Give the seconds that a watch takes here from its start to the end of its first run; it is killed then."""
    began = time.monotonic()
    process = start(folder, *words, *receiver.options)
    try:
        assert wait_until(lambda: receiver.pings, 40)
        return time.monotonic() - began
    finally:
        process.kill()
        process.communicate(timeout=20)


def test_killed_at_random_moments_it_loses_nothing_and_tells_nothing_twice(tmp_path: Path) -> None:
    """A message may come again where the kill fell between the receiver's 2xx and our note of it: under the same key."""
    chance = random.Random(47)
    kills = 0
    with deployed() as (here, words), receiving() as receiver:
        over = threading.Event()
        life = max(3.0, 1.5 * first_run(tmp_path, words, receiver))  # on a busy machine none would live to probe else

        def kill_and_start() -> None:
            nonlocal kills
            while not over.is_set():
                with start(tmp_path, *words, *receiver.options) as process:
                    over.wait(life * (0.2 + 0.8 * chance.random()))
                    process.kill()
                    kills += 1

        killer = threading.Thread(target=kill_and_start)
        killer.start()
        try:
            assert wait_until(lambda: receiver.pings >= 2, 13 * life)
            here.app, here.release, at = here.opened, "1.0.397", time.time()
            assert wait_until(lambda: receiver.posts, 13 * life)
            assert wait_until(lambda: kills >= 4, 13 * life)
            here.app, until = here.locked, time.time()
            assert wait_until(lambda: len(receiver.told) > 1, 13 * life)
            assert wait_until(lambda: kills >= 6, 13 * life)
        finally:
            over.set()
            killer.join()
        found = summarize(tmp_path)

    assert receiver.told == ["1 route became public (members GET /api/org/members)", "1 route is locked again"]
    assert kills >= 6
    assert (found["open"], found["queued"]) == ([], [])
    assert {entry["opened_at_release"] for entry in found["over"]} == {"1.0.397"}
    assert len(found["over"]) == 2
    assert all(-1 <= entry["seconds"] - (until - at) + 1 <= 4 * life for entry in found["over"])
    with closing(sqlite3.connect(tmp_path / "prober-history.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert {row[0] for row in database.execute("SELECT state FROM runs")} == {"finished"}
        assert database.execute("SELECT COUNT(*) FROM runs WHERE report IS NULL AND news = 1").fetchone() == (0,)


# --- signals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_two_seconds_and_the_run_is_no_verdict(tmp_path: Path, number: int) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as hanging:  # it takes connections, and never answers
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        process = start(tmp_path, "--profile", "oauth", "--base-url", url, "--surface", "me", "--surface", "health")
        hanging.settimeout(20)
        with hanging.accept()[0]:
            status, said, took = ended(process, number)
    assert (status, took < 2) == (130, True)
    assert "interrupted after 1 request: no verdict" in said
    assert "Traceback" not in said
    last = summarize(tmp_path)["last_run"]
    assert (last["state"], last["verdict"], last["exit_status"]) == ("interrupted", None, None)


def test_definitions_are_read_anew_at_a_sighup_and_kept_where_they_are_wrong(tmp_path: Path) -> None:
    heard: list[str] = []

    def hear(stream: Any) -> None:
        heard.extend(stream)

    def is_said(word: str, times: int = 1) -> bool:
        return wait_until(lambda: sum(word in line for line in heard) >= times)

    with deployed() as (_, words):
        file = tmp_path / "prober.yaml"
        right = f"profile: oauth\nservices: {{web: '{words[3]}'}}\nsurfaces: [health]\n"
        file.write_text(right)
        with start(tmp_path, "--verbose") as process:
            listener = threading.Thread(target=hear, args=(process.stderr,))
            listener.start()
            try:
                assert is_said("LOCKED: all 2 probes")
                file.write_text(right.replace("surfaces", "surfases"))
                process.send_signal(signal.SIGHUP)
                assert is_said("unknown key 'surfases' in a deployment")
                assert is_said("LOCKED: all 2 probes", 1 + sum("LOCKED: 2 probes" in line for line in heard))
                file.write_text(right.replace("[health]", "[health, members]"))
                process.send_signal(signal.SIGHUP)
                assert is_said("the definitions were read anew")
                assert is_said("LOCKED: all 5 probes")
            finally:
                process.terminate()
                listener.join()
    kinds = [beat["kind"] for beat in summarize(tmp_path)["beats"] if beat["kind"] != "missed"]
    assert kinds == ["stopped", "reloaded", "refused", "started"]


# --- once -------------------------------------------------------------------------------------------------------------


def test_once_is_for_timers(tmp_path: Path) -> None:
    with deployed() as (here, words), receiving() as receiver:
        first = ask(tmp_path, "watch", "--once", *words, *receiver.options)
        here.app = here.opened
        second = ask(tmp_path, "watch", "--once", *words, *receiver.options)
        third = ask(tmp_path, "watch", "--once", *words, *receiver.options)
    assert [first.returncode, second.returncode, third.returncode] == [0, 1, 1]
    assert first.stdout.startswith("LOCKED: ")
    assert first.stderr == ""
    assert (receiver.told, receiver.pings) == (["1 route became public (members GET /api/org/members)"], 3)
    text = ask(tmp_path, "history").stdout
    assert text.startswith("open now (1)\n  members: GET /api/org/members [anonymous, bogus]: leak for ")
    assert "first seen with release 1.0.396" in " ".join(text.split())


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with deployed() as (_, words):
        process = start(tmp_path, *words)
        assert wait_until((tmp_path / "prober-history.db.lock").exists)
        second = ask(tmp_path, "watch", "--once", *words)
        ended(process)
    assert second.returncode == 64
    assert second.stderr.startswith("error: another canary is writing to the history 'prober-history.db'\n")


# --- what is refused before anything is sent --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param((*NOWHERE, "--depth", "deep"), "the canary never runs 'deep'", id="deep"),
        pytest.param((*NOWHERE, "--every", "5x"), "'5x' is not a duration: write seconds (300) or a number with its unit (30s, 5m, 6h, 90d)", id="no-unit"),
        pytest.param((*NOWHERE, "--every", "0s"), "'0s' is not within 1 to 86400 seconds", id="too-often"),
        pytest.param((*NOWHERE, "--alert", "http://hooks.example/x", "--alert-secret", "env:HOOK_SECRET"), "--alert http://hooks.example would receive alerts of open routes without TLS", id="no-tls"),
        pytest.param((*NOWHERE, "--alert", "https://hooks.example/x"), "--alert https://hooks.example must be signed", id="unsigned"),
        pytest.param((*NOWHERE, *("--alert", "https://hooks.example/x") * 2, "--alert-secret", "env:HOOK_SECRET"), "--alert https://hooks.example is given twice", id="twice"),
        pytest.param((*NOWHERE, "--alert-secret", "s3cret"), "--alert-secret: the source must be", id="secret-on-the-line"),
        pytest.param((*NOWHERE, "--ping", "nowhere"), "--ping is not a URL", id="ping"),
        pytest.param((*NOWHERE, "--history", "mysql://u:s3cret@h/d"), "--history 'mysql://' is not a database", id="history"),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = ask(tmp_path, "watch", "--once", *words)
    assert done.returncode == 64
    assert said in done.stderr
    assert "s3cret" not in done.stderr
    assert list(tmp_path.glob("*.db")) == []


def test_a_deployment_that_may_not_be_is_a_leak_before_the_first_run(tmp_path: Path) -> None:
    done = ask(tmp_path, "watch", "--once", "--profile", "dev-shim", "--base-url", "https://brain.example")
    assert (done.returncode, done.stdout.partition(":")[0]) == (1, "LEAK")


def test_depth_is_quick_unless_it_is_said(tmp_path: Path) -> None:
    with deployed() as (_, words):
        (tmp_path / "prober.yaml").write_text("depth: deep\n")
        ask(tmp_path, "watch", "--once", *words)
        ask(tmp_path, "watch", "--once", *words, "--depth", "standard")
    with closing(sqlite3.connect(tmp_path / "prober-history.db")) as database:
        assert [row[0] for row in database.execute("SELECT depth FROM runs ORDER BY number")] == ["quick", "standard"]


def test_urls_with_keys_are_kept_out_of_the_list_of_processes(tmp_path: Path) -> None:
    with deployed() as (here, words), receiving() as receiver:
        here.app = here.opened
        kept = ("--alert", "env:HOOK", "--alert-secret", "env:HOOK_SECRET", "--ping", "file:ping")
        (tmp_path / "ping").write_text(receiver.url + "/k3y\n")
        ask(tmp_path, "watch", "--once", *words, *kept, HOOK=receiver.url + "/k3y")
    assert (receiver.told, receiver.pings) == (["1 route became public (members GET /api/org/members)"], 1)
    assert b"k3y" not in b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))
