"""After what may have acted nothing more goes to the route: a success ends the chain whatever it resembles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.controls import ServiceControls
from prober.judge.verdicts import ends_chain, judge
from prober.model import Answered, Kind, Probe, Variant, Verdict
from tests.support.judging import (
    HTML,
    JSON,
    NOT_FOUND,
    REFUSED,
    SHELL,
    WEB,
    answer,
    controls,
    probe,
    promise,
    seen,
    status,
    to,
)

BESIDE_A_SHELL = ServiceControls(service=WEB, not_found=(seen(SHELL),))
VARIANT = Variant(name="double-slash", headers=(), catches="")


def test_the_page_of_every_path_is_no_leak_and_still_ends_the_chain() -> None:
    asked = probe(promise(REFUSED), method="POST")
    assert judge(asked, SHELL, controls(seen(SHELL))).verdict is Verdict.DRIFT
    assert ends_chain(asked, SHELL, BESIDE_A_SHELL)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        pytest.param(
            probe(promise(REFUSED), variant=VARIANT), SHELL, id="a-variant-that-led-to-the-page-of-every-path"
        ),
        pytest.param(probe(promise(REFUSED), method="OPTIONS"), SHELL, id="a-question-about-methods"),
        pytest.param(probe(promise(REFUSED)), NOT_FOUND, id="no-success"),
        pytest.param(
            probe(promise(status(200, body=("Sign in",)))),
            answer(200, "<h1>Sign in</h1>", HTML),
            id="an-expected-success",
        ),
        pytest.param(
            probe(promise(status(200, body=("not_signed_in",), is_refusal=True)), method="POST"),
            answer(200, '{"error":"not_signed_in"}', JSON),
            id="a-refusal-that-is-a-success",
        ),
    ],
)
def test_what_cannot_have_acted_does_not(asked: Probe, answered: Answered) -> None:
    assert not ends_chain(asked, answered, BESIDE_A_SHELL)


@pytest.mark.parametrize(
    ("asked", "answered", "ends"),
    [
        pytest.param(probe(promise(REFUSED), variant=VARIANT), answer(200, '{"a":1}', JSON), True, id="a-variant-got-data"),
        pytest.param(probe(promise(REFUSED)), to("/done", 302), True, id="led-on"),
        pytest.param(probe(promise(REFUSED)), answer(302, b"", ("location", "https://elsewhere.test/x"), ("cf-mitigated", "challenge")), True, id="led-on-by-a-wall"),
        pytest.param(probe(promise(status(302))), to("https://elsewhere.test/x", 302), False, id="led-on-as-expected"),
    ],
)  # fmt: skip
def test_a_redirect_that_leads_on_ends_the_chain_unless_it_is_expected(
    asked: Probe, answered: Answered, *, ends: bool
) -> None:
    assert ends_chain(asked, answered, ServiceControls(service=WEB)) is ends


def test_a_refusal_that_holds_a_secret_ends_the_chain() -> None:
    told = answer(401, '{"error":"no","client_secret":"kJ83hFq0ZpLw92Xb"}', JSON)
    assert ends_chain(probe(promise(REFUSED), method="POST"), told, ServiceControls(service=WEB))


NGINX_LIMIT = "<html><center><h1>503 Service Temporarily Unavailable</h1></center><hr><center>nginx</center></html>"


@pytest.mark.parametrize(
    ("answered", "ends"),
    [
        pytest.param(answer(500, '{"error":"internal"}', JSON), True, id="the-application-failed"),
        pytest.param(answer(503, '{"error":"no mail server"}', JSON), True, id="the-application-was-busy"),
        pytest.param(answer(502, NGINX_LIMIT.replace("503", "502"), HTML), True, id="a-proxy-lost-the-application"),
        pytest.param(answer(503, NGINX_LIMIT, HTML, ("server", "nginx")), False, id="a-proxy-passed-nothing-on"),
        pytest.param(answer(403, '{"error":"forbidden"}', JSON), False, id="another-refusal-is-no-failure"),
    ],
)
def test_a_failure_ends_the_chain_where_the_application_may_have_been_reached(
    answered: Answered, *, ends: bool
) -> None:
    bogus = probe(promise(REFUSED), method="POST")
    asked = replace(bogus, credential=replace(bogus.credential, kind=Kind.ANONYMOUS, headers=()))
    assert not ends_chain(bogus, answered, ServiceControls(service=WEB))
    assert ends_chain(asked, answered, ServiceControls(service=WEB)) is ends


def test_a_failure_over_a_variant_does_not_end_the_chain() -> None:
    bogus = probe(promise(REFUSED), method="POST", variant=VARIANT)
    asked = replace(bogus, credential=replace(bogus.credential, kind=Kind.ANONYMOUS, headers=()))
    assert not ends_chain(asked, answer(500, '{"error":"internal"}', JSON), ServiceControls(service=WEB))
