"""What the procedures of a plan come to: how many requests a limit leaves, what a burst found, in which word."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from prober.engine.multi_request import FEWEST_PAIRS, MOST_PAIRS, _pairs_within, learn
from prober.model import Answered, Depth, Limit, Probe, Procedure, ProcedureResult, Reason, Request, Unsent
from prober.transport.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Reply, Service, Surface

PROFILE = "profile: p\nabout: x.\nguards: {login: [401, 429]}\n"
SURFACE = """\
surface: made
about: Made for a test.
routes:
  - route: POST /login
    guard: login
    effect: none
    send: {{json: {{email: nobody@lockdown-probe.invalid}}}}
    indistinguishable: {{json: {{email: '{{known-email}}'}}}}
    limit: {{max: {most}, per: 1h, signal: 429}}
    why: w
    fix: f
"""
KNOWN = "fixture@example.com"


class Asker:
    """Answers in this process, and counts."""

    def __init__(self, reply: Callable[[Request, int], Reply]) -> None:
        self._reply = reply
        self.asked: list[Request] = []

    async def once(self, request: Request, _line: object) -> Reply:
        self.asked.append(request)
        return self._reply(request, len(self.asked))


def answer(status: int, *headers: tuple[str, str], body: bytes = b"{}") -> Answered:
    return Answered.of(status=status, headers=headers, body=body, elapsed_ms=1)


@pytest.fixture
def probe_of(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[[Procedure, int], Probe]:
    def make(procedure: Procedure, most: int) -> Probe:
        plan = plan_of(
            [surface_of(SURFACE.format(most=most))], profile_of(PROFILE), depth=Depth.DEEP, held={"known-email": KNOWN}
        )
        return next(probe for probe in plan.probes if probe.procedure is procedure)

    return make


@pytest.fixture
def learnt(service_of: Callable[..., Service]) -> Callable[..., tuple[ProcedureResult, list[Request]]]:
    def run(probe: Probe, reply: Callable[[Request, int], Reply]) -> tuple[ProcedureResult, list[Request]]:
        client = Asker(reply)
        network = Network(services={"web": service_of()}, timeout=1.0)
        found = asyncio.run(learn(probe, client, None, network, run="0123abcd"))  # type: ignore[arg-type]
        assert isinstance(found, ProcedureResult)
        return found, client.asked

    return run


@pytest.mark.parametrize(
    ("most", "pairs"),
    [(None, MOST_PAIRS), (3, None), (15, None), (16, 0), (16 + 4 * FEWEST_PAIRS - 1, 0), (16 + 4 * FEWEST_PAIRS, FEWEST_PAIRS), (200, MOST_PAIRS)],
)  # fmt: skip
def test_a_limit_leaves_so_many_pairs(most: int | None, pairs: int | None) -> None:
    assert _pairs_within(most and Limit(most=most, seconds=3600.0, signal=None)) == pairs


def test_a_limit_of_three_resets_leaves_nothing_to_compare(
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]]
) -> None:
    found, asked = learnt(probe_of(Procedure.COMPARISON, 3), lambda *_: answer(401))
    assert (found.reason, asked) == (Reason.TOO_FEW, [])
    assert found.detail == "its limit of 3 leaves too few requests to compare anything"


def test_a_difference_is_believed_when_it_is_there_twice(
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]]
) -> None:
    def names_accounts(request: Request, _: int) -> Reply:
        return answer(401 if KNOWN.encode() in (request.content or b"") else 404)

    found, asked = learnt(probe_of(Procedure.COMPARISON, 20), names_accounts)
    assert (found.reason, len(asked)) == (Reason.TELLABLE, 12)
    assert found.detail == "a known address can be told from an unknown one by status 404 against 401"

    def once_only(request: Request, number: int) -> Reply:
        return answer(401 if KNOWN.encode() in (request.content or b"") or number > 6 else 404)

    found, asked = learnt(probe_of(Procedure.COMPARISON, 20), once_only)
    assert (found.reason, len(asked)) == (Reason.AS_PROMISED, 12)
    assert "its limit leaves too few requests to compare times" in found.detail


def test_the_known_address_is_sent_by_one_arm_and_stands_in_no_plain_probe(probe_of: Callable[..., Probe]) -> None:
    probe = probe_of(Procedure.COMPARISON, 20)
    [other] = probe.others
    assert (KNOWN.encode() in (probe.request.content or b""), KNOWN.encode() in (other.content or b"")) == (False, True)
    assert other.headers == probe.request.headers


@pytest.mark.parametrize(
    ("allowed", "by_header", "headers", "reason", "said"),
    [
        pytest.param(5, False, (), Reason.AS_PROMISED, "the limit bites after 5 (promised 5); this address's allowance is used up, for 60 min at most", id="holds"),
        pytest.param(5, False, (("retry-after", "90"),), Reason.AS_PROMISED, "the limit bites after 5 (promised 5); this address's allowance is used up, for 2 min at most", id="says-how-long"),
        pytest.param(0, False, (), Reason.AS_PROMISED, "the limit bites after 0 (promised 5)", id="used-up-before"),
        pytest.param(99, False, (), Reason.UNLIMITED, "6 requests in a row were let through, and the limit is 5", id="never"),
        pytest.param(5, True, (), Reason.LIMIT_EVADED, "the limit bites after 5, and lets in who names another X-Forwarded-For", id="by-header"),
        pytest.param(5, True, (("retry-after", "1"),), Reason.AS_PROMISED, "the limit bites after 5", id="refilled-by-then"),
    ],
)  # fmt: skip
def test_what_a_burst_found(
    allowed: int, headers: tuple[tuple[str, str], ...], reason: Reason, said: str,
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]], *, by_header: bool,
) -> None:  # fmt: skip
    def limiter(request: Request, number: int) -> Reply:
        forged = by_header and "X-Forwarded-For" in dict(request.headers)
        return answer(401) if number <= allowed or forged else answer(429, *headers)

    found, asked = learnt(probe_of(Procedure.BURST, 5), limiter)
    assert (found.reason, found.detail[: len(said)]) == (reason, said)
    assert len(asked) <= 7


def test_a_burst_that_nobody_answers_is_nobodys(probe_of: Callable[..., Probe], service_of: Callable[..., Service]) -> None:  # fmt: skip
    late = Unsent(reason=Reason.CUT_SHORT, detail="late")
    client = Asker(lambda *_: late)
    network = Network(services={"web": service_of()}, timeout=1.0)
    assert asyncio.run(learn(probe_of(Procedure.BURST, 5), client, None, network, run="0")) is late  # type: ignore[arg-type]
