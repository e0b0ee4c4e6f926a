"""What could not be read of an answer may hold what must not be there: it proves nothing, and it hides no leak."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.verdicts import judge
from prober.model import Answered, Never, Probe, Reason, Verdict
from tests.support.judging import HERE, HTML, OPEN, REFUSED, controls, probe, promise, status

NEVER = (Never(keys=("email",), source=HERE),)
STREAM = ("content-type", "text/event-stream; charset=utf-8")


def cut(number: int, *headers: tuple[str, str]) -> Answered:
    return Answered.of(
        status=number,
        headers=headers or (HTML,),
        body=b"<p>a part",
        whole=False,
        unread="its encoding is broken",
        elapsed_ms=1,
    )


def verdict(asked: Probe, answered: Answered) -> tuple[Verdict, Reason]:
    found = judge(asked, answered, controls())
    return found.verdict, found.reason


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        pytest.param(probe(promise(REFUSED)), cut(401), id="a-refusal"),
        pytest.param(probe(promise(REFUSED)), cut(401, STREAM), id="a-refusal-that-is-a-stream"),
        pytest.param(probe(promise(OPEN), never=NEVER), cut(200), id="an-open-route-that-must-not-hold-something"),
        pytest.param(probe(promise(status(200, not_body=("error",)))), cut(200), id="an-open-route-without-a-word"),
    ],
)
def test_what_must_not_hold_something_is_unproven(asked: Probe, answered: Answered) -> None:
    found = judge(asked, answered, controls())
    assert (found.verdict, found.reason, found.rule) == (Verdict.UNPROVEN, Reason.UNREAD, "not-read-whole")
    assert found.detail == f"got {answered.status}, but its body was not read whole: its encoding is broken"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        pytest.param(probe(promise(OPEN)), cut(200), id="an-open-route"),
        pytest.param(probe(promise(OPEN), never=NEVER), cut(200, STREAM), id="the-first-event-of-a-granted-stream"),
        pytest.param(probe(promise(REFUSED)), replace(cut(401), unread=None), id="all-of-it-was-read"),
    ],
)
def test_all_else_is_locked(asked: Probe, answered: Answered) -> None:
    assert verdict(asked, answered) == (Verdict.LOCKED, Reason.AS_PROMISED)


@pytest.mark.parametrize("never", [(), NEVER], ids=["nothing-forbidden", "something-forbidden"])
def test_another_answer_than_the_expected_one_is_judged_as_ever(never: tuple[Never, ...]) -> None:
    assert verdict(probe(promise(REFUSED), never=never), cut(200)) == (Verdict.LEAK, Reason.GRANTED)
    assert verdict(probe(promise(OPEN), never=never), cut(403)) == (Verdict.DRIFT, Reason.OVER_LOCKED)
