"""Whole runs, as users start them, against deployments that are broken or hostile: real sockets, and the real command.

Whatever such a deployment does, the run ends in bounded time and memory, with the verdict that the design gives it, and
what was said to it is neither obeyed nor repeated. What the transport makes of each answer alone is test_transport's.
"""

from __future__ import annotations

import gzip

import pytest

from tests.support.hostile_answers import (
    APART,
    BR,
    CHUNKED_REFUSAL,
    DEFLATE,
    EVENT,
    GZIP,
    HEAD,
    HEALTHY,
    LONG,
    REFUSED,
    SILENCE,
    STREAM,
    Act,
    Play,
    Script,
    Wait,
    answer,
    changing,
    chunk,
    chunked,
    dripped,
    for_ever,
    grant,
    in_turn,
    moved,
    refusal,
    says,
)
from tests.support.hostile_deployment import Deployment, deployed
from tests.support.measured_run import (
    ALL,
    DISCLOSED,
    FEW,
    GRANTED,
    LOCKED,
    ONE,
    PROTOCOL,
    TIMEOUT,
    UNREAD,
    Runs,
    holds_of_every_report,
)


def test_the_deployment_of_these_tests_is_locked_and_a_run_of_it_is_small(measured_run: Runs) -> None:
    with deployed(Script()) as here:
        ran = measured_run(here)
    assert (ran.status, ran.verdicts(), ran.verdicts("health")) == (0, {LOCKED}, {LOCKED})
    assert len(here.heard) == ran.report["requests"] > 60
    assert ran.peak > 10  # it is the prober that was measured


@pytest.mark.parametrize(
    ("play", "few"),
    [
        pytest.param(says(refusal(b"X-A: b", b"  folded", b"\tand again"), Act.KEEP), FEW, id="folded-header"),
        pytest.param(says(refusal(b"Content-Length: 25"), Act.KEEP), FEW, id="same-length-twice"),
        pytest.param(says(chunked(b"401 No", b"Content-Length: 3") + chunk(b"no") + b"0\r\n\r\n", Act.KEEP), FEW, id="chunked-and-a-length"),
        pytest.param(says(refusal(*(b"Set-Cookie: session=flood%d; Path=/" % n for n in range(1500))), Act.KEEP), FEW, id="flood-of-cookies"),
        pytest.param(says(refusal(*[b"X-A: b"] * 10_000), Act.KEEP), ALL, id="ten-thousand-short-headers"),
        pytest.param(says(HEAD.replace(b"Unauthorized", b"\xd0\x9d\xd0\xb5\xd1\x82 \xff\x9b") + b"Content-Length: 0\r\n\r\n", Act.KEEP), FEW, id="reason-that-is-no-ascii"),
        pytest.param(says(refusal(body=b"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\xe2\x80\xae" * 99), Act.KEEP), FEW, id="escapes-in-the-body"),
        pytest.param(says(refusal(body=b'\\"api_key\\" ' * 5000), Act.KEEP), FEW, id="quotes"),
        pytest.param(says(refusal(body=b"<title>" * 9000), Act.KEEP), ALL, id="titles-without-end"),
        pytest.param(changing(b"401 Unauthorized"), FEW, id="never-the-same-twice"),
        pytest.param(says(refusal(), Wait(0.002)), ALL, id="closes-after-each-answer-without-a-word"),
        pytest.param(says(refusal() + b"and more, that nobody asked for", Act.KEEP), ALL, id="garbage-behind-the-answer"),
        pytest.param(says(refusal(b"X-RateLimit-Remaining: 0", b"X-RateLimit-Limit: 1000", b"X-RateLimit-Reset: 99999999999999"), Act.KEEP), FEW, id="allowance-that-never-comes-back"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_lock_whatever_it_wears(measured_run: Runs, play: Play, few: tuple[str, ...]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = measured_run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})
    assert not any(b"flood" in head for head in here.heard)


@pytest.mark.parametrize(
    ("play", "few"),
    [
        pytest.param(says(refusal(length=9000)), FEW, id="length-too-long-and-closed"),
        pytest.param(says(refusal(length=10**18), Act.HOLD), ONE, id="length-of-an-exabyte"),
        pytest.param(says(CHUNKED_REFUSAL, b"zz\r\nno\r\n"), FEW, id="chunk-size-that-is-no-number"),
        pytest.param(for_ever(CHUNKED_REFUSAL, chunk(b"x" * 8000)), ALL, id="endless-chunks"),
        pytest.param(for_ever(CHUNKED_REFUSAL + b"1;", b"x" * 8000), FEW, id="endless-chunk-extension"),
        pytest.param(for_ever(CHUNKED_REFUSAL + b"0\r\n", b"X-Trailer: x\r\n" * 500), FEW, id="endless-trailers"),
        pytest.param(says(refusal(b"Content-Encoding: gzip", body=GZIP)), ALL, id="gzip-bomb"),
        pytest.param(says(refusal(b"Content-Encoding: deflate", body=DEFLATE)), FEW, id="deflate-bomb"),
        pytest.param(says(refusal(b"Content-Encoding: br", body=BR), Act.KEEP), FEW, id="br-bomb"),
        pytest.param(says(refusal(length=9000), APART, Act.RESET), FEW, id="reset-in-the-body"),
        pytest.param(dripped(refusal(b"X-A: b", body=b"", length=60), b"x" * 60), ONE, id="drip-in-the-body"),
        pytest.param(says(refusal(body=b"[" * 300_000)), FEW, id="deep-json"),
        pytest.param(says(refusal(body=b"9" * 4 * LONG), Act.KEEP), FEW, id="digits"),
    ],
)  # fmt: skip
def test_a_refusal_that_was_not_read_whole_proves_nothing(measured_run: Runs, play: Play, few: tuple[str, ...]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = measured_run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {UNREAD})


def test_a_deployment_that_is_slow_to_accept_is_waited_for(measured_run: Runs) -> None:
    with deployed(Script(accept_after=0.05)) as here:
        ran = measured_run(here)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})


