"""`prober fleet watch` as an operator runs it: alerts by cause, a history that no kill -9 spoils, and a page with a lock."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.canary import ask, environment, free_port, get, receiving, wait_until
from tests.support.fleet import Behind, write_fleet
from tests.support.fleet_client import PROBER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.canary import Receiver

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
CAUSES = [f"things: GET /api/things/{number}" for number in range(3)]
TEN = range(20, 30)


@contextmanager
def watching(fleet: Path, *more: str, every: str = "2s") -> Iterator[subprocess.Popen[str]]:
    words = [PROBER, "fleet", "watch", str(fleet), "--every", every, "--confirm", "1", "--processes", "1", *more]
    process = subprocess.Popen(words, cwd=fleet.parent, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)


def told(receiver: Receiver, change: str) -> Counter[str]:
    """Count the deployments that the receiver was told of, by cause; a message that came twice counts once."""
    messages = dict(receiver.posts).values()
    entries = [entry for message in messages for entry in message["causes"] if entry["change"] == change]
    counted = Counter[str]()
    for entry in entries:
        counted[entry["cause"]] += entry["deployments"]
    return counted


def test_what_many_deployments_share_is_told_as_one_cause_and_its_end_too(behind: Behind, tmp_path: Path) -> None:
    fleet, port = write_fleet(tmp_path, behind, TEN), free_port()
    leaky = {f"127.0.0.{number}" for number in TEN if number % 2}
    with receiving() as receiver, watching(fleet, *receiver.options, "--listen", f"127.0.0.1:{port}") as watch:
        assert wait_until(lambda: len(behind.runs) == 10, 30)
        assert receiver.posts == []
        behind.leaky |= leaky
        assert wait_until(lambda: told(receiver, "opened") == dict.fromkeys(CAUSES, 5), 40), receiver.posts
        assert len(receiver.posts) <= 5, "a message for each deployment"
        status, page = get(port, "/")
        assert (status, "LEAK" in page, "shop-21" in page, "<script" in page) == (200, True, True, False)
        assert 'lockdown_fleet_deployments{fleet="acme",verdict="leak"} 5' in get(port, "/metrics")[1]
        assert json.loads(get(port, "/report.json")[1])["counts"]["leak"] == 5
        assert (get(port, "/alive")[0], get(port, "/nothing")[0]) == (200, 404)
        assert get(port, "/", host="rebound.example")[0] == 421
        assert get(port, "/report.json", host="rebound.example")[0] == 421
        behind.leaky.clear()
        assert wait_until(lambda: told(receiver, "closed") == dict.fromkeys(CAUSES, 5), 40), receiver.posts
        assert told(receiver, "opened") == dict.fromkeys(CAUSES, 5)
        apart = {entry["apart"] for _, message in receiver.posts for entry in message["causes"] if entry["deployments"] == 5}  # fmt: skip
        assert apart <= {"env=prod"}
        assert wait_until(lambda: receiver.pings > 0)
        began = time.monotonic()
        watch.send_signal(signal.SIGTERM)
        lines, log = watch.communicate(timeout=20)
        assert (watch.returncode, time.monotonic() - began < 6) == (130, True)
    changes = Counter(line.split(" ")[1] for line in lines.splitlines())
    assert changes == {"LEAK": 5, "LOCKED": 5}
    assert "Traceback" not in log
    history = ask(tmp_path, "history", "--history", "prober-fleet.db", "--format", "json")
    assert history.returncode == 0, history.stderr
    over = json.loads(history.stdout)["over"]
    assert {entry["id"] for entry in over} == {f"shop-{number} {cause}" for number in TEN if number % 2 for cause in CAUSES}  # fmt: skip


def test_a_watch_that_is_killed_again_and_again_tells_everything_once(behind: Behind, tmp_path: Path) -> None:
    fleet, chance = write_fleet(tmp_path, behind, TEN), random.Random(20)
    leaky = {f"127.0.0.{number}" for number in TEN if number % 2}

    def through(receiver: Receiver, change: str) -> None:
        """Let a watch live for a moment, four times, and then until all is told."""
        for _ in range(4):
            with watching(fleet, *receiver.options):
                asked = behind.requests
                wait_until(lambda: behind.requests > asked, 30)  # noqa: B023 - it is called in this turn alone
                time.sleep(chance.uniform(0.0, 2.5))
        with watching(fleet, *receiver.options):
            assert wait_until(lambda: told(receiver, change) == dict.fromkeys(CAUSES, 5), 40), receiver.posts

    with receiving() as receiver:
        behind.leaky |= leaky
        through(receiver, "opened")
        behind.leaky.clear()
        through(receiver, "closed")
        assert told(receiver, "opened") == dict.fromkeys(CAUSES, 5)
    beats = json.loads(ask(tmp_path, "history", "--history", "prober-fleet.db", "--format", "json").stdout)
    assert beats["open"] == []
    assert beats["queued"] == []


def test_a_page_that_everybody_could_read_is_refused(behind: Behind, tmp_path: Path) -> None:
    fleet = write_fleet(tmp_path, behind, TEN)
    done = ask(tmp_path, "fleet", "watch", str(fleet), "--listen", "0.0.0.0:0")
    assert done.returncode == 64
    assert "would show everyone which routes are open" in done.stderr
    assert behind.requests == 0


def test_a_page_with_a_token_is_for_those_who_have_it(
    behind: Behind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE", "a-token-of-more-than-16")
    fleet, port = write_fleet(tmp_path, behind, TEN), free_port()
    with watching(fleet, "--listen", f"127.0.0.1:{port}", "--page-token", "env:PAGE"):
        assert wait_until(lambda: len(behind.runs) == 10, 30)
        assert [get(port, path)[0] for path in ("/", "/metrics", "/report.json")] == [401, 401, 401]
        assert get(port, "/", "Authorization: Bearer a-token-of-more-than-16")[0] == 200
        assert get(port, "/", "Authorization: Bearer another-token-of-16")[0] == 401


def test_two_watches_do_not_write_one_history(behind: Behind, tmp_path: Path) -> None:
    fleet = write_fleet(tmp_path, behind, TEN)
    with watching(fleet):
        assert wait_until(lambda: behind.requests > 0, 30)
        done = ask(tmp_path, "fleet", "watch", str(fleet))
    assert done.returncode == 64
    assert "prober-fleet.db" in done.stderr
