"""Whose lock counts: an intermediary's that `by` or `behind` names, the application's own, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.attribution import is_signed_by
from prober.judge.controls import Controls, ServiceControls
from prober.judge.declared_lock import keeper_notes
from prober.judge.intermediaries import INTERMEDIARIES
from prober.judge.verdicts import judge
from prober.model import Answer, Answered, Finding, Reason, Verdict
from prober.model.intermediary_names import GATEWAY, LOCK_KEEPERS, NEVER_A_LOCK, IntermediaryName
from tests.support.judging import HTML, JSON, NOT_FOUND, WEB, answer, probe, promise, seen, status, to

CHALLENGE = ("www-authenticate", 'Basic realm="tools"')
NGINX_PAGE = (
    "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"
)
APACHE_PAGE = "<html><head><title>403</title></head><body><address>Apache/2.4 Server</address></body></html>"
NGINX_403 = answer(403, NGINX_PAGE.format("403 Forbidden"), HTML, ("server", "nginx"))
NGINX_BASIC = answer(401, NGINX_PAGE.format("401 Authorization Required"), HTML, CHALLENGE, ("server", "nginx"))
CADDY_BASIC = answer(401, b"", CHALLENGE, ("server", "Caddy"))
TRAEFIK_BASIC = answer(401, "401 Unauthorized\n", ("content-type", "text/plain"), CHALLENGE)
APACHE_403 = answer(403, APACHE_PAGE, HTML, ("server", "Apache"))
NGINX_503 = answer(503, NGINX_PAGE.format("503 Service Temporarily Unavailable"), HTML, ("server", "nginx"))
NGINX_429 = answer(429, NGINX_PAGE.format("429 Too Many Requests"), HTML, ("server", "nginx"))
TO_VERCEL = to("https://vercel.com/sso-api?url=x", 302)
OWN_401 = answer(401, '{"error":"not_signed_in"}', JSON)
ANYBODYS_401 = answer(401, '{"message":"No API key found in request"}', JSON)
SUCCESS = answer(200, '{"orders":[{"id":1,"total":9}]}', JSON)
CHALLENGE_OF_CLOUDFLARE = answer(403, "<title>Just a moment...</title>", HTML, ("cf-mitigated", "challenge"))
TLS_PORT = answer(
    400, NGINX_PAGE.format("400 The plain HTTP request was sent to HTTPS port"), HTML, ("server", "nginx")
)


def found(
    promised: Answer, answered: Answered, *, behind: str | None = None, elsewhere: Answered = NOT_FOUND
) -> Finding:
    known = ServiceControls(service=replace(WEB, behind=behind), not_found=(seen(elsewhere),))
    return judge(probe(promise(promised)), answered, Controls(services={"web": known}))


@pytest.mark.parametrize("through", ["by", "behind"])
@pytest.mark.parametrize(
    ("keeper", "answered", "wanted", "by"),
    [
        pytest.param("nginx", NGINX_403, (Verdict.LOCKED, Reason.AS_PROMISED), "nginx", id="its-page"),
        pytest.param("nginx", NGINX_BASIC, (Verdict.LOCKED, Reason.AS_PROMISED), "nginx", id="its-basic-wall"),
        pytest.param("Caddy", CADDY_BASIC, (Verdict.LOCKED, Reason.AS_PROMISED), "Caddy", id="a-basic-wall-by-server"),
        pytest.param(
            "a Basic-auth wall", TRAEFIK_BASIC, (Verdict.LOCKED, Reason.AS_PROMISED), "a Basic-auth wall", id="a-nameless-wall",
        ),
        pytest.param(
            "Vercel deployment protection", TO_VERCEL, (Verdict.LOCKED, Reason.AS_PROMISED),
            "Vercel deployment protection", id="its-redirect",
        ),
        pytest.param("nginx", OWN_401, (Verdict.LOCKED, Reason.AS_PROMISED), "application", id="the-applications-own"),
        pytest.param("nginx", APACHE_403, (Verdict.UNPROVEN, Reason.INTERMEDIARY), "Apache", id="another-ones"),
        pytest.param("Caddy", NGINX_BASIC, (Verdict.UNPROVEN, Reason.INTERMEDIARY), "a Basic-auth wall", id="another-ones-wall"),
        pytest.param(
            "Cloudflare", CHALLENGE_OF_CLOUDFLARE, (Verdict.UNPROVEN, Reason.INTERMEDIARY), "Cloudflare challenge", id="a-bot-wall",
        ),
        pytest.param("gateway", NGINX_403, (Verdict.UNPROVEN, Reason.INTERMEDIARY), "nginx", id="a-known-one-is-no-gateway"),
        pytest.param("nginx", SUCCESS, (Verdict.LEAK, Reason.GRANTED), "application", id="an-open-door"),
    ],
)  # fmt: skip
def test_only_whose_lock_is_named_and_the_application_refuse_as_expected(
    keeper: str, answered: Answered, wanted: tuple[Verdict, Reason], by: str, through: str
) -> None:
    promised = status(302, 401, 403, **({"by": keeper} if through == "by" else {}))
    finding = found(promised, answered, behind=keeper if through == "behind" else None)
    assert (finding.verdict, finding.reason, finding.answered_by) == (*wanted, by)


@pytest.mark.parametrize(
    "answered",
    [pytest.param(NGINX_503, id="it-is-too-busy"), pytest.param(NGINX_429, id="its-limit")],
)
def test_a_lock_in_front_that_says_later_has_refused_nobody(answered: Answered) -> None:
    finding = found(status(401, 403, 429, 503, by="nginx"), answered)
    assert finding.verdict is Verdict.UNPROVEN


def test_a_wrong_way_in_is_nobodys_lock() -> None:
    finding = found(status(400, 401, by="nginx"), TLS_PORT)
    assert (finding.verdict, finding.reason) == (Verdict.UNPROVEN, Reason.INTERMEDIARY)


def test_what_the_answer_says_wins_over_what_the_service_says() -> None:
    assert found(status(403, by="Apache"), APACHE_403, behind="nginx").verdict is Verdict.LOCKED
    assert found(status(403, by="Apache"), NGINX_403, behind="nginx").verdict is Verdict.UNPROVEN


def test_a_description_does_not_stand_in_for_the_keeper_that_is_named() -> None:
    described = status(403, body=("<address>Apache",))
    assert found(described, APACHE_403).verdict is Verdict.LOCKED
    assert found(replace(described, by="nginx"), APACHE_403).verdict is Verdict.UNPROVEN


@pytest.mark.parametrize(
    ("behind", "answered", "wanted", "by"),
    [
        pytest.param(None, ANYBODYS_401, Reason.BLANKET, None, id="nobody-is-named"),
        pytest.param("nginx", ANYBODYS_401, Reason.BLANKET, None, id="another-is-named"),
        pytest.param("gateway", ANYBODYS_401, Reason.AS_PROMISED, GATEWAY, id="a-gateway-is-named"),
        pytest.param("gateway", OWN_401, Reason.AS_PROMISED, "application", id="the-applications-own-words"),
    ],
)
def test_a_gateway_may_refuse_every_path_where_it_is_named(
    behind: str | None, answered: Answered, wanted: Reason, by: str | None
) -> None:
    finding = found(status(401), answered, behind=behind, elsewhere=answered)
    assert (finding.reason, finding.answered_by) == (wanted, by)


def test_the_finding_says_which_lines_to_add() -> None:
    detail = found(status(403), NGINX_403).detail
    assert "'{status: 403, by: nginx}' at the guard" in detail
    assert "'behind: nginx' at the service" in detail


@pytest.mark.parametrize(
    "answered",
    [pytest.param(CHALLENGE_OF_CLOUDFLARE, id="a-bot-wall"), pytest.param(NGINX_503, id="it-is-too-busy")],
)
def test_what_is_no_lock_is_not_advised_to_be_one(answered: Answered) -> None:
    assert "by:" not in found(status(403), answered).detail


def test_a_finding_of_another_lock_names_the_one_that_is_meant() -> None:
    detail = found(status(403, by="nginx"), APACHE_403).detail
    assert "from Apache, not from nginx or the application" in detail


def test_the_report_says_who_keeps_the_door() -> None:
    findings = [found(status(403, by="nginx"), NGINX_403), found(status(403, by="nginx"), NGINX_403)]
    findings.append(found(status(401, by="nginx"), OWN_401))
    notes = keeper_notes(findings)
    assert notes == ["web: nginx keeps the door in front of the application: 2 of 3 expected refusals"]
    assert keeper_notes(findings[2:]) == []


def test_every_name_has_an_entry_and_what_is_no_lock_may_not_be_named() -> None:
    assert {entry.name for entry in INTERMEDIARIES} == set(IntermediaryName)
    assert set(LOCK_KEEPERS) == {GATEWAY, *IntermediaryName} - NEVER_A_LOCK


def test_nobody_signs_by_a_name_that_is_not_known() -> None:
    assert not is_signed_by(OWN_401, "nginx")
    assert not is_signed_by(NGINX_BASIC, "Traefik")
    assert is_signed_by(NGINX_BASIC, "nginx")