# --- doors that open in odd clothes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("play", "few", "verdict"),
    [
        pytest.param(for_ever(STREAM, EVENT), ALL, GRANTED, id="endless-event-stream"),
        pytest.param(says(STREAM, Act.HOLD), ONE, GRANTED, id="silent-event-stream"),
        pytest.param(for_ever(chunked(b"200 OK"), chunk(b"x" * 8000)), ALL, GRANTED, id="endless-chunks"),
        pytest.param(dripped(grant(body=b"", length=60), b"x" * 60), ONE, GRANTED, id="drip-in-the-body"),
        pytest.param(says(grant(length=9000), APART, Act.RESET), FEW, GRANTED, id="reset-in-the-body"),
        pytest.param(says(grant(b"Content-Encoding: gzip", body=GZIP)), ALL, GRANTED, id="gzip-bomb"),
        pytest.param(says(grant(b"Content-Encoding: deflate", body=DEFLATE)), FEW, GRANTED, id="deflate-bomb"),
        pytest.param(says(grant(body=b"[" * 100_000)), FEW, GRANTED, id="deep-json"),
        pytest.param(says(grant(body=b"<meta http-equiv=refresh url=" * 2500)), FEW, GRANTED, id="meta-without-end"),
        pytest.param(changing(b"200 OK"), FEW, GRANTED, id="never-the-same-twice"),
        pytest.param(in_turn(REFUSED, HEALTHY), ALL, GRANTED, id="a-lock-that-holds-every-second-time"),
        pytest.param(says(refusal(b"Content-Encoding: gzip", body=gzip.compress(b'{"apiKey":"zzzzzzzzzzzzzzzz"}')), Act.KEEP), FEW, DISCLOSED, id="a-key-in-a-refusal-in-gzip"),
        pytest.param(dripped(refusal(body=b'{"apiKey":"zzzzzzzzzzzzzzzz","more":', length=99), b"x" * 60), ONE, DISCLOSED, id="a-key-in-a-refusal-that-drips"),
    ],
)  # fmt: skip
def test_an_open_door_is_a_leak_whatever_it_wears(
    measured_run: Runs, play: Play, few: tuple[str, ...], verdict: tuple[str, str]
) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = measured_run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.report["verdict"]) == (1, "leak")
    assert verdict in ran.verdicts()


@pytest.mark.parametrize(
    ("after", "others"),
    [
        pytest.param(SILENCE, TIMEOUT, id="black-hole"),
        pytest.param(says(), PROTOCOL, id="silent-close"),
        pytest.param(says(answer(b"502 Bad Gateway", b"")), ("unproven", "gateway"), id="gateway"),
        pytest.param(says(answer(b"429 Too Many", b"", b"Retry-After: 99999")), ("unproven", "throttled"), id="throttle"),
    ],
)  # fmt: skip
def test_one_open_door_is_a_leak_although_nobody_answers_after_it(
    measured_run: Runs, after: Play, others: tuple[str, str]
) -> None:
    with deployed(Script(guarded=in_turn(says(grant(), Act.KEEP), *[after] * 99))) as here:
        ran = measured_run(here, "--depth", "quick", "--only", "GET /api/knowledge", "--concurrency", "1")
    holds_of_every_report(ran)
    uncompared = ("skipped", "uncompared")  # the request as a browser sends it, of which nothing came back or no lock
    assert (ran.status, ran.verdicts() - {uncompared}) == (1, {GRANTED, others})


