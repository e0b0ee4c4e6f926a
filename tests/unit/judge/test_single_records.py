"""One object that is data although it stands alone, told from what refusals hold of their own."""

from __future__ import annotations

import json

import pytest

from prober.judge.refusal_content import MOST_THINGS, RefusalBaseline, carried_by
from prober.judge.single_records import holds_a_person, things_in
from prober.model import Answered, JsonValue

PERSON: dict[str, JsonValue] = {"user_id": 4, "eMail": "kim@post.test", "since": 2019}
INVOICE: dict[str, JsonValue] = {"id": 90, "payer": "Kim", "amount": 12, "due": "May"}
JSON, HTML = ("content-type", "application/json"), ("content-type", "text/html")
ELSEWHERE = "a record that no other refusal tells of"


def refusal(more: object, *headers: tuple[str, str], body: str = "") -> Answered:
    raw = body or json.dumps({"error": "no", "data": more})
    return Answered.of(status=401, headers=(JSON, *headers), body=raw.encode(), elapsed_ms=1)


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        pytest.param(PERSON, True, id="a-person"),
        pytest.param([{"account": PERSON}], True, id="a-person-within"),
        pytest.param({"email": "help@post.test", "phone": "1"}, False, id="whom-to-ask"),
        pytest.param({"id": 4, "email": "hidden"}, False, id="no-address"),
        pytest.param({"id": "r1", "email": "help@post.test", "message": "no"}, False, id="an-error-with-whom-to-ask"),
        pytest.param({"id": None, "email": "kim@post.test"}, False, id="an-empty-id"),
    ],
)
def test_a_person_has_an_id_and_an_address(value: JsonValue, *, is_one: bool) -> None:
    assert holds_a_person([value]) is is_one


@pytest.mark.parametrize(
    ("value", "count"),
    [
        pytest.param(INVOICE, 1, id="an-invoice"),
        pytest.param({"a": [INVOICE, {**INVOICE, "id": 91}]}, 2, id="two"),
        pytest.param({"id": "d1", "policy": "staff", "principal": "none", "effect": "deny"}, 0, id="a-decision"),
        pytest.param({"id": "t", "name": "Acme", "logo": "x", "colour": "y"}, 0, id="two-fields-and-words-of-errors"),
        pytest.param({"id": 1, "message": "no", "a": 1, "b": 2, "c": 3}, 0, id="an-error"),
        pytest.param({"payer": "Kim", "amount": 12, "due": "May"}, 0, id="without-an-id"),
    ],
)
def test_a_thing_has_an_id_and_three_values_of_its_own(value: JsonValue, count: int) -> None:
    assert len(list(things_in([value]))) == count


def test_a_thing_is_the_same_in_whatever_order_its_values_stand() -> None:
    assert list(things_in([INVOICE])) == list(things_in([dict(reversed(INVOICE.items()))]))


def test_an_account_is_data_though_every_refusal_holds_it() -> None:
    made = RefusalBaseline()
    made.add("GET /other", refusal(PERSON))
    assert carried_by("GET /vault", refusal(PERSON), made) == "somebody's account"


def test_an_account_in_the_script_of_a_page_is_data() -> None:
    page = f"<html><script>let state = {json.dumps(PERSON)}</script><h1>Sign in</h1></html>"
    answered = Answered.of(status=401, headers=(HTML,), body=page.encode(), elapsed_ms=1)
    assert carried_by("GET /vault", answered, RefusalBaseline()) == "somebody's account"


@pytest.mark.parametrize(
    ("told", "what"),
    [
        pytest.param([("GET /vault", INVOICE), ("GET /vault", INVOICE), ("GET /b", {**INVOICE, "id": 1})], ELSEWHERE, id="its-own"),
        pytest.param([("GET /vault", INVOICE), ("GET /vault", INVOICE), ("GET /b", INVOICE)], None, id="of-every-route"),
        pytest.param([("GET /vault", INVOICE), ("GET /vault", {**INVOICE, "id": 2}), ("GET /b", {**INVOICE, "id": 3})], None, id="made-for-each-request"),
    ],
)  # fmt: skip
def test_a_thing_is_data_where_one_route_alone_tells_of_it_each_time(
    told: list[tuple[str, JsonValue]], what: str | None
) -> None:
    made = RefusalBaseline()
    for route, thing in told:
        made.add(route, refusal(thing))
    assert carried_by("GET /vault", refusal(INVOICE), made) == what


def test_there_is_an_end_to_what_is_remembered() -> None:
    made = RefusalBaseline()
    for number in range(MOST_THINGS + 5):
        made.add("GET /a", refusal({**INVOICE, "id": number}))
    [last] = things_in([{**INVOICE, "id": MOST_THINGS + 4}])
    made.add("GET /a", refusal({**INVOICE, "id": MOST_THINGS + 4}))
    assert not made.tells_only_here(last, "GET /a")
