"""What an expected answer is described by tells whose lock in front is meant; a status alone describes nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.declared_lock import how_to_declare, is_declared, keeper_notes
from prober.judge.verdicts import judge
from prober.model import Answer, JsonFact, LocationFact, Verdict
from tests.support.judging import HTML, JSON, OPEN, WEB, answer, controls, probe, promise, status, to

if TYPE_CHECKING:
    from prober.model import Answered

BASIC = ("www-authenticate", 'Basic realm="tools"')
NONCE = ("set-cookie", "_vercel_sso_nonce=1; Path=/")
VERCEL_401 = answer(401, "<title>Authentication Required</title>", HTML, NONCE, ("server", "Vercel"))
WALL = answer(401, "", BASIC)
PORTAL = "/outpost.goauthentik.io/start"
TO_PORTAL = to(f"https://app.test{PORTAL}?rd=x", 302)
TO_VERCEL = to("https://vercel.com/sso-api?url=x", 302)
NGINX_PAGE = "<html><title>{0}</title><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"
NGINX_403 = answer(403, NGINX_PAGE.format("403 Forbidden"), HTML)
NGINX_500 = answer(500, NGINX_PAGE.format("500 Internal Server Error"), HTML)


@pytest.mark.parametrize(
    ("expected", "answered", "declared"),
    [
        pytest.param(status(401, headers=(BASIC,)), WALL, True, id="a-nameless-wall-by-any-header"),
        pytest.param(status(401, headers=(("x-realm", "tools"),)), answer(401, "", BASIC, ("x-realm", "tools")), True, id="a-nameless-wall-by-a-header-of-anybody"),
        pytest.param(status(502), answer(502), False, id="a-gateway-by-its-status"),
        pytest.param(status(401), WALL, False, id="a-nameless-wall-by-its-status"),
        pytest.param(status(401, headers=(("set-cookie", "_vercel_sso_nonce"),)), VERCEL_401, True, id="by-its-own-header"),
        pytest.param(status(401, headers=(("server", "Vercel"),)), VERCEL_401, False, id="by-a-header-that-others-send"),
        pytest.param(status(401, body=("Authentication",)), VERCEL_401, True, id="by-the-words-of-its-page"),
        pytest.param(status(401, json=(JsonFact(path=("error",), value=None),)), VERCEL_401, True, id="by-a-value"),
        pytest.param(status(401), VERCEL_401, False, id="by-its-status"),
        pytest.param(status(302, location=LocationFact(path=PORTAL)), TO_PORTAL, True, id="by-where-it-leads"),
        pytest.param(status(302, location=LocationFact(path="/sso-api", origin="https://vercel.com")), TO_VERCEL, True, id="by-another-origin"),
        pytest.param(status(302, location=LocationFact(path="", origin="https://vercel.com")), TO_VERCEL, True, id="by-that-origin-alone"),
        pytest.param(status(302, location=LocationFact(path="/start")), TO_PORTAL, False, id="by-a-path-of-anybody"),
        pytest.param(status(401, body=("no",)), answer(401, '{"error":"no"}', JSON), False, id="the-application"),
        pytest.param(None, VERCEL_401, False, id="nothing-is-expected"),
    ],
)  # fmt: skip
def test_a_lock_in_front_is_known_by_what_its_answer_is_described_by(
    expected: Answer | None, answered: Answered, *, declared: bool
) -> None:
    assert is_declared(expected, answered, WEB) is declared


def test_a_redirect_to_the_sign_in_of_somebody_in_front_that_the_profile_describes_is_locked() -> None:
    described = status(302, location=LocationFact(path="/sso-api", origin="https://vercel.com"))
    assert judge(probe(promise(described)), TO_VERCEL, controls()).verdict is Verdict.LOCKED
    assert judge(probe(promise(status(302))), TO_VERCEL, controls()).verdict is Verdict.UNPROVEN


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        pytest.param(NGINX_403, True, id="a-refusal"),
        pytest.param(TO_VERCEL, True, id="a-redirect"),
        pytest.param(NGINX_500, False, id="an-error"),
        pytest.param(answer(401, '{"error":"no"}', JSON), False, id="the-application-s-own"),
        pytest.param(answer(502), False, id="a-gateway-without-a-name"),
        pytest.param(answer(429, NGINX_PAGE.format("429 Too Many Requests"), HTML), False, id="a-limit"),
    ],
)
def test_only_a_lock_may_be_declared(answered: Answered, *, told: bool) -> None:
    assert (how_to_declare(answered) is not None) is told


def test_who_keeps_the_door_is_counted_of_expected_refusals_alone() -> None:
    kept = judge(probe(promise(status(403, by="nginx"))), NGINX_403, controls())
    shown = judge(probe(promise(replace(OPEN, by="nginx"))), answer(200, "[]", JSON), controls())
    others = [replace(shown, answered_by="nginx"), replace(kept, rule="another"), replace(kept, answered_by=None)]
    assert keeper_notes([kept, *others]) == [
        "web: nginx keeps the door in front of the application: 1 of 1 expected refusals"
    ]
