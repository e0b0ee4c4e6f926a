"""What never becomes an answer: bytes that are no HTTP, silence, limits, and answers that come too late."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.support.hostile_answers import (
    APART,
    HEAD,
    REFUSED,
    SILENCE,
    Act,
    Play,
    Script,
    Wait,
    answer,
    dripped,
    for_ever,
    refusal,
    says,
    slower,
)
from tests.support.hostile_deployment import deployed
from tests.support.measured_run import ALL, FEW, GRACE, LOCKED, ONE, PROTOCOL, TIMEOUT, Runs, holds_of_every_report

if TYPE_CHECKING:
    from collections.abc import Iterable

BAD = b"HTTP/1.1 401 Unauthorized\r\n%s\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("play", "few"),
    [
        pytest.param(for_ever(HEAD + b"X-A: ", b"x" * 65_536), ALL, id="header-without-end"),
        pytest.param(says(BAD % (b"X-A: " + b"x" * 10_000_000)), ALL, id="header-of-ten-megabytes"),
        pytest.param(says(refusal(*(b"X-%d: %s" % (n, b"x" * 40) for n in range(10_000)))), ALL, id="ten-thousand-headers"),
        pytest.param(says(b"HTTP/1.1 4x1 Unauthorized\r\n\r\n"), FEW, id="status-that-is-no-number"),
        pytest.param(says(b"HTTP/1.1 000 Nothing\r\n\r\n"), FEW, id="status-000"),
        pytest.param(says(b"HTTP/1.1 099 Little\r\n\r\n"), FEW, id="status-099"),
        pytest.param(says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"), FEW, id="status-101"),
        pytest.param(says(b"<h1>401</h1>"), FEW, id="http-0.9"),
        pytest.param(says(BAD % b"X-A: b\x00c"), FEW, id="nul-in-a-header"),
        pytest.param(says(BAD % b"X-A: b\rX-B: c"), FEW, id="bare-carriage-return"),
        pytest.param(says(BAD % b"Content-Length: 9"), FEW, id="two-lengths"),
        pytest.param(says(b"HTTP/1.1 401 No\r\nContent-Length: -1\r\n\r\n"), FEW, id="negative-length"),
        pytest.param(says(HEAD + b"Content-Le"), FEW, id="close-in-the-head"),
        pytest.param(says(HEAD + b"Content-Le", APART, Act.RESET), FEW, id="reset-in-the-head"),
        pytest.param(says(), FEW, id="silent-close"),
        pytest.param(says(Act.RESET), FEW, id="reset"),
    ],
)  # fmt: skip
def test_what_is_no_http_is_nobodys_answer(measured_run: Runs, play: Play, few: tuple[str, ...]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = measured_run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts(), ran.report["verdict"]) == (2, {PROTOCOL}, "unreachable")
    assert ran.verdict("health: GET /api/healthz [anonymous]") == LOCKED


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(SILENCE, id="black-hole"),
        pytest.param(dripped(b"", HEAD + b"X-A: b\r\n" * 20), id="drip-in-the-head"),
        pytest.param(for_ever(b"", b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 20), id="continues-and-hints-without-end"),
    ],
)  # fmt: skip
def test_what_does_not_answer_in_time_is_nobody(measured_run: Runs, play: Play) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = measured_run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts(), ran.report["verdict"]) == (2, {TIMEOUT}, "unreachable")
    assert ran.seconds < 6  # two attempts of a second, side by side, and a start


def test_answers_that_get_slower_are_locked_until_they_come_too_late(measured_run: Runs) -> None:
    with deployed(Script(guarded=slower(0.4, refusal()))) as here:
        ran = measured_run(here, *FEW, "--concurrency", "1")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {LOCKED, TIMEOUT})


def test_the_deadline_ends_a_run_into_a_black_hole_although_a_timeout_is_longer(measured_run: Runs) -> None:
    with deployed(Script(guarded=SILENCE)) as here:
        ran = measured_run(here, "--deadline", "2", "--timeout", "9")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {("unproven", "cut-short")})
    assert 2 < ran.seconds < 2 + GRACE


NGINX = (
    b"<html><head><title>503</title></head><body><center><h1>503</h1></center><hr><center>nginx</center></body></html>"
)


def limited(play: Play, *, rate: float, burst: int) -> Play:
    """Refuse as nginx's `limit_req` does: in words of its own, with a 503, and without a word of when to come back."""
    left, at, lock = float(burst), time.monotonic(), threading.Lock()

    def limit(turn: int) -> Iterable[bytes | Act | Wait]:
        nonlocal left, at
        with lock:
            now = time.monotonic()
            left, at = min(burst, left + (now - at) * rate), now
            if left < 1:
                return (answer(b"503 Service Temporarily Unavailable", NGINX, kind=b"text/html"), Act.KEEP)
            left -= 1
            return play(turn)

    return limit


def test_a_limit_that_a_proxy_answers_with_503_is_waited_for_until_all_is_known(measured_run: Runs) -> None:
    with deployed(Script(guarded=limited(REFUSED, rate=15, burst=5))) as here:
        ran = measured_run(here)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})
    assert len(here.heard) <= 2 * len(ran.report["findings"])


def tiring(answers: int, script: Script) -> Script:
    """Answer so many requests, wherever they go, and then nobody any more."""
    asked = count()

    def until(play: Play) -> Play:
        return lambda turn: play(turn) if next(asked) < answers else SILENCE(turn)

    return replace(
        script, guarded=until(script.guarded), health=until(script.health), not_found=until(script.not_found)
    )


def test_a_deployment_that_stops_answering_is_left_alone_long_before_the_deadline(measured_run: Runs) -> None:
    """A wall that drops who asked too much: each further request would be waited for."""
    with deployed(tiring(30, Script())) as here:
        ran = measured_run(here)
    holds_of_every_report(ran)
    assert (ran.status, ran.report["verdict"]) == (2, "unreachable")
    assert len(here.heard) <= 30 + 4 * 8
    assert ran.seconds < 12
    left = [f for f in ran.report["findings"] if "nothing answers any more" in f["detail"]]
    assert len(left) > 12
    assert {(f["verdict"], f["reason"]) for f in left} == {TIMEOUT}


def test_routes_that_hang_in_a_deployment_that_answers_cost_no_other_route_its_probe(measured_run: Runs) -> None:
    with deployed(Script(guarded=SILENCE)) as here:
        ran = measured_run(here, "--surface", "orgs", "--attempts", "1")
    holds_of_every_report(ran)
    assert ran.status == 2
    assert "nothing answers any more" not in ran.out
    orgs = [f for f in ran.report["findings"] if f["surface"] == "orgs" and f["verdict"] != "skipped"]
    assert sum(b" /api/orgs" in head for head in here.heard) >= len(orgs) > 20


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(b"Retry-After: 99999999999", id="for-ever"),
        pytest.param(b"Retry-After: 1e999\r\nRateLimit: r=0;t=999999999999999", id="no-number"),
        pytest.param(b"X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 99999999999999999999999999", id="reset-that-never-comes"),
    ],
)  # fmt: skip
def test_a_throttle_that_never_ends_is_no_verdict(measured_run: Runs, headers: bytes) -> None:
    with deployed(Script(guarded=says(answer(b"429 Too Many", b"{}", headers), Act.KEEP))) as here:
        ran = measured_run(here, *ONE, "--deadline", "6")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (2, ("unproven", "throttled"))
