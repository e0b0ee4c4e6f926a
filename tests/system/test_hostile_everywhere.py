"""A deployment that is hostile on every route, health too, is never locked, and stays small."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.support.hostile_answers import (
    EVENT,
    GZIP,
    HEAD,
    LONG,
    SILENCE,
    STREAM,
    Act,
    Play,
    Say,
    Script,
    Wait,
    answer,
    changing,
    dripped,
    everywhere,
    for_ever,
    grant,
    moved,
    refusal,
    says,
)
from tests.support.hostile_deployment import deployed
from tests.support.measured_run import FEW, GRANTED, LOCKED, PROTOCOL, TIMEOUT, Runs, holds_of_every_report

if TYPE_CHECKING:
    from collections.abc import Iterable


@pytest.mark.parametrize(
    ("script", "status", "verdict"),
    [
        pytest.param(everywhere(SILENCE), 2, TIMEOUT, id="black-hole"),
        pytest.param(Script(reads=False), 2, TIMEOUT, id="accepts-and-never-reads"),
        pytest.param(everywhere(says()), 2, PROTOCOL, id="silent-close"),
        pytest.param(everywhere(for_ever(HEAD, b"X-A: b\r\n" * 5000)), 2, PROTOCOL, id="headers-without-end"),
        pytest.param(everywhere(for_ever(STREAM, EVENT)), 2, ("unproven", "wrong-base"), id="the-same-endless-stream"),
        pytest.param(everywhere(says(grant(b"Content-Encoding: gzip", body=GZIP))), 2, ("unproven", "wrong-base"), id="the-same-gzip-bomb"),
        pytest.param(everywhere(changing(b"200 OK")), 1, GRANTED, id="something-else-each-time"),
        pytest.param(everywhere(moved(b"http://169.254.169.254/latest/")), 2, ("unproven", "wrong-base"), id="redirects-to-cloud-metadata"),
        pytest.param(everywhere(says(answer(b"500 Oh", b"[" * 100_000))), 2, ("unproven", "broken"), id="500-and-deep-json"),
        pytest.param(everywhere(says(answer(b"502 Oh", b"<title>" * 9000))), 2, ("unproven", "gateway"), id="502-and-titles"),
        pytest.param(everywhere(says(answer(b"511 Sign in", b"", b"Location: http://captive.test/"), Act.KEEP)), 2, ("unproven", "intermediary"), id="captive-portal"),
        pytest.param(everywhere(says(answer(b"400 No", b"The plain HTTP request was sent to HTTPS port", kind=b"text/html"))), 2, ("unproven", "intermediary"), id="plain-http-on-a-tls-port-of-nginx"),
    ],
)  # fmt: skip
def test_a_deployment_that_is_hostile_everywhere_is_never_locked(
    measured_run: Runs, script: Script, status: int, verdict: tuple[str, str]
) -> None:
    with deployed(script) as here:
        ran = measured_run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (status, verdict)


@pytest.mark.parametrize(
    ("play", "status", "verdict"),
    [
        pytest.param(SILENCE, 2, TIMEOUT, id="black-hole"),
        pytest.param(says(answer(b"500 Oh", b"x" * 200_000)), 1, ("drift", "broken"), id="500"),
        pytest.param(moved(b"http://169.254.169.254/"), 1, ("drift", "wrong-status"), id="redirect-to-cloud-metadata"),
        pytest.param(dripped(grant(body=b"", length=60), b"x" * 60), 0, LOCKED, id="drip-in-the-body"),
        pytest.param(says(grant(b"Content-Encoding: gzip", body=GZIP)), 0, LOCKED, id="gzip-bomb"),
    ],
)  # fmt: skip
def test_health_that_is_hostile_is_judged_like_any_route_and_silence_ends_the_run(
    measured_run: Runs, play: Play, status: int, verdict: tuple[str, str]
) -> None:
    with deployed(Script(health=play)) as here:
        ran = measured_run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict("health: GET /api/healthz [anonymous]")) == (status, verdict)


def test_a_full_plan_stays_small_although_each_answer_is_as_large_as_is_kept(measured_run: Runs) -> None:
    with deployed(everywhere(large)) as here:
        ran = measured_run(here, "--surface", "all", "--mcp-url", here.url)
    assert (ran.status, len(here.heard) > 600) == (2, True)  # one refusal for every path, by nobody knows whom
    assert ran.peak < 80  # the bodies alone are 40 MiB


def test_noise_in_the_largest_answers_ends_a_full_plan_without_a_verdict_on_what_was_not_sent(
    measured_run: Runs,
) -> None:
    """Noise cannot be held in less than its length, so that there is an end to how much of it is taken."""
    lines = [b"X-%d: %s" % (n, b"a" * 100) for n in range(110)]

    def noise(turn: int) -> Iterable[Say]:
        return refusal(*lines, body=random.Random(turn).randbytes(64 * 1024)), Act.KEEP

    with deployed(everywhere(noise)) as here:
        ran = measured_run(here, "--surface", "all", "--mcp-url", here.url)
    assert ran.status in {1, 2}
    assert ("unproven", "cut-short") in {(f["verdict"], f["reason"]) for f in ran.report["findings"]}
    assert len(here.heard) < ran.report["coverage"]["routes"] * 5


def large(turn: int) -> Iterable[bytes | Act | Wait]:
    return refusal(body=b"%d" % turn + b"one rule " * (LONG // 8)), Act.KEEP
