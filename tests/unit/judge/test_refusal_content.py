"""What a refusal carries besides the refusal, told from what frameworks write into theirs."""

from __future__ import annotations

import json

import pytest

from prober.judge.refusal_content import RefusalBaseline, carried_by
from prober.model import Answered

JSON, HTML = "application/json", "text/html; charset=utf-8"
PEOPLE = [{"id": n, "name": f"Example {n}", "iban": f"DE{n:020d}"} for n in range(40)]
TABLE = "<table>" + "".join(f"<tr><td>{p['name']}</td><td>{p['iban']}</td></tr>" for p in PEOPLE) + "</table>"
REFUSAL = '{"error":"not_signed_in"}'


def answer(status: int, body: str = "", kind: str = JSON, location: str = "") -> Answered:
    headers = (("content-type", kind), *((("location", location),) if location else ()))
    return Answered.of(status=status, headers=headers, body=body.encode(), elapsed_ms=1)


def baseline(*bodies: str, kind: str = JSON) -> RefusalBaseline:
    made = RefusalBaseline()
    for number, body in enumerate(bodies):
        made.add(f"GET /other/{number}", answer(401, body, kind))
    return made


@pytest.mark.parametrize(
    ("answered", "what"),
    [
        pytest.param(answer(401, json.dumps({"items": PEOPLE})), "40 records", id="a-list-of-people"),
        pytest.param(answer(403, json.dumps(PEOPLE[:2])), "2 records", id="two-people"),
        pytest.param(answer(401, "\n".join(map(json.dumps, PEOPLE)), "application/x-ndjson"), "40 records", id="lines"),
        pytest.param(answer(401, json.dumps({"error": "no", "iban": "DE1", "salary": 9})), "fields that no other refusal has (iban, salary)", id="one-person"),
        pytest.param(answer(401, "<r><error>no</error><iban>DE1</iban><pin>4711</pin></r>", "application/xml"), "fields that no other refusal has (iban, pin)", id="xml"),
        pytest.param(answer(307, f"<html>{TABLE}</html>", HTML, "/signin"), "40 records", id="a-table-behind-a-redirect"),
        pytest.param(answer(302, f"<html><p>{'word ' * 400}</p></html>", HTML, "/signin"), "a page of 1999 characters", id="a-page-behind-a-redirect"),
        pytest.param(answer(401, json.dumps({"error": "no"}) + "\n" + json.dumps(PEOPLE[0]), "application/x-ndjson"), "a record beside the error", id="a-line-with-a-person"),
        pytest.param(answer(401, json.dumps({"body": json.dumps(PEOPLE)})), "40 records", id="people-in-a-text"),
        pytest.param(answer(307, f"<html><script>x={json.dumps(PEOPLE)}</script></html>", HTML, "/signin"), "40 records", id="the-state-of-a-page-behind-a-redirect"),
        pytest.param(answer(401, "{people:[" + "{name:'x',iban:'DE1'}," * 4 + "]}", "application/json5"), "4 records", id="json5"),
        pytest.param(answer(401, "<r>" + "<p><name>x</name><iban>DE1</iban></p>" * 3 + "</r>", "application/xml"), "3 records", id="elements"),
        pytest.param(answer(401, json.dumps([["x", 1], ["y", 2]])), "2 records", id="rows-without-names"),
        pytest.param(answer(200, json.dumps({"result": {"isError": True, "content": [{"type": "text", "text": json.dumps(PEOPLE)}]}})), "40 records", id="people-in-the-text-of-a-failed-call"),
        pytest.param(answer(200, json.dumps({"result": {"isError": True, "iban": "DE1", "pin": "4711"}})), "fields that no other refusal has (iban, pin)", id="fields-of-a-failed-call"),
        pytest.param(answer(401, json.dumps({"result": {"content": [{"type": "text", "text": "Dear Example"}]}})), "fields that no other refusal has (content, text)", id="a-message-and-no-failed-call"),
        pytest.param(answer(401, json.dumps({"data": [{"id": n, "name": "x", "title": "y"} for n in range(6)]})), "a list of 6 entries", id="records-in-words-of-errors"),
        pytest.param(answer(403, json.dumps([p["name"] for p in PEOPLE])), "a list of 40 entries", id="names"),
        pytest.param(answer(401, json.dumps({"data": [[13.4, 52.5]] * 3})), "a list of 6 entries", id="numbers"),
        pytest.param(answer(401, "name,iban\nx,DE1\ny,DE2\n", "text/csv"), "a table of 3 lines", id="csv"),
        pytest.param(answer(401, "x;1\n" * 5, "text/plain"), "a table of 5 lines", id="lines-of-a-table"),
        pytest.param(answer(403, "<html>" + "<li>x: 91000</li>" * 10, HTML), "10 figures, which no other refusal of the guard shows", id="figures"),
        pytest.param(answer(302, "<html>" + "<p>You owe somebody 12,000 EUR for this month, at least</p>" * 5, HTML, "/signin"), "5 figures, which no other refusal of the guard shows", id="figures-behind-a-redirect"),
        pytest.param(answer(403, f"<html><p>{'word ' * 700}</p></html>", HTML), "3499 characters, where the guard's other refusals have at most 25", id="a-page-behind-a-403"),
    ],
)  # fmt: skip
def test_what_a_refusal_carries_is_named(answered: Answered, what: str) -> None:
    assert carried_by("GET /vault", answered, baseline(REFUSAL, REFUSAL)) == what


