"""What a profile's answer means for the credential that is sent."""

from __future__ import annotations

import pytest

from prober.model import Answer, JsonFact, Promise, Source

WHERE = Source(file="profile.yaml", line=1)
OK, DENIED = (range(200, 201),), (range(401, 402),)


@pytest.mark.parametrize(
    ("answers", "refuses"),
    [
        pytest.param((Answer(statuses=OK, body=("insufficient_scope",), source=WHERE),), True, id="words-in-the-body"),
        pytest.param(
            (Answer(statuses=OK, json=(JsonFact(path=("error",), value=None),), source=WHERE),), True, id="a-json-path"
        ),
        pytest.param((Answer(statuses=OK, source=WHERE),), False, id="nothing-said-of-the-body"),
        pytest.param(
            (Answer(statuses=DENIED, source=WHERE), Answer(statuses=OK, source=WHERE)), False, id="a-success-beside-it"
        ),
        pytest.param((Answer(statuses=DENIED, source=WHERE),), True, id="a-status-that-refuses"),
    ],
)
def test_a_success_refuses_a_held_secret_where_its_body_is_described(
    answers: tuple[Answer, ...], *, refuses: bool
) -> None:
    promise = Promise(answers=answers, skip=None, source=WHERE)
    assert promise.to_refused_secret().refuses is refuses
