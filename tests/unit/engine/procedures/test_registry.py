"""What the procedures of a plan see: how many requests a limit leaves, what a burst found, in which word."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from prober.engine.procedure_session import Session
from prober.engine.procedures.account_enumeration import FEWEST_PAIRS, MOST_PAIRS, _pairs_within
from prober.engine.procedures.registry import PROCEDURES, procedure_named
from prober.model import Answered, Depth, Limit, Observed, Probe, ProcedureResult, Reason, Request, Unsent
from prober.transport.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome, Plan, Profile, Reply, Service, Surface

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


async def run_procedure(probe: Probe, client: Asker, network: Network) -> Outcome:
    service = network.services["web"]
    session = Session(client, None, network, service=service, run="0123abcd")  # type: ignore[arg-type]
    return await procedure_named(probe.procedure or "").run(probe, session)


def answer(status: int, *headers: tuple[str, str], body: bytes = b"{}") -> Answered:
    return Answered.of(status=status, headers=headers, body=body, elapsed_ms=1)


@pytest.fixture
def probe_of(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[[str, int], Probe]:
    def make(procedure: str, most: int) -> Probe:
        plan = plan_of(
            [surface_of(SURFACE.format(most=most))], profile_of(PROFILE), depth=Depth.DEEP, held={"known-email": KNOWN}
        )
        return next(probe for probe in plan.probes if probe.procedure == procedure)

    return make


@pytest.fixture
def learnt(service_of: Callable[..., Service]) -> Callable[..., tuple[ProcedureResult, list[Request]]]:
    def run(probe: Probe, reply: Callable[[Request, int], Reply]) -> tuple[ProcedureResult, list[Request]]:
        client = Asker(reply)
        network = Network(services={"web": service_of()}, timeout=1.0)
        found = asyncio.run(run_procedure(probe, client, network))
        assert isinstance(found, ProcedureResult)
        return found, client.asked

    return run


@pytest.mark.parametrize(
    ("most", "pairs"),
    [(None, MOST_PAIRS), (3, None), (15, None), (16, 0), (16 + 4 * FEWEST_PAIRS - 1, 0), (16 + 4 * FEWEST_PAIRS, FEWEST_PAIRS), (200, MOST_PAIRS)],
)  # fmt: skip
def test_a_limit_leaves_so_many_pairs(most: int | None, pairs: int | None) -> None:
    assert _pairs_within(None if most is None else Limit(most=most, seconds=3600.0, signal=None)) == pairs


def test_a_limit_of_two_leaves_nothing_to_compare(
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]]
) -> None:
    found, asked = learnt(probe_of("comparison", 2), lambda *_: answer(401))
    assert (found.observed, asked) == (Observed.TOO_FEW_REQUESTS, [])
    assert found.detail == "its limit of 2 leaves too few requests to compare anything"


@pytest.mark.parametrize(
    ("known", "unknown", "by"),
    [
        pytest.param(answer(200), answer(404), "status 404 against 200", id="status"),
        pytest.param(answer(200, body=b'{"sent": true}'), answer(200, body=b'{"sent": false}'), "the body", id="body"),
        pytest.param(
            answer(302, ("location", "/in?error=Password")), answer(302, ("location", "/in?error=User")),
            "the Location", id="location",
        ),
    ],
)  # fmt: skip
def test_a_limit_of_three_leaves_one_pair_that_tells(
    known: Answered, unknown: Answered, by: str,
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]],
) -> None:  # fmt: skip
    probe = probe_of("comparison", 3)
    found, asked = learnt(probe, lambda request, _: known if KNOWN.encode() in (request.content or b"") else unknown)
    assert (found.observed, len(asked), probe.cost) == (Observed.DISTINGUISHABLE, 2, 2)
    assert found.detail == f"a known address can be told from an unknown one by {by}"


def test_what_varies_by_chance_does_not_tell_one_pair_apart(
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]]
) -> None:
    def counts(request: Request, number: int) -> Reply:
        sent_to = json.loads(request.content or b"{}")["email"]
        body = json.dumps({"left": 3 - number, "at": f"12:00:0{number}", "to": sent_to, "id": f"{number}f" * 12})
        return answer(200, (f"x-trace-{number}", "1"), body=body.encode())

    found, asked = learnt(probe_of("comparison", 3), counts)
    assert (found.observed, len(asked)) == (Observed.INDISTINGUISHABLE, 2)
    assert found.detail == "one answer to each is alike in status, Location and body; its limit leaves no more requests"


def test_a_throttle_in_a_pair_is_no_answer_to_compare(
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]]
) -> None:
    found, asked = learnt(probe_of("comparison", 3), lambda _, number: answer(200 if number == 1 else 429))
    assert (found.observed, len(asked)) == (Observed.TOO_FEW_REQUESTS, 2)


def test_a_difference_is_believed_when_it_is_there_twice(
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]]
) -> None:
    def names_accounts(request: Request, _: int) -> Reply:
        return answer(401 if KNOWN.encode() in (request.content or b"") else 404)

    found, asked = learnt(probe_of("comparison", 20), names_accounts)
    assert (found.observed, len(asked)) == (Observed.DISTINGUISHABLE, 12)
    assert found.detail == "a known address can be told from an unknown one by status 404 against 401"

    def once_only(request: Request, number: int) -> Reply:
        return answer(401 if KNOWN.encode() in (request.content or b"") or number > 6 else 404)

    found, asked = learnt(probe_of("comparison", 20), once_only)
    assert (found.observed, len(asked)) == (Observed.INDISTINGUISHABLE, 12)
    assert "its limit leaves too few requests to compare times" in found.detail


def test_the_known_address_is_sent_by_one_arm_and_stands_in_no_plain_probe(probe_of: Callable[..., Probe]) -> None:
    probe = probe_of("comparison", 20)
    [other] = probe.others
    assert (KNOWN.encode() in (probe.request.content or b""), KNOWN.encode() in (other.content or b"")) == (False, True)
    assert other.headers == probe.request.headers


@pytest.mark.parametrize(
    ("allowed", "by_header", "headers", "observed", "said"),
    [
        pytest.param(5, False, (), Observed.LIMITED, "the limit applies after 5 (expected 5); this address's allowance is used up, for 60 min at most", id="holds"),
        pytest.param(5, False, (("retry-after", "90"),), Observed.LIMITED, "the limit applies after 5 (expected 5); this address's allowance is used up, for 2 min at most", id="says-how-long"),
        pytest.param(0, False, (), Observed.LIMITED, "the limit applies after 0 (expected 5)", id="used-up-before"),
        pytest.param(99, False, (), Observed.UNLIMITED, "6 requests in a row were let through, and the limit is 5", id="never"),
        pytest.param(5, True, (), Observed.LIMIT_EVADED, "the limit applies after 5, but not to a client that sends another X-Forwarded-For", id="by-header"),
        pytest.param(5, True, (("retry-after", "1"),), Observed.LIMITED, "the limit applies after 5", id="refilled-by-then"),
    ],
)  # fmt: skip
def test_what_a_burst_found(
    allowed: int, headers: tuple[tuple[str, str], ...], observed: Observed, said: str,
    probe_of: Callable[..., Probe], learnt: Callable[..., tuple[ProcedureResult, list[Request]]], *, by_header: bool,
) -> None:  # fmt: skip
    def limiter(request: Request, number: int) -> Reply:
        forged = by_header and "X-Forwarded-For" in dict(request.headers)
        return answer(401) if number <= allowed or forged else answer(429, *headers)

    found, asked = learnt(probe_of("burst", 5), limiter)
    assert (found.observed, found.detail[: len(said)]) == (observed, said)
    assert len(asked) <= 7


def test_a_burst_that_nobody_answers_is_nobodys(probe_of: Callable[..., Probe], service_of: Callable[..., Service]) -> None:  # fmt: skip
    late = Unsent(reason=Reason.CUT_SHORT, detail="late")
    client = Asker(lambda *_: late)
    network = Network(services={"web": service_of()}, timeout=1.0)
    assert asyncio.run(run_procedure(probe_of("burst", 5), client, network)) is late


def test_no_two_procedures_have_one_name_and_each_explains_itself() -> None:
    assert len({procedure.name for procedure in PROCEDURES}) == len(PROCEDURES)
    assert all(procedure.about.endswith(".") and procedure.catches and procedure.source for procedure in PROCEDURES)


def test_a_burst_comes_after_all_that_sends_requests() -> None:
    names = [procedure.name for procedure in PROCEDURES]
    assert names[names.index("burst") :] == ["burst", "port"]