def test_a_second_answer_behind_the_first_is_not_the_next_ones(measured_run: Runs) -> None:
    """An open door must not be given the refusal that was left over from the door before."""
    with deployed(Script(guarded=in_turn(says(refusal() * 2, Act.KEEP), says(grant(), Act.KEEP)))) as here:
        named = (f"knowledge: GET /api/knowledge [{name}]" for name in ("anonymous", "bogus-*", "jwt-unsigned"))
        only = [word for name in named for word in ("--only", name)]
        ran = measured_run(here, *only, "--only", "GET /api/healthz", "--concurrency", "1")
    holds_of_every_report(ran)
    found = [(f["verdict"], f["reason"]) for f in ran.report["findings"] if f["surface"] == "knowledge"]
    assert (ran.status, found[:4]) == (1, [LOCKED, GRANTED, LOCKED, GRANTED])


# --- redirects: none is followed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        pytest.param(b"http://169.254.169.254/latest/meta-data/iam/", id="cloud-metadata"),
        pytest.param(b"//169.254.169.254/latest/meta-data/", id="cloud-metadata-without-a-scheme"),
        pytest.param(b"http://evil.test/api/rules", id="another-origin"),
        pytest.param(b"javascript:alert(1)", id="a-script"),
        pytest.param(b"/" + b"a" * 60_000, id="huge"),
        pytest.param(b"/" + b"eyJ" * 20_000, id="nearly-a-token"),
        pytest.param(b"/\x1b]0;owned\x07\x1b[2J\x08\x7f", id="terminal-escapes"),
        pytest.param(b"/\xe2\x80\xae\xe2\x81\xa6gnp.exe\xe2\x80\xa8\xc2\x9b31m\xff", id="direction-marks"),
        pytest.param(b"/a\r\nSet-Cookie: session=flood; Path=/", id="line-break-and-a-header"),
        pytest.param(b"http://[::1", id="no-url-at-all"),
        pytest.param(b"http://127.0.0.1:99999999/", id="port-that-is-none"),
    ],
)  # fmt: skip
def test_a_guarded_route_that_leads_elsewhere_is_a_leak_and_nobody_goes_there(
    measured_run: Runs, location: bytes
) -> None:
    with deployed(Script(guarded=moved(location))) as here:
        ran = measured_run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (1, GRANTED)
    # Where a variant is sent on the origin, it is asked whether the guard stands there too.
    on_origin = {b"/a"} if location.startswith(b"/a\r") else set()
    assert {head.split(b" ")[1] for head in here.heard} <= {b"/api/healthz", b"/api/knowledge", *on_origin, *lost(here)}
    assert not any(b"flood" in head for head in here.heard)


def lost(here: Deployment) -> set[bytes]:
    """Give the paths that do not exist."""
    return {path for head in here.heard if b"/lockdown-probe-" in (path := head.split(b" ")[1])}


def test_a_redirect_to_another_port_of_this_machine_is_a_leak_and_nobody_goes_there(measured_run: Runs) -> None:
    with deployed(Script()) as trap, deployed(Script(guarded=moved(trap.url.encode() + b"/api/rules"))) as here:
        ran = measured_run(here)
        assert trap.visits == 0
    assert (ran.status, ran.verdict()) == (1, GRANTED)


@pytest.mark.parametrize(
    ("play", "verdict"),
    [
        pytest.param(moved(b"/api/knowledge"), ("drift", "wrong-status"), id="to-itself"),
        pytest.param(in_turn(moved(b"/api/a"), moved(b"/api/b")), GRANTED, id="in-a-circle"),
        pytest.param(says(answer(b"600 What", b"{}"), Act.KEEP), ("drift", "wrong-status"), id="status-600"),
        pytest.param(says(answer(b"999 Request denied", b"{}"), Act.KEEP), ("drift", "wrong-status"), id="status-999"),
        pytest.param(says(answer(b"500 Oh", b"9" * LONG), Act.KEEP), ("drift", "broken"), id="status-500"),
        pytest.param(says(answer(b"418 Teapot", b"short", length=10**15), APART, Act.RESET), ("drift", "wrong-status"), id="status-418-and-a-reset"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_promised_one_is_drift(measured_run: Runs, play: Play, verdict: tuple[str, str]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = measured_run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (1, verdict)


def test_what_a_deployment_writes_does_not_act_on_the_terminal(measured_run: Runs) -> None:
    with deployed(Script(guarded=moved(b"/\x1b[2J\x1b]0;owned\x07\xe2\x80\xae\xc2\x9b31m"))) as here:
        ran = measured_run(here, *FEW, form="table")
    assert ran.status == 1
    assert "\\x1b[2J" in ran.out  # shown, and harmless
