"""Which rule decides an answer: of a variant, of the expected answer, of another one, of somebody else's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.verdicts import judge
from prober.model import Family, Kind, LocationFact, Never, Reason, Variant, Verdict
from tests.support.judging import (
    HERE,
    HTML,
    JSON,
    NOT_FOUND,
    OPEN,
    REFUSED,
    SIGN_IN_PAGE,
    answer,
    controls,
    probe,
    promise,
    seen,
    status,
    to,
)

if TYPE_CHECKING:
    from prober.judge.controls import NotFoundAnswer
    from prober.model import Answer, Answered, Finding, Probe

SPELLED = Variant(name="upper-case", headers=(), catches="")
OTHER_ID = Variant(name="other-id", headers=(), catches="", other_id=True)
OWN = answer(401, '{"error":"not_signed_in"}', JSON)
DATA = answer(200, '{"orders":[{"id":1,"total":9}]}', JSON)
LOST = answer(404, '{"error":"no such order"}', JSON)
NGINX = "<html><title>{0}</title><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"
FLIGHT = (
    "<html><script>self.__next_f.push([1,"
    + json.dumps(
        '8:["a",["__PAGE__",["$","$1","c",{"children":["$La",null]}]]]\na:["$","main",null,{"children":"Tokens of this account"}]\n'
    )
    + "])</script></html>"
)
EMAIL = (Never(keys=("email",), source=HERE),)


def found(asked: Probe, answered: Answered, *not_found: NotFoundAnswer, **known: object) -> Finding:
    return judge(asked, answered, controls(*not_found, **known))


def of(*promised: Answer, **more: object) -> Probe:
    return probe(promise(*(promised or (REFUSED,))), **more)  # type: ignore[arg-type]


def held(asked: Probe) -> Probe:
    return replace(asked, credential=replace(asked.credential, kind=Kind.HELD))


def headed(asked: Probe) -> Probe:
    payload = replace(asked.route.payload, headers=(("x-order", "1"),))
    return replace(asked, route=replace(asked.route, payload=payload))


def acting(asked: Probe, content: bytes) -> Probe:
    return replace(asked, request=replace(asked.request, content=content))


@pytest.mark.parametrize(
    ("asked", "answered", "rule"),
    [
        pytest.param(of(variant=SPELLED), answer(500), "variant-failed", id="a-variant-that-breaks-it"),
        pytest.param(of(status(401, 500), variant=SPELLED), answer(500), "variant-opened-nothing", id="a-variant-with-an-expected-500"),
        pytest.param(of(status(500, body=("x",)), variant=SPELLED), answer(500), "variant-opened-nothing", id="a-variant-with-the-status-of-another-500"),
        pytest.param(of(REFUSED, status(500, body=("x",)), variant=SPELLED), answer(500), "variant-opened-nothing", id="a-variant-with-the-status-of-one-of-several"),
        pytest.param(of(), answer(500), "broken", id="a-plain-request-that-breaks-it"),
        pytest.param(of(variant=SPELLED), DATA, "variant-opened", id="a-variant-that-gets-in"),
        pytest.param(of(variant=OTHER_ID), LOST, "variant-of-id-unguarded", id="another-id-that-is-not-found"),
        pytest.param(of(variant=OTHER_ID), answer(403), "variant-opened-nothing", id="another-id-that-is-refused"),
        pytest.param(of(variant=SPELLED), LOST, "variant-opened-nothing", id="another-spelling-that-is-not-found"),
        pytest.param(of(status(401, 404), variant=OTHER_ID), LOST, "variant-opened-nothing", id="another-id-as-expected"),
        pytest.param(of(query="a=b"), LOST, "variant-opened-nothing", id="a-credential-in-the-query-that-is-not-found"),
        pytest.param(of(query="a=b"), answer(403), "wrong-status", id="one-that-is-refused"),
        pytest.param(held(of(OPEN)), OWN, "key-refused", id="a-key-that-opens-nothing"),
        pytest.param(held(of()), answer(403), "wrong-status", id="a-key-of-a-guarded-route"),
        pytest.param(of(OPEN), OWN, "over-locked", id="a-public-route-that-refuses"),
        pytest.param(of(OPEN), to("/login"), "over-locked", id="one-that-sends-to-sign-in"),
        pytest.param(of(OPEN), to("/home"), "wrong-status", id="one-that-leads-elsewhere"),
        pytest.param(of(OPEN), LOST, "open-route-missing", id="one-that-is-missing"),
        pytest.param(of(OPEN), answer(500), "broken", id="one-that-is-broken"),
        pytest.param(of(absent=True), NOT_FOUND, "absent-is-locked", id="one-that-is-best-removed"),
        pytest.param(of(absent=True), LOST, "not-found-by-handler", id="one-whose-handler-finds-nothing"),
        pytest.param(of(absent=True), answer(405), "handler-reached", id="one-of-another-method"),
        pytest.param(of(OPEN, absent=True), NOT_FOUND, "open-route-missing", id="a-public-one-that-is-best-removed"),
        pytest.param(of(), NOT_FOUND, "missing", id="a-route-that-is-missing"),
        pytest.param(of(), LOST, "not-found-by-handler", id="a-404-of-its-own"),
        pytest.param(of(), answer(422), "handler-reached", id="a-handler-s-rejection"),
        pytest.param(of(), answer(403), "wrong-status", id="another-refusal"),
        pytest.param(of(status(401, headers=(("www-authenticate", "Bearer"),))), OWN, "otherwise-worded", id="without-its-challenge"),
        pytest.param(of(status(404)), NOT_FOUND, "route-may-be-gone", id="an-expected-404-of-every-path"),
        pytest.param(of(status(404)), LOST, "as-expected", id="an-expected-404"),
        pytest.param(of(status(404), absent=True), NOT_FOUND, "as-expected", id="an-expected-404-that-is-best"),
        pytest.param(of(OPEN, never=EMAIL), replace(DATA, unread="too long"), "not-read-whole", id="a-part-that-may-hold-it"),
        pytest.param(of(status(200, not_body=("x",))), replace(DATA, unread="too long"), "not-read-whole", id="a-part-of-what-must-lack-a-word"),
        pytest.param(of(OPEN), replace(DATA, unread="too long"), "as-expected", id="a-part-of-what-may-hold-anything"),
        pytest.param(of(), replace(OWN, unread="too long"), "not-read-whole", id="a-part-of-a-refusal"),
        pytest.param(of(OPEN, never=EMAIL), replace(answer(200, "data: 1", ("content-type", "text/event-stream")), unread="open"), "as-expected", id="a-stream"),
        pytest.param(of(never=EMAIL), replace(DATA, unread="too long"), "opened", id="a-part-of-a-leak"),
        pytest.param(of(OPEN, never=EMAIL), replace(answer(200, "a"), unread="too long"), "not-read-whole", id="a-part-without-a-type"),
        pytest.param(of(), replace(answer(401, "data: 1", ("content-type", "text/event-stream")), unread="open"), "not-read-whole", id="a-stream-that-refuses"),
        pytest.param(of(), answer(403, "CSRF verification failed"), "wrong-status", id="a-check-before-the-guard-that-is-not-expected"),
        pytest.param(of(OPEN), answer(403, "CSRF verification failed"), "over-locked", id="one-before-a-public-route"),
        pytest.param(of(), replace(answer(403), unread="too long"), "wrong-status", id="a-part-of-another-refusal"),
        pytest.param(of(status(204)), replace(DATA, unread="too long"), "wrong-status", id="a-part-of-a-public-route"),
        pytest.param(of(), answer(404, "", ("x-vercel-error", "NOT_FOUND")), "answered-by-other", id="not-there-where-it-must-be"),
        pytest.param(of(), answer(401, '{"apiKey":"kJ83hFq0ZpLw92Xb"}', JSON), "disclosed", id="a-refusal-with-a-key"),
        pytest.param(of(), answer(401, '[{"payer":"x","iban":1},{"payer":"y","iban":2}]', JSON), "refusal-carries-data", id="a-refusal-with-records"),
        pytest.param(of(), answer(307, FLIGHT, HTML, ("location", "/login")), "page-in-redirect", id="a-redirect-with-the-page"),
        pytest.param(of(method="HEAD", variant=SPELLED), answer(404, "", HTML), "variant-opened-nothing", id="a-head-that-is-not-found"),
        pytest.param(of(), answer(429), "throttled", id="too-many"),
        pytest.param(of(status(429)), answer(429, "{}", JSON), "as-expected", id="too-many-as-expected"),
        pytest.param(of(variant=SPELLED), answer(403, NGINX.format("403"), HTML), "wall-refused-odd-request", id="a-wall-before-a-variant"),
        pytest.param(of(variant=SPELLED), answer(500, "", ("x-vercel-error", "FUNCTION_INVOCATION_FAILED")), "answered-by-other", id="somebody-else-who-refuses-nothing"),
        pytest.param(of(variant=SPELLED), answer(502), "answered-by-other", id="a-gateway-before-a-variant"),
        pytest.param(of(), answer(403, NGINX.format("403"), HTML), "answered-by-other", id="a-wall"),
        pytest.param(of(absent=True), answer(404, "", ("x-vercel-error", "NOT_FOUND")), "absent-by-other", id="not-there-says-somebody-else"),
        pytest.param(of(absent=True), answer(403, NGINX.format("403"), HTML), "answered-by-other", id="forbidden-says-somebody-else"),
    ],
)  # fmt: skip
def test_the_first_rule_that_applies_decides(asked: Probe, answered: Answered, rule: str) -> None:
    assert found(asked, answered).rule == rule


@pytest.mark.parametrize(
    ("answered", "rule"),
    [
        pytest.param(replace(SIGN_IN_PAGE, unread="too long"), "excused-by-a-part", id="a-part-of-a-known-page"),
        pytest.param(SIGN_IN_PAGE, "soft-refusal", id="the-whole-page"),
        pytest.param(replace(DATA, unread="too long"), "opened", id="a-part-of-data"),
    ],
)
def test_a_part_of_a_known_page_excuses_nothing(answered: Answered, rule: str) -> None:
    assert found(of(), answered, seen(SIGN_IN_PAGE)).rule == rule


def test_a_part_of_a_stream_and_of_an_expected_answer_are_left_to_later_rules() -> None:
    stream = replace(answer(200, "data: 1", ("content-type", "text/event-stream")), unread="open")
    assert found(of(), stream, seen(stream)).rule == "soft-refusal"
    bare = replace(answer(200, "a"), unread="too long")
    assert found(of(), bare, seen(bare)).rule == "excused-by-a-part"
    assert found(of(status(204)), bare, seen(bare)).rule == "wrong-status"
    head = answer(200, "", HTML)
    assert found(of(method="HEAD", variant=SPELLED), head, seen(head)).rule == "variant-without-comparison"
    assert found(of(status(200, body=("a",), is_refusal=True)), bare, seen(bare)).rule == "not-read-whole"


def test_a_page_of_every_path_is_no_proof_that_a_route_was_removed() -> None:
    assert found(of(absent=True), SIGN_IN_PAGE, seen(SIGN_IN_PAGE)).rule == "soft-refusal"


def test_a_public_route_is_not_missing_by_another_status() -> None:
    rejected = answer(400, "{}", JSON)
    assert found(of(OPEN), rejected, seen(rejected)).rule == "wrong-status"
    assert found(of(), rejected, seen(rejected)).rule == "missing"


def test_without_a_path_that_does_not_exist_a_refusal_proves_nothing() -> None:
    known = controls().services["web"]
    alone = replace(controls(), services={"web": replace(known, not_found=())})
    assert judge(of(), OWN, alone).rule == "no-control"
    assert judge(of(OPEN), DATA, alone).rule == "as-expected"


def test_a_sign_in_that_fails_may_make_a_broken_guard_look_locked() -> None:
    cookies = of(families=(Family.COOKIE,))
    assert found(cookies, OWN, sign_in_broken=True).rule == "sign-in-broken"
    both = of(families=(Family.COOKIE, Family.BEARER))
    assert found(both, OWN, sign_in_broken=True).rule == "sign-in-broken"
    assert found(cookies, OWN).rule == "as-expected"
    assert found(of(families=(Family.BEARER,)), OWN, sign_in_broken=True).rule == "as-expected"
    assert found(of(OPEN, families=(Family.COOKIE,)), DATA, sign_in_broken=True).rule == "as-expected"


def test_a_cookie_of_another_name_was_not_tried() -> None:
    cookie = of(family=Family.COOKIE)
    assert found(cookie, OWN, cookies_cleared=False).rule == "unknown-cookie"
    assert found(cookie, OWN, cookies_cleared=True).rule == "as-expected"
    assert found(cookie, OWN).rule == "as-expected"
    assert found(of(family=Family.BEARER), OWN, cookies_cleared=False).rule == "as-expected"
    assert found(of(OPEN, family=Family.COOKIE), DATA, cookies_cleared=False).rule == "as-expected"


@pytest.mark.parametrize(
    ("asked", "not_found", "reason"),
    [
        pytest.param(headed(of()), seen(NOT_FOUND), Reason.HANDLER_REACHED, id="an-id-in-a-header"),
        pytest.param(of(path="/api/orders/:id"), seen(NOT_FOUND), Reason.HANDLER_REACHED, id="an-id-in-the-path"),
        pytest.param(acting(of(method="POST"), b"{}"), seen(NOT_FOUND), Reason.HANDLER_REACHED, id="an-id-in-what-is-sent"),
        pytest.param(of(), seen(NOT_FOUND), Reason.MISSING, id="no-id"),
        pytest.param(of(path="/api/orders/:id"), seen(NOT_FOUND, prefix="/other/"), Reason.MISSING, id="nothing-beside-it"),
    ],
)  # fmt: skip
def test_a_404_of_an_id_comes_from_a_handler(asked: Probe, not_found: NotFoundAnswer, reason: Reason) -> None:
    finding = found(asked, LOST, not_found)
    assert (finding.verdict, finding.reason, finding.rule) == (Verdict.DRIFT, reason, "not-found-by-handler")


def test_a_missing_route_with_an_id_may_take_other_ids() -> None:
    assert "or takes other ids" in found(of(path="/api/orders/:id"), NOT_FOUND).detail
    assert "or takes other ids" not in found(of(), NOT_FOUND).detail


@pytest.mark.parametrize(
    ("promised", "words", "rule"),
    [
        pytest.param(status(403), "CSRF verification failed", "not-of-the-guard", id="a-check-before-it"),
        pytest.param(status(403), "x " * 1_100 + "CSRF verification failed", "as-expected", id="far-below"),
        pytest.param(status(403, body=("CSRF",)), "CSRF verification failed", "as-expected", id="as-is-described"),
        pytest.param(status(401), "CSRF verification failed", "as-expected", id="with-a-401"),
        pytest.param(status(403), "you may not", "as-expected", id="other-words"),
    ],
)
def test_a_check_before_the_guard_is_told_by_its_words(promised: Answer, words: str, rule: str) -> None:
    code = promised.statuses[0].start
    assert found(of(promised), answer(code, words, ("content-type", "text/plain"))).rule == rule


def test_an_expected_refusal_of_every_path_is_said_to_be_one() -> None:
    beside = "unknown paths beside it get the same"
    assert beside in found(of(), OWN, seen(OWN)).detail
    assert beside not in found(of(), OWN).detail
    assert beside not in found(of(status(404), absent=True), NOT_FOUND).detail
    declared = found(of(), OWN, seen(OWN), blanket_is_application=True).detail
    assert declared.endswith("by the declaration that it is the application's")


def test_a_lock_in_front_is_named_where_it_keeps_the_door() -> None:
    page = answer(403, NGINX.format("403"), HTML)
    assert found(of(status(403, by="nginx")), page).detail == "got 403 from nginx, as expected"
    assert (
        found(of(status(302, location=LocationFact(path="/in"))), to("/in", 302)).detail
        == "got 302 to /in, as expected"
    )
