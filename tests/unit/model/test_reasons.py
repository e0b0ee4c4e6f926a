"""The catalogue of reasons is whole, and the judge gives no verdict with a reason that the catalogue does not allow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.judge.procedure_verdicts import MEANINGS
from prober.judge.service_wide import settle
from prober.judge.verdicts import judge
from prober.model import Answered, Cause, Reason, Unanswered, Unsent, Verdict
from prober.model.reasons import CATALOGUE, ENTRIES, check
from tests.support.judging import read_controls

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Surface

STATUSES = st.sampled_from([200, 204, 302, 307, 400, 401, 403, 404, 405, 410, 429, 500, 502, 503])
BODIES = st.sampled_from(
    [b"", b"null", b'{"error":"no"}', b'{"apiKey":"0123456789"}', b"<html><title>x</title></html>"]
)
HEADERS = st.sampled_from([
    (), (("location", "/signin"),), (("location", "https://elsewhere.example/"),), (("server", "cloudflare"),),
    (("www-authenticate", "Bearer"),),
])  # fmt: skip
OUTCOMES = st.one_of(
    st.builds(
        lambda status, body, headers: Answered.of(status=status, headers=headers, body=body, elapsed_ms=1),
        STATUSES, BODIES, HEADERS,
    ),
    st.builds(
        lambda cause: Unanswered(cause=cause, detail="x", arrived=True, attempts=1, elapsed_ms=1), st.sampled_from(Cause)
    ),
    st.builds(
        lambda reason: Unsent(reason=reason, detail="x"),
        st.sampled_from([Reason.CUT_SHORT, Reason.NOT_SENT, Reason.OPENED_ALREADY, Reason.THROTTLED, Reason.NO_CSRF_TOKEN]),
    ),
)  # fmt: skip


def test_every_reason_has_one_entry_with_a_verdict() -> None:
    assert set(CATALOGUE) == set(Reason)
    assert all(entry.verdicts for entry in ENTRIES)


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(ENTRIES[1:], id="one-is-missing"),
        pytest.param((*ENTRIES, ENTRIES[0]), id="one-is-there-twice"),
        pytest.param((replace(ENTRIES[0], verdicts=()), *ENTRIES[1:]), id="one-has-no-verdict"),
    ],
)
def test_a_catalogue_that_is_not_whole_is_refused(entries: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="the catalogue of reasons is wrong"):
        check(entries)  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry.reason))
def test_meaning_and_action_are_one_sentence_each(entry: object) -> None:
    for text in (entry.meaning, entry.action):  # type: ignore[attr-defined]
        assert 8 < len(text) < 170
        assert not text.endswith(".")


def test_what_procedures_see_is_in_the_catalogue() -> None:
    assert [seen for seen, (verdict, reason) in MEANINGS.items() if verdict not in CATALOGUE[reason].verdicts] == []


@pytest.fixture(scope="module")
def plan(plan_of: Callable[..., Plan], shipped_surfaces: tuple[Surface, ...]) -> Plan:
    names = {"health", "auth", "me", "pages", "migrate", "mcp"}
    return plan_of([surface for surface in shipped_surfaces if surface.name in names])


@given(data=st.data())
def test_the_judge_gives_no_other_pair(data: st.DataObject, plan: Plan) -> None:
    probes = [probe for probe in plan.probes if probe.procedure is None][:60]
    outcomes = [(probe, data.draw(OUTCOMES)) for probe in probes]
    lost = data.draw(OUTCOMES)
    controls = read_controls(plan, [(path, lost) for path in plan.not_found_controls], outcomes)
    findings, _, _ = settle([judge(probe, outcome, controls) for probe, outcome in outcomes], controls, plan.declared)
    wrong = {(f.verdict, f.reason) for f in findings if f.verdict not in CATALOGUE[f.reason].verdicts}
    assert wrong == set()


def test_a_verdict_of_leak_is_first_of_the_reasons_that_open() -> None:
    assert {entry.reason for entry in ENTRIES if Verdict.LEAK in entry.verdicts} == {
        Reason.GRANTED, Reason.DISCLOSED, Reason.NOT_BOUND, Reason.PORT_OPEN,
    }  # fmt: skip
