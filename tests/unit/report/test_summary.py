"""The first sentence: what is open, since when, what to do first; and nothing where nothing is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.model import Cause, Kind, Reason, ServiceReport, Unanswered, Verdict
from prober.report.record import record
from prober.report.summary import headline, last_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report, Service

FIX = "Call requireSession() first."


@pytest.fixture
def held() -> Callable[[Finding], Finding]:
    """Make the same finding of a probe that sends a held secret."""

    def of(finding: Finding) -> Finding:
        credential = replace(finding.probe.credential, kind=Kind.HELD, secret="a-secret-of-somebody")
        return replace(finding, probe=replace(finding.probe, credential=credential))

    return of


def test_one_open_door_is_named_with_what_mends_it(
    report_of: Callable[..., Report], finding_of: Callable[..., Finding]
) -> None:
    both = (finding_of(), finding_of(credential="bogus-bearer"), finding_of(Verdict.DRIFT, Reason.BROKEN, path="/b"))
    assert headline(record(report_of(*both))) == f"1 route is open to anyone: me: GET /api/me. Do first: {FIX}"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        pytest.param(2, "2 routes are open to anyone: me: GET /0 and me: GET /1. Do first: ", id="two"),
        pytest.param(
            4, "4 routes are open to anyone: me: GET /0, me: GET /1, me: GET /2 and me: GET /3. Do first: ", id="four"
        ),
        pytest.param(
            6, "6 routes are open to anyone: me: GET /0, me: GET /1, me: GET /2 and 3 more. Do first: ", id="six"
        ),
    ],
)
def test_many_are_named_as_far_as_one_reads(
    report_of: Callable[..., Report], finding_of: Callable[..., Finding], count: int, said: str
) -> None:
    assert headline(record(report_of(*(finding_of(path=f"/{n}") for n in range(count))))) == said + FIX


def test_since_when_is_the_earliest_that_a_run_has_seen(
    report_of: Callable[..., Report], finding_of: Callable[..., Finding]
) -> None:
    kept = record(report_of(finding_of(), finding_of(path="/b")))
    kept["findings"][0]["since"] = "2026-11-20T03:12:00Z"
    kept["findings"][1]["since"] = "2026-11-22T10:00:00Z"
    assert ", since 2026-11-20 03:12:00 UTC. Do first: " in str(headline(kept))


def test_drift_is_told_where_nothing_is_open(
    report_of: Callable[..., Report], finding_of: Callable[..., Finding]
) -> None:
    said = headline(record(report_of(finding_of(Verdict.DRIFT, Reason.BROKEN, "got 500, expected 401"))))
    assert said == f"1 route answers unexpectedly: me: GET /api/me. Do first: {FIX}"


def test_what_is_said_of_a_whole_service_is_the_sentence(
    report_of: Callable[..., Report], finding_of: Callable[..., Finding], service_of: Callable[..., Service]
) -> None:
    told = ServiceReport(service=service_of(), alive=False, blanket=False, intermediary=None, said="it is paused")
    kept = record(report_of(finding_of(Verdict.UNPROVEN, Reason.PAUSED, "it is paused"), services=(told,)))
    assert headline(kept) == "Could not check 'web': it is paused"


def test_silence_is_told_by_what_most_of_it_is(
    report_of: Callable[..., Report], finding_of: Callable[..., Finding]
) -> None:
    silence = Unanswered(cause=Cause.TIMEOUT, detail="", arrived=True, attempts=1, elapsed_ms=1)
    details = ("no answer in 5 s", "no answer in 5 s", "refused")
    kept = record(report_of(*(
        finding_of(Verdict.UNREACHABLE, Reason.TIMEOUT, detail, path=f"/{n}", outcome=silence) for n, detail in enumerate(details)
    )))  # fmt: skip
    assert headline(kept) == "Could not check me: GET /0: no answer in 5 s (2 of the 3 probes without a verdict)"


def test_nothing_is_said_where_nothing_is_wrong(
    report_of: Callable[..., Report], finding_of: Callable[..., Finding]
) -> None:
    assert headline(record(report_of(finding_of(Verdict.LOCKED, Reason.AS_PROMISED)))) is None


def test_a_door_that_only_a_held_secret_opens_is_not_open_to_anyone(
    report_of: Callable[..., Report], finding_of: Callable[..., Finding], held: Callable[[Finding], Finding]
) -> None:
    only = record(report_of(held(finding_of(path="/expired"))))
    assert (headline(only) or "").startswith(
        "1 route is open to a held secret that it must refuse: me: GET /expired. Do first: "
    )
    assert last_line(only).startswith("LEAK: 1 route is open to a held secret that it must refuse")

    both = record(report_of(finding_of(path="/a"), held(finding_of(path="/a")), held(finding_of(path="/b"))))
    opened = "1 route is open to anyone and 1 to a held secret that it must refuse"
    assert (headline(both) or "").startswith(f"{opened}: me: GET /a and me: GET /b")
    assert last_line(both).startswith(f"LEAK: {opened}")