@pytest.mark.parametrize(
    "answered",
    [
        pytest.param(answer(401), id="nothing"),
        pytest.param(answer(200, '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"insufficient_scope"},{"type":"text","text":"Ask for services:restart"}],"isError":true}}'), id="failed-call-of-mcp"),
        pytest.param(answer(401, REFUSAL), id="an-error"),
        pytest.param(answer(401, '{"timestamp":"2026-11-26T10:00:00Z","status":401,"error":"Unauthorized","path":"/api/x"}'), id="spring"),
        pytest.param(answer(401, '{"detail":"Authentication credentials were not provided."}'), id="django-rest"),
        pytest.param(answer(401, '{"statusCode":401,"error":"Unauthorized","message":"Missing authentication","attributes":{"error":"x"}}'), id="hapi"),
        pytest.param(answer(401, '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Unauthorized"}}'), id="json-rpc"),
        pytest.param(answer(401, '{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}],"data":null}'), id="graphql"),
        pytest.param(answer(401, '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}'), id="kubernetes"),
        pytest.param(answer(302, '<!doctype html><title>Redirecting...</title><h1>Redirecting...</h1><p>You should be redirected automatically to the target URL: <a href="/login?next=%2Fx">/login</a>.', HTML, "/login"), id="flask"),
        pytest.param(answer(302, "<html><head><title>302 Found</title></head><body><center><h1>302 Found</h1></center><hr><center>nginx</center></body></html>", HTML, "/login"), id="nginx"),
        pytest.param(answer(302, "Found. Redirecting to /login", "text/plain", "/login"), id="express"),
        pytest.param(answer(403, "<html><body><table><tr><td>403</td><td>Forbidden</td></tr></table></body></html>", HTML), id="a-page-in-a-table"),
        pytest.param(answer(404, '0:{"b":"x","f":[["",{"children":["/_not-found",{}]}]],"style":{"alignItems":"center","color":"red"}}' + "x" * 9_000, "text/x-component"), id="the-not-found-page-of-a-router"),
        pytest.param(answer(401, '{"error":"no","correlation":"0f3c"}'), id="one-field-that-we-do-not-know"),
        pytest.param(answer(401, '{"statusCode":401,"headers":{},"isBase64Encoded":false,"body":"{\\"message\\":\\"no\\"}"}'), id="a-gateway"),
        pytest.param(answer(403, '{"error":"insufficient_scope","scopes":["a:read","a:write","b:read","b:write","c:read","c:write"]}'), id="scopes"),
        pytest.param(answer(400, json.dumps({"errors": [f"the field {n} is required" for n in range(9)]})), id="fields-that-are-rejected"),
        pytest.param(answer(401, "<r>" + "<violation><field>x</field><message>y</message></violation>" * 4 + "</r>", "application/xml"), id="violations"),
        pytest.param(answer(401, "Unauthorized\nPlease sign in\nAsk the help desk\nBye", "text/plain"), id="lines-of-prose"),
        pytest.param(answer(401, "<html><p>Request 0f3c9a5e-9d1b-4c55-8a3f-2f1f6a7b8c9d, 2026-11-27 10:11:12, 10.1.2.3, v1.2.3, /a/1/2/3/4/5/6/7/8/9/10", HTML), id="ids-and-times"),
        pytest.param(answer(302, "<html>" + "<p>The document has moved here for a while, please follow it</p>" * 5, HTML, "/login"), id="a-long-stub"),
    ],
)  # fmt: skip
def test_a_framework_s_refusal_carries_nothing(answered: Answered) -> None:
    assert carried_by("GET /vault", answered, baseline(REFUSAL, REFUSAL)) is None


