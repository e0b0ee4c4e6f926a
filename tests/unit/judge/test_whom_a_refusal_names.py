"""Whom and what one route's refusal names, and those of the guard's other routes do not."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from prober.judge.refusal_content import RefusalBaseline, carried_by
from prober.model import Answered

ROUTE, OTHER = "GET /berths", "GET /cranes"
ACCOUNT = "GB33BUKB20201555555555"
SIGN_IN = "<html><h1>Sign in</h1><p>Questions: {}</p></html>"
ROWS = [{"berth": 1, "ship": "Wave"}, {"berth": 2, "ship": "Gull"}]
PACKED = base64.urlsafe_b64encode(json.dumps({"back": "/berths", "seen": ROWS}).encode()).decode()
MADE = base64.urlsafe_b64encode(json.dumps({"back": "/berths", "once": "4711"}).encode()).decode()
SAVED = base64.b64encode(json.dumps(ROWS).encode()).decode()


def page(text: str, kind: str = "text/html", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=401, headers=(("content-type", kind), *headers), body=text.encode(), elapsed_ms=1)


def redirect(*headers: tuple[str, str]) -> Answered:
    return Answered.of(status=302, headers=headers, body=b"", elapsed_ms=1)


def others(*answers: Answered) -> RefusalBaseline:
    made = RefusalBaseline()
    for answered in answers:
        made.add(OTHER, answered)
    return made


NOBODY = page(SIGN_IN.format("help@quay.test"))
SOMEBODY = page(SIGN_IN.format("ida.berg@quay.test"))
PAYEE = page(f"<html><dl><dt>Account<dd>{ACCOUNT}</dl></html>")
ADDRESS_TOLD = "the e-mail address of somebody whom no other refusal names"
ACCOUNT_TOLD = "the number of a bank account or a card"


@pytest.mark.parametrize(
    ("answered", "made", "what"),
    [
        pytest.param(SOMEBODY, others(NOBODY), ADDRESS_TOLD, id="somebody"),
        pytest.param(SOMEBODY, others(SOMEBODY), None, id="whom-to-ask-everywhere"),
        pytest.param(SOMEBODY, others(page("{}", "application/json")), None, id="no-page-to-compare-with"),
        pytest.param(NOBODY, others(page(SIGN_IN)), None, id="an-office"),
        pytest.param(PAYEE, others(NOBODY), ACCOUNT_TOLD, id="an-account"),
        pytest.param(PAYEE, RefusalBaseline(), ACCOUNT_TOLD, id="an-account-and-nothing-to-compare-with"),
        pytest.param(PAYEE, others(PAYEE), None, id="where-to-pay-everywhere"),
    ],
)
def test_what_a_refusal_tells_of_people_is_compared_with_the_others(
    answered: Answered, made: RefusalBaseline, what: str | None
) -> None:
    made.add(ROUTE, answered)
    assert carried_by(ROUTE, answered, made) == what


def test_an_address_that_was_sent_is_an_echo() -> None:
    assert carried_by(ROUTE, SOMEBODY, others(NOBODY), "get /berths ida.berg@quay.test") is None


@pytest.mark.parametrize(
    ("answered", "what"),
    [
        pytest.param(redirect(("location", f"/login?state={PACKED}")), "2 records in a URL", id="in-the-query"),
        pytest.param(redirect(("location", f"/login#state={PACKED}")), "2 records in a URL", id="in-the-fragment"),
        pytest.param(redirect(("location", f"/login?seen={quote(json.dumps(ROWS))}")), "2 records in a URL", id="as-json"),
        pytest.param(redirect(("location", f"/login#{quote(json.dumps(ROWS))}")), "2 records in a URL", id="a-fragment-alone"),
        pytest.param(page("no", "text/plain", ("refresh", f"0; url=/login?state={PACKED}")), "2 records in a URL", id="in-a-refresh"),
        pytest.param(redirect(("location", f"/login?state=eyJhbGciOiJIUzI1NiJ9.{PACKED}.c2ln")), "2 records in a URL", id="signed"),
        pytest.param(redirect(("location", f"/login?state={MADE}"), ("set-cookie", f"pending={MADE}")), None, id="a-state"),
        pytest.param(redirect(("location", "http://[quay/login?x=1")), None, id="no-url"),
    ],
)  # fmt: skip
def test_the_url_that_a_refusal_leads_to_carries_no_data(answered: Answered, what: str | None) -> None:
    assert carried_by(ROUTE, answered, others(NOBODY)) == what


@pytest.mark.parametrize(
    ("script", "what"),
    [
        pytest.param('<script>window.S={berths:[{no:1,ship:"Wave"},{no:2,ship:"Gull"}]}</script>', "2 records", id="a-literal"),
        pytest.param('<script>go(function(a){return {berths:[{no:1,ship:"Wave",at:a},{no:2,ship:"Gull",at:a}]}}(1))</script>', "2 records", id="what-a-function-returns"),
        pytest.param(f'<a download href="data:application/json;base64,{SAVED}">', "2 records", id="a-file-in-a-link"),
        pytest.param('<script type="application/ld+json">{"@type":"Order","customer":{"@type":"Person","email":"ida.berg@quay.test"}}</script>', "somebody's account", id="an-order-for-a-mail-program"),
        pytest.param('<script type="application/ld+json">{"@type":"Organization","email":"ida.berg@quay.test"}</script>', None, id="an-organisation"),
        pytest.param('<img src="data:image/png;base64,iVBORw0KGgo=">', None, id="a-picture"),
        pytest.param("<script>window.S={berths:list(1),open:function(){return {a:1}}}</script>", None, id="a-program"),
    ],
)  # fmt: skip
def test_the_state_of_a_page_is_read_as_its_own_scripts_read_it(script: str, what: str | None) -> None:
    everybodys = page("<html><h1>Sign in</h1>ida.berg@quay.test</html>")
    assert carried_by(ROUTE, page(f"<html><h1>Sign in</h1>{script}</html>"), others(everybodys)) == what
