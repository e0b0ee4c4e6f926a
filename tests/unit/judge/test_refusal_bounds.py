"""How much a refusal must hold, and how it differs from the guard's other refusals, before it carries anything."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from prober.judge.refusal_content import LONGEST_STUB, RefusalBaseline, carried_by
from prober.model import Answered

JSON, HTML, CSV = "application/json", "text/html", "text/csv"
ROUTE = "GET /vault"


def answer(status: int, body: str, kind: str = JSON, *headers: tuple[str, str]) -> Answered:
    given = (("content-type", kind), *headers) if kind else headers
    return Answered.of(status=status, headers=given, body=body.encode(), elapsed_ms=1)


def redirect(body: str, kind: str = HTML) -> Answered:
    return answer(302, body, kind, ("location", "/signin"))


def baseline(*others: Answered) -> RefusalBaseline:
    made = RefusalBaseline()
    for number, other in enumerate(others):
        made.add(f"GET /other/{number}", other)
    return made


def page(words: int = 0, figures: int = 0) -> str:
    return "<html>" + "<p>words</p>" * words + "<p>91000</p>" * figures


def rows(count: int) -> str:
    return "<html><table>" + "<tr><td>a</td><td>b</td></tr>" * count + "</table>"


def state(count: int) -> str:
    return f"<html><script>x={json.dumps([{'payer': 'x', 'iban': f'DE{n}'} for n in range(count)])}</script>"


def fields(count: int) -> str:
    return json.dumps({"error": "no", **{f"field{letter}": 1 for letter in "abcde"[:count]}})


FEW, MANY = answer(401, page(figures=5), HTML), answer(401, page(figures=6), HTML)


@pytest.mark.parametrize(
    ("answered", "others", "what"),
    [
        pytest.param(answer(403, rows(2), HTML), (), None, id="two-rows-of-a-table"),
        pytest.param(answer(403, rows(3), HTML), (), "3 records", id="three-rows"),
        pytest.param(answer(403, state(1), HTML), (), None, id="one-record-of-a-script"),
        pytest.param(answer(403, state(2), HTML), (), "2 records", id="two-records-of-a-script"),
        pytest.param(answer(401, "{payer:'x',iban:'y'}," * 3, "text/plain"), (), "3 records", id="records-of-json5-one-after-another"),
        pytest.param(answer(401, fields(1)), (), None, id="one-field"),
        pytest.param(answer(401, fields(3)), (), "fields that no other refusal has (fielda, fieldb, fieldc)", id="three-fields"),
        pytest.param(answer(401, fields(5)), (), "fields that no other refusal has (fielda, fieldb, fieldc and 2 more)", id="five-fields"),
        pytest.param(answer(401, fields(2), ""), (), "fields that no other refusal has (fielda, fieldb)", id="fields-without-a-media-type"),
        pytest.param(answer(401, fields(2), "text/plain"), (), None, id="fields-in-a-text"),
        pytest.param(redirect("x" * LONGEST_STUB, "text/plain"), (), None, id="the-longest-stub"),
        pytest.param(redirect("x" * (LONGEST_STUB + 1), "text/plain"), (), f"a page of {LONGEST_STUB + 1} characters", id="one-letter-more"),
        pytest.param(answer(403, "x" * (LONGEST_STUB + 1), "text/plain"), (), None, id="no-redirect"),
        pytest.param(answer(403, "x" * 6_000, "text/plain"), (answer(403, "x" * 3_000, "text/plain"),), None, id="twice-as-long"),
        pytest.param(answer(403, "x" * 2_000, "text/plain"), (answer(403, "x" * 100, "text/plain"),), None, id="many-times-as-long-and-short"),
        pytest.param(answer(403, "x" * 2_401, "text/plain"), (answer(403, "x" * 400, "text/plain"),), "2401 characters, where the guard's other refusals have at most 400", id="both"),
        pytest.param(answer(403, "x" * 2_001, "text/plain"), (answer(403, "", "text/plain"),), "2001 characters, where the guard's other refusals have at most 0", id="others-are-empty"),
        pytest.param(redirect("[1,2,3,4,5,6]", JSON), (), "a list of 6 entries", id="a-list-behind-a-redirect"),
        pytest.param(answer(400, "[1,2,3,4,5,6]"), (), None, id="a-list-of-a-rejected-request"),
        pytest.param(answer(400, "a,b\nx,1\ny,2\n", CSV), (), None, id="a-table-of-a-rejected-request"),
        pytest.param(redirect(page(words=60, figures=5)), (), "5 figures, which no other refusal of the guard shows", id="figures-of-a-redirect"),
        pytest.param(redirect(page(words=9, figures=5)), (), None, id="figures-of-a-stub"),
        pytest.param(answer(403, page(words=60, figures=5), HTML), (), None, id="as-many-without-a-redirect"),
        pytest.param(answer(403, page(figures=10), HTML), (FEW,), None, id="twice-as-many-figures"),
        pytest.param(answer(403, page(figures=11), HTML), (FEW,), "11 figures, which no other refusal of the guard shows", id="more-than-twice"),
        pytest.param(answer(403, page(figures=12), HTML), (FEW, MANY), None, id="twice-as-many-as-the-one-with-most"),
        pytest.param(answer(401, '{"error":"no"}', JSON, ("x-rows", json.dumps([{"payer": "x", "iban": "DE"}]))), (), None, id="one-record-in-a-header"),
    ],
)  # fmt: skip
def test_a_refusal_carries_something_from_a_bound_on(
    answered: Answered, others: tuple[Answered, ...], what: str | None
) -> None:
    assert carried_by(ROUTE, answered, baseline(*others)) == what


def test_a_header_for_browsers_does_not_hide_the_next_one() -> None:
    records = json.dumps([{"payer": "x", "iban": "DE"}] * 2)
    told = answer(401, "{}", JSON, ("report-to", records), ("x-plain", "a"), ("x-rows", records))
    assert carried_by(ROUTE, told, RefusalBaseline()) == "2 records in a header"


def test_a_cookie_in_quotes_is_read() -> None:
    cookie = ("set-cookie", 'last="%5B%7B%22a%22:1,%22b%22:2%7D,%7B%22a%22:1,%22b%22:2%7D%5D"; Path=/')
    assert carried_by(ROUTE, answer(401, "{}", JSON, cookie), RefusalBaseline()) == "2 records in a cookie"


def test_the_longest_refusal_of_a_route_is_remembered() -> None:
    made = baseline(answer(401, "x" * 40, "text/plain"))
    made.add("GET /other/0", answer(401, "x" * 10, "text/plain"))
    assert made.longest_of_others(ROUTE) == 40


@pytest.mark.parametrize("empty", [None, "", False, [], {}])
def test_a_field_without_a_value_holds_nothing(empty: object) -> None:
    body = json.dumps({"error": "no", "iban": empty, "salary": empty})
    assert carried_by(ROUTE, answer(401, body), RefusalBaseline()) is None


def test_fields_of_two_other_routes_are_known_to_each_of_them() -> None:
    made = baseline(answer(401, fields(2)), answer(401, fields(2)))
    assert made.has_field("fielda", besides="GET /other/0")
    assert made.has_field("fielda", besides="GET /other/1")
    assert not made.has_field("fieldc", besides=ROUTE)


def test_the_most_figures_are_of_other_routes() -> None:
    made = baseline(FEW, MANY)
    assert made.most_figures_of_others(ROUTE) == 6
    assert made.most_figures_of_others("GET /other/1") == 5
    assert RefusalBaseline().most_figures_of_others(ROUTE) == 0


def test_any_order_of_refusals_gives_the_same_baseline() -> None:
    told = [("a", "x", 1), ("b", "xxx", 2), ("c", "xx", 3), ("d", "xxx", 2), ("a", "xx", 1)]
    made = []
    for order in permutations(told):
        one = RefusalBaseline()
        for route, words, count in order:
            one.add(route, answer(401, page(figures=count) + words, HTML))
            one.add(
                route,
                answer(401, json.dumps({"id": 1, "payer": words, "due": 1, "sum": 2, "rows": [{"n": 1, "m": 2}] * 2})),
            )
        made.append(one)
    assert all(one == made[0] for one in made)
