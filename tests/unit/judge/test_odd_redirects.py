"""A profile that expects 302 without a location: a redirect elsewhere is a leak, if it is signed or the odd one out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.definitions.service import parse_service
from prober.judge.controls import Controls, ServiceControls
from prober.judge.odd_redirects import reveal_odd_redirects
from prober.model import Answer, Answered, Finding, LocationFact, Observed, ProcedureResult, Reason, Source, Verdict
from tests.support.reports import URLS, make_finding

HERE = Source(file="profiles/p.yaml", line=1)
CONTROLS = Controls(services={name: ServiceControls(service=parse_service(name, url)) for name, url in URLS.items()})
OBSERVED = ProcedureResult(observed=Observed.SESSION_BOUND, detail="bound", requests=2)
SIGNED = "https://files.example/export.csv?X-Amz-Signature=abc&X-Amz-Date=1"
ELSEWHERE = "https://files.example/export.csv?year=2026"


def locked(
    location: str | None, *, path: str = "/export", guard: str = "session", service: str = "web", status: int = 302,
    expected: LocationFact | None = None, verdict: Verdict = Verdict.LOCKED, expecting: int | None = None,
) -> Finding:  # fmt: skip
    headers = () if location is None else (("location", location),)
    answered = Answered.of(status=status, headers=headers, body=b"", elapsed_ms=1)
    found = make_finding(verdict, Reason.AS_PROMISED, "as expected", path=path, service=service, outcome=answered)
    number = status if expecting is None else expecting
    answer = Answer(statuses=(range(number, number + 1),), location=expected, source=HERE)
    probe = replace(
        found.probe, route=replace(found.probe.route, guard=guard), promise=replace(found.probe.promise, answers=(answer,))
    )  # fmt: skip
    return replace(found, probe=probe)


SIGN_IN = locked("/signin", path="/account")


def test_a_signed_address_is_a_leak_whatever_the_others_do() -> None:
    [found] = reveal_odd_redirects([locked(SIGNED)], CONTROLS)
    assert (found.verdict, found.reason, found.rule) == (Verdict.LEAK, Reason.GRANTED, "sent-elsewhere")
    assert (
        found.detail
        == "redirects to https://files.example/export.csv, an address that is signed, and so opens to anybody"
    )


@pytest.mark.parametrize("key", ["sig", "Signature", "X-Goog-Signature", "hmac", "__token__"])
def test_an_address_is_signed_by_any_of_the_keys_of_stores(key: str) -> None:
    [found] = reveal_odd_redirects([locked(f"https://files.example/a?{key}=")], CONTROLS)
    assert found.verdict is Verdict.LEAK


def test_elsewhere_is_a_leak_where_the_guards_other_routes_lead_to_the_sign_in() -> None:
    sign_in, found = reveal_odd_redirects([SIGN_IN, locked(ELSEWHERE)], CONTROLS)
    assert sign_in == SIGN_IN
    assert (found.verdict, found.reason, found.rule) == (Verdict.LEAK, Reason.GRANTED, "sent-elsewhere")
    assert found.detail == (
        "redirects to https://files.example/export.csv, and the guard's other routes redirect to a sign-in page"
    )


@pytest.mark.parametrize(
    ("beside", "redirect"),
    [
        pytest.param(locked(ELSEWHERE, path="/account"), locked(ELSEWHERE), id="all-lead-elsewhere"),
        pytest.param(locked("/signin", guard="admin"), locked(ELSEWHERE), id="another-guards-sign-in"),
        pytest.param(locked("/signin", service="mcp"), locked(ELSEWHERE), id="another-services-sign-in"),
        pytest.param(SIGN_IN, locked("/landing"), id="on-the-own-origin"),
        pytest.param(SIGN_IN, locked("/landing?sig=abc"), id="on-the-own-origin-signed"),
        pytest.param(
            SIGN_IN, locked("https://idp.example/authorize?client_id=a&response_type=code"), id="to-a-provider"
        ),
        pytest.param(SIGN_IN, locked(None), id="nowhere"),
        pytest.param(SIGN_IN, locked(SIGNED, status=401), id="no-redirect"),
        pytest.param(SIGN_IN, locked(SIGNED, verdict=Verdict.DRIFT), id="no-lock"),
        pytest.param(SIGN_IN, locked(SIGNED, expecting=401), id="another-status-than-the-expected-one"),
        pytest.param(SIGN_IN, replace(locked(None), outcome=OBSERVED), id="what-a-procedure-has-observed"),
        pytest.param(
            SIGN_IN,
            locked(SIGNED, expected=LocationFact(path="/export.csv", origin="https://files.example")),
            id="the-expected-location",
        ),
    ],
)
def test_all_else_stays_as_it_was_judged(beside: Finding, redirect: Finding) -> None:
    assert reveal_odd_redirects([beside, redirect], CONTROLS) == (beside, redirect)
