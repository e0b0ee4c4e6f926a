"""How an answer opens a route, and what only looks as if it did; what a body that nobody read is called."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.facts import Facts
from prober.judge.fingerprint import fingerprint
from prober.judge.refusal_content import RefusalBaseline
from prober.model import LocationFact, Reason, Variant
from prober.model.intermediary_names import GATEWAY
from tests.support.judging import (
    HTML,
    JSON,
    NOT_FOUND,
    OPEN,
    REFUSED,
    SIGN_IN_PAGE,
    TO_SIGN_IN,
    answer,
    controls,
    probe,
    promise,
    seen,
    status,
    to,
)

if TYPE_CHECKING:
    from prober.model import Answer, Answered, Probe

DATA = answer(200, '{"orders":[{"id":1,"total":9}]}', JSON)
SESSION = ("mcp-session-id", "0f3c")
AT_ROOT = Variant(name="mcp-at-root", headers=(), catches="", is_known_by=b'"serverInfo"')
SPELLED = Variant(name="upper-case", headers=(), catches="")
REFUSAL = status(200, body=("error",), is_refusal=True)
ELSEWHERE = status(302, location=LocationFact(path="/wait"))
BESIDE = answer(200, "", HTML)
ANYBODYS = answer(401, '{"message":"No API key found in request"}', JSON)
OWN = answer(401, '{"error":"not_signed_in"}', JSON)
LATER = answer(429, '{"message":"later"}', JSON)
NGINX_403 = answer(403, "<html><title>403</title><center>nginx</center></html>", HTML)


def facts(answered: Answered, *promised: Answer, beside: Answered = NOT_FOUND, **more: object) -> Facts:
    asked: Probe = probe(promise(*(promised or (REFUSED,))), **more)  # type: ignore[arg-type]
    return Facts(asked, answered, controls(seen(beside)).services["web"])


def fresh(of: Facts) -> Facts:
    """Without what was worked out before: a fact is worked out once."""
    return Facts(of.probe, of.answered, of.controls)


@pytest.mark.parametrize(
    ("of", "opened"),
    [
        pytest.param(facts(DATA), "got 200", id="a-success"),
        pytest.param(facts(DATA, OPEN), "got 200", id="a-success-that-is-expected"),
        pytest.param(facts(answer(200, '{"error":"no"}', JSON), REFUSAL), None, id="a-refusal-with-200"),
        pytest.param(facts(DATA, variant=SPELLED), "got 200", id="a-variant"),
        pytest.param(facts(SIGN_IN_PAGE, beside=SIGN_IN_PAGE, variant=SPELLED), None, id="what-every-path-gets"),
        pytest.param(facts(DATA, variant=AT_ROOT), None, id="a-page-at-the-root"),
        pytest.param(facts(answer(200, '{"serverInfo":{}}', JSON), variant=AT_ROOT), "got 200", id="the-server-at-the-root"),
        pytest.param(facts(answer(200, "data: 1", SESSION), variant=AT_ROOT), "got 200", id="a-session-at-the-root"),
        pytest.param(facts(BESIDE, beside=BESIDE, method="HEAD", variant=SPELLED), None, id="a-head-as-an-unknown-path-gets"),
        pytest.param(facts(answer(200, "", JSON), method="HEAD", variant=SPELLED), "got 200", id="a-head-that-no-other-path-gets"),
        pytest.param(facts(answer(302, "", SESSION, ("location", "/signin"))), "got 302 with a session", id="a-redirect-with-a-session"),
        pytest.param(facts(answer(401, "", SESSION)), None, id="a-refusal-with-a-session"),
        pytest.param(facts(answer(302, "a b")), "got 302 with a body, and no place to go to", id="nowhere"),
        pytest.param(facts(answer(302, " \n")), None, id="nowhere-with-nothing"),
        pytest.param(facts(answer(304, "a b")), None, id="not-modified"),
        pytest.param(facts(answer(302, "a b", ("location", "/signin"))), None, id="to-the-sign-in-with-a-body"),
        pytest.param(facts(to("/home")), "got 307 to /home, which is not a sign-in", id="somewhere"),
        pytest.param(facts(to("/home"), beside=to("/home")), None, id="where-every-path-leads"),
        pytest.param(facts(to("/api/me/")), None, id="the-same-path"),
        pytest.param(facts(to("/wait"), ELSEWHERE), None, id="a-place-that-is-expected-with-another-status"),
        pytest.param(facts(to("/wait"), REFUSED, TO_SIGN_IN, ELSEWHERE), None, id="one-of-several"),
    ],
)  # fmt: skip
def test_what_opens_a_route_is_told_from_what_does_not(of: Facts, opened: str | None) -> None:
    assert fresh(of).opened == opened


@pytest.mark.parametrize(
    ("of", "without"),
    [
        pytest.param(facts(BESIDE, beside=BESIDE, method="HEAD", variant=SPELLED), True, id="a-variant"),
        pytest.param(facts(BESIDE, beside=BESIDE, method="HEAD"), False, id="the-plain-request"),
        pytest.param(facts(NOT_FOUND, method="HEAD", variant=SPELLED), False, id="no-success"),
        pytest.param(facts(DATA, variant=SPELLED), False, id="a-body"),
    ],
)
def test_only_a_variant_s_success_may_be_without_comparison(of: Facts, *, without: bool) -> None:
    assert fresh(of).without_comparison is without


@pytest.mark.parametrize(
    ("answered", "unread"),
    [
        pytest.param(answer(401, b"%PDF-1.7", ("content-type", "application/pdf")), "it is binary (application/pdf)", id="a-file"),
        pytest.param(answer(401, b"%PDF-1.7"), "it is binary (of no type)", id="a-file-without-a-type"),
        pytest.param(answer(200, b"%PDF-1.7"), None, id="a-success"),
        pytest.param(answer(401, "no"), None, id="a-text"),
        pytest.param(replace(answer(401, b"%PDF-1.7"), unread="it is too long"), "it is too long", id="a-part"),
        pytest.param(replace(answer(200, b"{}"), unread="it is too long"), "it is too long", id="a-part-of-a-success"),
    ],
)  # fmt: skip
def test_why_a_body_was_not_read_is_told(answered: Answered, unread: str | None) -> None:
    assert facts(answered).unread == unread


@pytest.mark.parametrize(
    ("promised", "broken"),
    [
        pytest.param(status(200, headers=(("x-a", "b"),)), Reason.WRONG_CHALLENGE, id="a-header"),
        pytest.param(status(200, body=("never",)), Reason.WRONG_BODY, id="a-word"),
        pytest.param(REFUSED, None, id="the-status-alone"),
        pytest.param(OPEN, None, id="nothing"),
    ],
)
def test_the_fact_in_which_it_differs_besides_its_status_is_named(promised: Answer, broken: Reason | None) -> None:
    assert facts(DATA, promised).broken_fact is broken


@pytest.mark.parametrize(
    ("answered", "elsewhere", "by", "keeper"),
    [
        pytest.param(ANYBODYS, ANYBODYS, GATEWAY, GATEWAY, id="every-path-is-refused"),
        pytest.param(ANYBODYS, NOT_FOUND, GATEWAY, "application", id="the-route-alone"),
        pytest.param(ANYBODYS, ANYBODYS, None, "application", id="nobody-is-named"),
        pytest.param(NGINX_403, NGINX_403, GATEWAY, "nginx", id="by-one-that-is-known"),
        pytest.param(OWN, OWN, GATEWAY, "application", id="in-the-application-s-own-words"),
        pytest.param(LATER, LATER, GATEWAY, "application", id="which-says-later"),
    ],
)
def test_a_gateway_keeps_the_door_where_it_refuses_every_path_and_nobody_else_is_known(
    answered: Answered, elsewhere: Answered, by: str | None, keeper: str
) -> None:
    assert facts(answered, status(401, 403, 429, by=by), beside=elsewhere).keeper == keeper


RECORDS = answer(403, '[{"payer":"Kim","iban":"DE1"},{"payer":"Al","iban":"DE2"}]', JSON)
FIELDS = answer(401, '{"error":"no","tenant":"acme","phone":"0"}', JSON)


def test_a_refusal_with_another_status_than_the_expected_one_may_carry_data() -> None:
    assert facts(RECORDS).carried == "2 records"
    assert facts(RECORDS, OPEN).carried is None
    assert facts(answer(200, RECORDS.text, JSON)).carried is None


def test_what_the_guard_s_other_refusals_hold_is_nothing_new() -> None:
    known = RefusalBaseline()
    known.add("GET /other", FIELDS)
    asked = probe(promise(REFUSED))
    assert Facts(asked, FIELDS, controls(refusals={"session": known}).services["web"]).carried is None
    assert Facts(asked, FIELDS, controls(refusals={"admin": known}).services["web"]).carried is not None


PAGE = 'a:["$","main",null,{"children":"Tokens of this account"}]'
SLOT = '8:["tokens",["__PAGE__",["$","$1","c",{"children":["$La",null]}]]]'
ROWS = json.dumps(f"{SLOT}\n{PAGE}\n")
FLIGHT = f"<html><script>self.__next_f.push([1,{ROWS}])</script></html>"


@pytest.mark.parametrize(
    ("of", "brings"),
    [
        pytest.param(facts(answer(307, FLIGHT, HTML, ("location", "/signin"))), True, id="a-redirect"),
        pytest.param(facts(answer(200, FLIGHT + "NEXT_REDIRECT;push;/signin;307;", HTML)), True, id="one-inside"),
        pytest.param(facts(answer(307, FLIGHT, HTML, ("location", "/signin")), OPEN), False, id="of-a-public-route"),
        pytest.param(facts(answer(401, FLIGHT, HTML)), False, id="no-redirect"),
        pytest.param(facts(to("/signin")), False, id="nothing-but-a-redirect"),
    ],
)
def test_a_redirect_may_bring_the_page_along(of: Facts, *, brings: bool) -> None:
    assert fresh(of).page_in_redirect is brings


WALL = answer(401, "", ("www-authenticate", "Basic"))


def test_an_expected_refusal_opens_nothing_whatever_stands_beside_its_error() -> None:
    told = answer(200, '{"error":"no","tenant":"acme"}', JSON)
    assert facts(told, REFUSAL, variant=SPELLED).opened is None
    assert facts(told, variant=SPELLED).opened == "got 200"


def test_a_plain_success_that_resembles_an_open_page_opens_the_route_all_the_same() -> None:
    known = controls(open_pages=frozenset({fingerprint(DATA, "/api/me")})).services["web"]
    assert Facts(probe(promise(REFUSED)), DATA, known).opened == "got 200"
    assert Facts(probe(promise(REFUSED), variant=SPELLED), DATA, known).opened is None


def test_the_front_page_is_a_place_to_go_to_where_it_is_expected() -> None:
    assert facts(to("/"), REFUSED, status(302, location=LocationFact(path="/"))).opened is None
    assert facts(to("/")).opened == "got 307 to /, which is not a sign-in"


def test_a_refusal_of_every_path_is_of_an_unknown_author_unless_it_is_described() -> None:
    described = status(401, headers=(("www-authenticate", "Basic"),))
    assert not facts(WALL, described, beside=WALL).blanket_of_unknown_author
    assert facts(WALL, beside=WALL).blanket_of_unknown_author
    assert facts(ANYBODYS, beside=ANYBODYS).blanket_of_unknown_author
    assert not facts(ANYBODYS).blanket_of_unknown_author