def test_fields_that_every_refusal_of_the_guard_has_are_its_own_form() -> None:
    form = '{"error":"no","support":"help desk","tenant":"acme","phone":"0"}'
    made = baseline(form, REFUSAL)
    made.add("GET /vault", answer(401, form))
    assert carried_by("GET /vault", answer(401, form), made) is None


def test_a_route_is_not_compared_with_itself() -> None:
    made = baseline(REFUSAL)
    person = answer(401, '{"error":"no","iban":"DE1","salary":9}')
    made.add("GET /vault", person)
    made.add("GET /vault", person)
    assert carried_by("GET /vault", person, made) == "fields that no other refusal has (iban, salary)"


def test_a_long_page_for_every_refusal_is_the_guard_s_own() -> None:
    page = f"<html><p>{'word ' * 700}</p></html>"
    assert carried_by("GET /vault", answer(403, page, HTML), baseline(page, page, kind=HTML)) is None


def test_the_longest_of_the_others_is_remembered_whatever_the_order() -> None:
    made = RefusalBaseline()
    for route, length in (("a", 30), ("b", 10), ("c", 20), ("b", 40)):
        made.add(route, answer(401, "x" * length, "text/plain"))
    assert made.longest_of_others("b") == 30
    assert made.longest_of_others("a") == 40
    assert made.longest_of_others("other") == 40


def test_what_every_refusal_lists_is_no_data_of_one_route() -> None:
    """Of a page its menu, of JSON the ways to sign in."""
    ways = json.dumps({"error": "no", "providers": [{"id": n, "name": "x", "title": "y"} for n in range(6)]})
    menu = f"<html><script>menu={json.dumps(PEOPLE)}</script></html>"
    for text, kind in ((ways, JSON), (menu, HTML)):
        found = carried_by("GET /vault", answer(401, text, kind), baseline(text, kind=kind))
        assert found is None
        assert carried_by("GET /vault", answer(401, text, kind), baseline(REFUSAL)) is not None


def test_figures_that_another_refusal_shows_too_are_of_the_page() -> None:
    page = "<html>" + "<li>x: 91000</li>" * 10
    assert carried_by("GET /vault", answer(403, page, HTML), baseline(page, kind=HTML)) is None


@pytest.mark.parametrize(("name", "found"), [("x-rows", "2 records in a header"), ("report-to", None)])
def test_records_in_a_header_are_seen(name: str, found: str | None) -> None:
    said = Answered.of(status=401, headers=((name, json.dumps(PEOPLE[:2])),), body=b"", elapsed_ms=1)
    assert carried_by("GET /vault", said, baseline(REFUSAL)) == found
