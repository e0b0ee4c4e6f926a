"""A variant that is refused: by whom, and what that proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.controls import Controls, ServiceControls
from prober.judge.verdicts import ends_chain, judge
from prober.model import Answered, Cause, Reason, Unanswered, Unsent, Verdict
from tests.support.variant_probes import (
    ALIVE,
    API,
    DATA,
    HTML,
    JSON,
    NOT_FOUND,
    PAGE,
    WEB,
    answer,
    controls,
    seen,
    to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Probe


# --- a refusal, and by whom -------------------------------------------------------------------------------------------


def page_of_nginx(number: int, words: str) -> Answered:
    title = f"{number} {words}"
    body = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center><hr><center>nginx</center></body></html>"
    return answer(number, body, ("server", "nginx"), HTML)


BAD_REQUEST = page_of_nginx(400, "Bad Request")


@pytest.mark.parametrize(
    ("words", "answered", "verdict", "reason", "by"),
    [
        pytest.param(f"{API} encoded-null", answer(401, '{"error":"x"}', JSON), Verdict.LOCKED, Reason.OPENS_NOTHING, "application", id="refused"),
        pytest.param(f"{API} encoded-null", NOT_FOUND, Verdict.LOCKED, Reason.OPENS_NOTHING, "application", id="not-found"),
        pytest.param(f"{API} encoded-null", answer(400), Verdict.LOCKED, Reason.OPENS_NOTHING, "application", id="not-understood"),
        pytest.param(f"{API} options", answer(405), Verdict.LOCKED, Reason.OPENS_NOTHING, "application", id="not-allowed"),
        pytest.param(f"{API} encoded-null", answer(500, "x"), Verdict.SKIPPED, Reason.UNCOMPARED, "application", id="broken"),
        pytest.param(f"{API} encoded-null", BAD_REQUEST, Verdict.LOCKED, Reason.OPENS_NOTHING, "nginx", id="a-proxy-does-not-understand"),
        pytest.param(f"{API} encoded-null", page_of_nginx(403, "Forbidden"), Verdict.LOCKED, Reason.OPENS_NOTHING, "nginx", id="a-proxy-forbids"),
        pytest.param(
            f"{API} forwarded-for-loopback", answer(403, b"", ("cf-mitigated", "challenge")),
            Verdict.LOCKED, Reason.OPENS_NOTHING, "Cloudflare challenge", id="a-wall-takes-offence",
        ),
        pytest.param(f"{API} encoded-null", page_of_nginx(429, "Too Many Requests"), Verdict.UNPROVEN, Reason.THROTTLED, None, id="a-proxy-throttles"),
        pytest.param(f"{API} encoded-null", page_of_nginx(502, "Bad Gateway"), Verdict.UNPROVEN, Reason.INTERMEDIARY, "nginx", id="a-proxy-cannot-reach-it"),
        pytest.param(f"{API} encoded-null", answer(202, b"", ("x-amzn-waf-action", "challenge")), Verdict.UNPROVEN, Reason.INTERMEDIARY, "AWS WAF", id="a-wall-says-200"),
        pytest.param(f"{API} encoded-null", to("https://x.cloudflareaccess.com/login"), Verdict.UNPROVEN, Reason.INTERMEDIARY, "Cloudflare Access", id="a-wall-redirects"),
        pytest.param(f"{API} encoded-null", answer(502), Verdict.UNPROVEN, Reason.GATEWAY, "gateway", id="a-gateway"),
        pytest.param(f"{API} encoded-null", answer(503), Verdict.UNPROVEN, Reason.GATEWAY, "gateway", id="a-gateway-without-a-back-end"),
        pytest.param(f"{API} encoded-null", answer(429), Verdict.UNPROVEN, Reason.THROTTLED, None, id="throttled"),
        pytest.param(f"{API} encoded-null", answer(401, '{"apiKey":"0123456789"}', JSON), Verdict.LEAK, Reason.DISCLOSED, "application", id="refused-with-a-key"),
        pytest.param(API, BAD_REQUEST, Verdict.UNPROVEN, Reason.INTERMEDIARY, "nginx", id="the-plain-request-is-another-matter"),
    ],
)  # fmt: skip
def test_a_refusal_of_a_variant_means(
    words: str, answered: Answered, verdict: Verdict, reason: Reason, by: str | None, asked: Callable[[str], Probe]
) -> None:
    found = judge(asked(words), answered, controls())
    assert (found.verdict, found.reason, found.answered_by) == (verdict, reason, by), found.detail


EVERYWHERE = answer(401, "Unauthorized")
AWAY = "https://www.other.test/"


@pytest.mark.parametrize(
    ("words", "answered", "about", "verdict", "reason"),
    [
        pytest.param(f"{API} rsc-suffix", EVERYWHERE, controls(seen(EVERYWHERE)), Verdict.LOCKED, Reason.OPENS_NOTHING, id="a-blanket-of-somebody"),
        pytest.param(
            f"{API} rsc-suffix", EVERYWHERE, controls(seen(EVERYWHERE), blanket_is_application=True),
            Verdict.LOCKED, Reason.OPENS_NOTHING, id="a-blanket-declared",
        ),
        pytest.param(
            f"{API} foreign-host", NOT_FOUND, controls(variant_not_found={"foreign-host": seen(NOT_FOUND)}),
            Verdict.LOCKED, Reason.OPENS_NOTHING, id="another-site-has-no-such-path",
        ),
        pytest.param(
            f"{API} foreign-host", EVERYWHERE, controls(seen(EVERYWHERE), variant_not_found={"foreign-host": seen(NOT_FOUND)}),
            Verdict.LOCKED, Reason.OPENS_NOTHING, id="a-blanket-that-the-other-site-has-not",
        ),
        pytest.param(
            f"{API} foreign-host", EVERYWHERE, controls(variant_not_found={"foreign-host": seen(EVERYWHERE)}),
            Verdict.LOCKED, Reason.OPENS_NOTHING, id="another-site-refuses-everything",
        ),
        pytest.param(
            f"{API} foreign-host", to(AWAY, 301), controls(variant_not_found={"foreign-host": seen(to(AWAY, 301))}),
            Verdict.LOCKED, Reason.OPENS_NOTHING, id="another-site-redirects-everything",
        ),
    ],
)  # fmt: skip
def test_controls_decide_what_a_refusal_of_a_variant_proves(
    words: str, answered: Answered, about: Controls, verdict: Verdict, reason: Reason, asked: Callable[[str], Probe]
) -> None:
    found = judge(asked(words), answered, about)
    assert (found.verdict, found.reason) == (verdict, reason), found.detail


def test_a_variant_that_nobody_answers_is_unreachable(asked: Callable[[str], Probe]) -> None:
    outcome = Unanswered(cause=Cause.PROTOCOL, detail="closed", arrived=True, attempts=1, elapsed_ms=1)
    assert judge(asked(f"{API} encoded-null"), outcome, controls()).verdict is Verdict.UNREACHABLE


@pytest.mark.parametrize("reason", [Reason.NO_BUILD_ID, Reason.NO_SIGN_IN_COOKIE])
def test_what_had_nothing_to_borrow_is_skipped(reason: Reason, asked: Callable[[str], Probe]) -> None:
    found = judge(asked(f"{PAGE} next-data"), Unsent(reason=reason, detail="why"), controls())
    assert (found.verdict, found.reason, found.detail) == (Verdict.SKIPPED, reason, "why")


# --- a door that opens is seen at once --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "answered", "granted"),
    [
        pytest.param("POST /api/again trailing-slash", answer(200), True, id="a-success"),
        pytest.param("POST /api/again trailing-slash", answer(404), False, id="not-found"),
        pytest.param("POST /api/again original-url-open", ALIVE, True, id="a-success-of-which-nothing-is-known-yet"),
        pytest.param("POST /api/again options", answer(204), False, id="options-of-methods-alone"),
        pytest.param("POST /api/again options", DATA, True, id="options-with-data-ran-a-handler"),
        pytest.param("POST /api/again options", to("/done"), True, id="options-that-leads-on"),
        pytest.param(f"{API} head", answer(200), True, id="head"),
        pytest.param("OPTIONS /api/settings", DATA, True, id="a-route-that-is-options-itself"),
        pytest.param("OPTIONS /api/settings trailing-slash", answer(200), False, id="a-variant-of-a-route-that-is-options-itself"),
    ],
)  # fmt: skip
def test_a_variant_that_opens_a_door_is_seen_at_once(
    words: str, answered: Answered, asked: Callable[[str], Probe], *, granted: bool
) -> None:
    assert ends_chain(asked(words), answered, ServiceControls(service=WEB)) is granted
