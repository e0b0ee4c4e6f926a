"""Where a redirect leads: to sign in, to the same path, or somewhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.controls import ServiceControls
from prober.judge.redirects import is_same_path, is_sign_in, location_of, shown
from prober.model import Answered, LocationFact
from tests.support.judging import REFUSED, WEB, answer, probe, promise, status, to

DOOR = status(302, location=LocationFact(path="/door"))
FRONT = status(302, location=LocationFact(path="/"))
SSO = status(302, location=LocationFact(path="/start", origin="https://people.test"))


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        pytest.param("https://app.test:443/signin", True, id="by-its-name"),
        pytest.param("https://app.test:443/door", True, id="as-the-profile-says"),
        pytest.param("https://app.test:443/door/", True, id="with-a-slash"),
        pytest.param("https://app.test:443/door?next=/x", True, id="with-a-query"),
        pytest.param("https://app.test:443/shop/door", True, id="below-the-service-s-own-path"),
        pytest.param("https://app.test:443/doors", False, id="a-letter-more"),
        pytest.param("https://app.test:443/", False, id="the-front-page-even-where-it-is-expected"),
        pytest.param("https://people.test/start", True, id="on-the-origin-that-is-expected"),
        pytest.param("https://app.test:443/start", False, id="its-path-here"),
        pytest.param("https://other.test/start", False, id="its-path-elsewhere"),
        pytest.param("https://other.test/door", True, id="the-expected-path-on-any-host"),
    ],
)
def test_a_sign_in_is_known_by_the_profile_and_by_its_name(url: str, *, is_one: bool) -> None:
    known = ServiceControls(service=replace(WEB, base_path="/shop"))
    assert is_sign_in(url, probe(promise(REFUSED, DOOR, FRONT, SSO)), known) is is_one


@pytest.mark.parametrize(
    ("url", "same"),
    [
        pytest.param("https://app.test:443/api/me", True, id="the-very-path"),
        pytest.param("https://www.app.test/API/Me/", True, id="another-case-host-and-slash"),
        pytest.param("https://app.test:443//api/%6de?x=1", True, id="spelled-otherwise"),
        pytest.param("https://app.test:443/api\\me", True, id="a-slash-of-windows"),
        pytest.param("https://app.test:443/https:/app/api/me", False, id="below-another"),
        pytest.param("https://app.test:443/api/me/edit", False, id="below-it"),
        pytest.param("https://app.test:443/api", False, id="above-it"),
    ],
)
def test_the_same_path_is_one_however_it_is_spelled(url: str, *, same: bool) -> None:
    assert is_same_path(url, probe(promise(REFUSED), query="a=b")) is same


def test_a_target_that_is_a_whole_url_may_be_a_path_of_the_redirect() -> None:
    asked = probe(promise(REFUSED))
    whole = replace(asked, request=replace(asked.request, target="https://app.test/api/you"))
    assert is_same_path("https://app.test:443/https:/app.test/api/you", whole)
    assert is_same_path("https://app.test:443/app.test/api/you", whole)
    assert not is_same_path("https://app.test:443/api/they", whole)


@pytest.mark.parametrize(
    ("answered", "location", "words"),
    [
        pytest.param(to("/x"), "/x", "307 to /x", id="a-redirect"),
        pytest.param(answer(201, "", ("location", "/x")), None, "201", id="no-redirect"),
        pytest.param(answer(302), None, "302", id="nowhere"),
    ],
)
def test_an_answer_is_worded_by_its_status_and_where_it_leads(
    answered: Answered, location: str | None, words: str
) -> None:
    assert (location_of(answered), shown(answered)) == (location, words)
