"""A refusal of every path: when it is one, and whose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.controls import ServiceControls, blanket
from tests.support.judging import read_controls
from tests.support.service_controls import JSON, NOT_FOUND, PROFILE, SHELL, SIGNED, SURFACE, a_probe, answer, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Answered, Plan, Profile, Service, Surface


@pytest.mark.parametrize(
    ("not_found", "found"),
    [
        pytest.param(answer(401, "you are not_signed_in"), True, id="the-promised-refusal"),
        pytest.param(answer(401, "go away"), False, id="a-refusal-that-nobody-promised"),
        pytest.param(NOT_FOUND, False, id="not-found"),
        pytest.param(SHELL, False, id="the-shell"),
    ],
)
def test_a_blanket_is_the_promised_refusal_where_nothing_is(
    controls_plan: Plan, web: Service, not_found: Answered, *, found: bool
) -> None:
    known = ServiceControls(service=web, not_found=(seen("/api/", not_found),))
    promises = [probe.promise for probe in controls_plan.probes]
    assert (blanket(known, promises) is not None) is found


def test_a_not_found_is_no_blanket_even_where_it_is_promised(
    web: Service, profile_of: Callable[[str], Profile], controls_plan: Plan
) -> None:
    made = profile_of(PROFILE.replace("{status: 401, body: not_signed_in}", "[401, 404]"))
    promise = made.promise("session", controls_plan.probes[0].credential)
    assert promise is not None
    known = ServiceControls(service=web, not_found=(seen("/api/", NOT_FOUND),))
    assert blanket(known, [promise]) is None


def test_a_gone_is_no_blanket_either_and_hides_none_beside_it(
    web: Service, profile_of: Callable[[str], Profile], controls_plan: Plan
) -> None:
    made = profile_of(PROFILE.replace("{status: 401, body: not_signed_in}", "[401, 410]"))
    promise = made.promise("session", controls_plan.probes[0].credential)
    assert promise is not None
    gone, refused = seen("/", answer(410)), seen("/api/", answer(401))
    assert blanket(ServiceControls(service=web, not_found=(gone,)), [promise]) is None
    assert blanket(ServiceControls(service=web, not_found=(gone, refused)), [promise]) is refused


def test_a_blanket_may_send_everything_away(
    web: Service, profile_of: Callable[[str], Profile], controls_plan: Plan
) -> None:
    made = profile_of(PROFILE.replace("{status: 401, body: not_signed_in}", "{status: 307, location: /signin}"))
    promise = made.promise("session", controls_plan.probes[0].credential)
    assert promise is not None
    away = seen("/", answer(307, "", ("location", "/signin")))
    assert blanket(ServiceControls(service=web, not_found=(away,)), [promise]) is away


def test_what_nowhere_got_is_known_by_its_method(controls_plan: Plan) -> None:
    got = [(path, answer(404, path.request.method)) for path in controls_plan.not_found_controls]
    known = read_controls(controls_plan, got, []).services["web"]
    get, post = (known.beside(a_probe(controls_plan, path)) for path in ("/api/me", "/api/notes"))
    assert get is not None
    assert post is not None
    assert (get.answered.text, post.answered.text) == ("GET", "POST")


def test_an_open_route_that_may_send_on_tells_of_the_application_too(
    profile_of: Callable[[str], Profile], surface_of: Callable[[str], Surface], plan_of: Callable[..., Plan]
) -> None:
    made = profile_of(PROFILE.replace("public: 200", "public: [200, {status: 307, location: /signin}]"))
    either = plan_of([surface_of(SURFACE)], made, urls={"web": "http://app.test"})
    away = answer(307, "", ("location", "/signin"), SIGNED)
    known = read_controls(either, [], [(a_probe(either, "/api/healthz"), away)]).services["web"]
    assert known.wrote(answer(401, "no", SIGNED), "/api/x")
    assert not known.wrote(answer(401, "no"), "/api/x")


@pytest.mark.parametrize("declared", [pytest.param(True, id="declared"), pytest.param(False, id="not-declared")])
def test_whose_a_blanket_is_comes_from_the_plan(controls_plan: Plan, *, declared: bool) -> None:
    known = read_controls(replace(controls_plan, blanket_is_application=declared), [], []).services["web"]
    assert known.blanket_is_application is declared


def test_no_other_open_route_shows_the_sign_in_page(read: Callable[..., ServiceControls]) -> None:
    assert read(healthz=answer(200, "ok"), session=answer(200, "null", JSON)).sign_in_page is None


@pytest.mark.parametrize(
    ("said", "not_found", "answered", "wrote"),
    [
        pytest.param({"session": answer(200, "nobody")}, NOT_FOUND, answer(200, "nobody"), True, id="as-promised-and-not-nowhere"),
        pytest.param({"session": answer(200, "nobody")}, answer(200, "nobody"), answer(200, "nobody"), False, id="as-promised-and-nowhere-too"),
        pytest.param({"me": answer(401, "a not_signed_in")}, answer(401, "a not_signed_in"), answer(401, "a not_signed_in"), True, id="in-promised-words-and-nowhere-too"),
    ],
)  # fmt: skip
def test_a_body_is_the_applications_where_nowhere_lacks_it_or_a_promise_asks_for_it(
    read: Callable[..., ServiceControls],
    said: dict[str, Answered],
    not_found: Answered,
    answered: Answered,
    *,
    wrote: bool,
) -> None:
    assert read(not_found, **said).wrote(answered, "/api/x") is wrote
