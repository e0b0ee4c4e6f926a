"""The verdict of a procedure, of a request without an answer, and of one that was not sent."""

from __future__ import annotations

import pytest

from prober.judge.procedure_verdicts import MEANINGS
from prober.judge.verdicts import judge
from prober.model import (
    Cause,
    Observed,
    ProcedureResult,
    Reason,
    Unanswered,
    Unsent,
    Verdict,
)
from tests.support.judging import (
    REFUSED,
    controls,
    probe,
    promise,
)


@pytest.mark.parametrize(
    ("observed", "verdict", "reason"),
    [
        pytest.param(Observed.INDISTINGUISHABLE, Verdict.LOCKED, Reason.AS_PROMISED, id="indistinguishable"),
        pytest.param(Observed.DISTINGUISHABLE, Verdict.DRIFT, Reason.TELLABLE, id="distinguishable"),
        pytest.param(Observed.SESSION_USED_BY_ANOTHER, Verdict.LEAK, Reason.NOT_BOUND, id="session-used"),
        pytest.param(Observed.SESSION_BOUND, Verdict.LOCKED, Reason.AS_PROMISED, id="session-bound"),
        pytest.param(Observed.NO_SESSION, Verdict.SKIPPED, Reason.STATELESS, id="no-session"),
        pytest.param(Observed.KEY_REFUSED, Verdict.UNPROVEN, Reason.KEY_REFUSED, id="key-refused"),
        pytest.param(Observed.METADATA_VERIFIED, Verdict.LOCKED, Reason.AS_PROMISED, id="metadata-verified"),
        pytest.param(Observed.METADATA_WRONG, Verdict.DRIFT, Reason.WRONG_METADATA, id="metadata-wrong"),
        pytest.param(Observed.NO_CHALLENGE, Verdict.SKIPPED, Reason.NOT_ANNOUNCED, id="no-challenge"),
        pytest.param(Observed.LIMITED, Verdict.LOCKED, Reason.AS_PROMISED, id="limited"),
        pytest.param(Observed.UNLIMITED, Verdict.DRIFT, Reason.UNLIMITED, id="unlimited"),
        pytest.param(Observed.LIMIT_EVADED, Verdict.DRIFT, Reason.LIMIT_EVADED, id="limit-evaded"),
        pytest.param(Observed.PORT_OPEN, Verdict.LEAK, Reason.PORT_OPEN, id="port-open"),
        pytest.param(Observed.PORT_CLOSED, Verdict.LOCKED, Reason.AS_PROMISED, id="port-closed"),
        pytest.param(Observed.TOO_FEW_REQUESTS, Verdict.SKIPPED, Reason.TOO_FEW, id="too-few"),
    ],
)
def test_what_a_procedure_has_seen_means(observed: Observed, verdict: Verdict, reason: Reason) -> None:
    asked = probe(promise(REFUSED))
    learnt = ProcedureResult(observed=observed, detail="so it was", requests=9)
    found = judge(asked, learnt, controls())
    assert (found.probe, found.outcome, found.verdict, found.reason, found.detail) == (asked, learnt, verdict, reason, "so it was")  # fmt: skip
    assert found.rule == f"observed-{observed}"


def test_every_observation_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Observed)


@pytest.mark.parametrize("cause", list(Cause))
def test_nobody_answered_is_unreachable_and_says_why(cause: Cause) -> None:
    outcome = Unanswered(cause=cause, detail="no answer in 5 s", arrived=False, attempts=3, elapsed_ms=1)
    found = judge(probe(promise(REFUSED)), outcome, controls())
    assert (found.verdict, found.reason, found.detail) == (
        Verdict.UNREACHABLE,
        Reason(cause),
        "no answer in 5 s (3 attempts)",
    )


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        pytest.param(Reason.CUT_SHORT, Verdict.UNPROVEN, id="deadline"),
        pytest.param(Reason.NO_CSRF_TOKEN, Verdict.UNPROVEN, id="no-token"),
        pytest.param(Reason.THROTTLED, Verdict.UNPROVEN, id="throttled"),
        pytest.param(Reason.INTERMEDIARY, Verdict.UNPROVEN, id="a-wall-at-the-first-look"),
        pytest.param(Reason.OPENED_ALREADY, Verdict.SKIPPED, id="opened-already"),
        pytest.param(Reason.NOT_SENT, Verdict.SKIPPED, id="interrupted"),
    ],
)
def test_what_was_not_sent_is_never_locked(reason: Reason, verdict: Verdict) -> None:
    outcome = Unsent(reason=reason, detail="why")
    found = judge(probe(promise(REFUSED)), outcome, controls())
    assert (found.verdict, found.reason, found.detail, found.outcome) == (verdict, reason, "why", outcome)
