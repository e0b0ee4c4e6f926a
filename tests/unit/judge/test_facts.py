"""Facts of one answer on which a verdict hangs, each shown by the verdict that it gives."""

from __future__ import annotations

import json

import pytest

from prober.judge.controls import Controls, ServiceControls
from prober.judge.verdicts import judge
from prober.model import Answer, Answered, Never, Reason, Variant, Verdict
from tests.support.judging import (
    HERE,
    HTML,
    JSON,
    NOT_FOUND,
    OPEN,
    REFUSED,
    WEB,
    answer,
    controls,
    probe,
    promise,
    seen,
    status,
)

AS_CLIENT = Variant(name="as-browser", headers=(), catches="", as_client=True)
RECORDS = answer(401, json.dumps([{"order": 1, "owner": "Ada"}, {"order": 2, "owner": "Max"}]), JSON)


def found(promised: Answer, answered: Answered, **more: object) -> tuple[Verdict, Reason, str | None]:
    finding = judge(probe(promise(promised), **more), answered, controls())  # type: ignore[arg-type]
    return finding.verdict, finding.reason, finding.rule


@pytest.mark.parametrize(
    ("answered", "wanted"),
    [
        pytest.param(answer(401, "no"), (Verdict.LOCKED, Reason.AS_PROMISED, "as-expected"), id="as-expected"),
        pytest.param(
            answer(403, "no"), (Verdict.LOCKED, Reason.OPENS_NOTHING, "variant-opened-nothing"), id="refused-otherwise"
        ),
        pytest.param(answer(200, '{"a":1}', JSON), (Verdict.LEAK, Reason.GRANTED, "variant-opened"), id="opened"),
    ],
)
def test_request_of_another_client_is_compared_unless_it_gets_the_expected_answer(
    answered: Answered, wanted: tuple[Verdict, Reason, str]
) -> None:
    assert found(REFUSED, answered, variant=AS_CLIENT) == wanted


def test_file_is_unread_as_a_refusal_alone() -> None:
    picture = Answered.of(
        status=200, headers=(("content-type", "image/png"),), body=b"\x89PNG\r\n\x00\x01", elapsed_ms=1
    )
    refusal = Answered.of(status=401, headers=picture.headers, body=picture.body, elapsed_ms=1)
    never = (Never(keys=("email",), source=HERE),)
    assert found(OPEN, picture, never=never)[:2] == (Verdict.LOCKED, Reason.AS_PROMISED)
    assert found(REFUSED, refusal)[:2] == (Verdict.UNPROVEN, Reason.UNREAD)


def test_refusal_that_carries_records_is_a_leak() -> None:
    assert found(REFUSED, RECORDS) == (Verdict.LEAK, Reason.DISCLOSED, "refusal-carries-data")


def test_refusal_in_a_success_that_carries_records_is_a_leak() -> None:
    refusal = status(200, body=("error",), is_refusal=True)
    told = answer(200, json.dumps({"error": "no", "rows": json.loads(RECORDS.text)}), JSON)
    assert found(refusal, told)[:2] == (Verdict.LEAK, Reason.DISCLOSED)


def test_public_route_that_refuses_with_records_leaks_nothing() -> None:
    assert found(OPEN, RECORDS)[:2] == (Verdict.DRIFT, Reason.OVER_LOCKED)


def test_lock_in_front_that_is_described_is_named() -> None:
    basic = ("www-authenticate", 'Basic realm="tools"')
    page = "<html><head><title>401</title></head><body><center><h1>401</h1></center><hr><center>nginx</center></body></html>"
    known = Controls(services={"web": ServiceControls(service=WEB, not_found=(seen(NOT_FOUND),))})
    finding = judge(
        probe(promise(status(401, headers=(basic,), body=("nginx",)))), answer(401, page, HTML, basic), known
    )
    assert finding.verdict is Verdict.LOCKED
    assert finding.answered_by not in {None, "application"}
