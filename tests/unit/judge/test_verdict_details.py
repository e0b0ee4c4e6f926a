"""What a finding's detail says, and whom it names."""

from __future__ import annotations

import pytest

from prober.judge.controls import Controls, ServiceControls
from prober.judge.verdicts import judge
from prober.model import (
    Answered,
    Cause,
    Family,
    Probe,
    Reason,
    Unanswered,
    Unsent,
)
from tests.support.judging import (
    ERROR_ONLY,
    JSON,
    NOT_FOUND,
    REFUSED,
    SUBREQUEST,
    TO_SIGN_IN,
    WEB,
    answer,
    controls,
    probe,
    promise,
    seen,
    status,
    to,
)


@pytest.mark.parametrize(
    ("attempts", "said"), [pytest.param(1, "late", id="one"), pytest.param(2, "late (2 attempts)", id="two")]
)
def test_attempts_are_counted_where_there_were_several(attempts: int, said: str) -> None:
    outcome = Unanswered(cause=Cause.TIMEOUT, detail="late", arrived=True, attempts=attempts, elapsed_ms=1)
    found = judge(probe(promise(REFUSED)), outcome, controls())
    assert (found.detail, found.outcome) == (said, outcome)


@pytest.mark.parametrize(
    ("outcome", "by"),
    [
        pytest.param(answer(401, ERROR_ONLY, JSON), "application", id="locked"),
        pytest.param(answer(200), "application", id="a-leak"),
        pytest.param(answer(502), "gateway", id="a-gateway"),
        pytest.param(answer(401, b"", ("cf-mitigated", "challenge")), "Cloudflare challenge", id="a-wall"),
        pytest.param(answer(429), None, id="throttled"),
        pytest.param(Unsent(reason=Reason.CUT_SHORT, detail="x"), None, id="not-sent"),
    ],
)
def test_a_finding_says_who_answered(outcome: Answered | Unsent, by: str | None) -> None:
    assert judge(probe(promise(REFUSED)), outcome, controls()).answered_by == by


def test_nobody_is_named_for_a_blanket_of_somebody() -> None:
    everywhere = answer(401, "Unauthorized")
    assert judge(probe(promise(REFUSED)), everywhere, controls(seen(everywhere))).answered_by is None


EVERYWHERE = answer(401, "Unauthorized")


@pytest.mark.parametrize(
    ("asked", "answered", "known", "detail"),
    [
        pytest.param(probe(promise(REFUSED)), answer(502), controls(), "got 502 from a gateway, not from the application; see why it could not reach the application", id="a-gateway"),
        pytest.param(
            probe(promise(REFUSED)), answer(401, b"", ("x-vercel-mitigated", "deny")), controls(),
            "got 401 from Vercel firewall, not from the application; let the prober's address or User-Agent pass in the firewall's rules; if its lock is the one that is meant, write '{status: 401, by: Vercel firewall}' at the guard in the profile, or 'behind: Vercel firewall' at the service in prober.yaml", id="a-wall",
        ),
        pytest.param(probe(promise(REFUSED)), answer(429), controls(), "got 429 after 1 attempts: throttled, so nothing is known (use --rate)", id="throttled"),
        pytest.param(probe(promise(REFUSED)), answer(401, '{"apiKey":"12345678"}', JSON), controls(), "got 401 with a value under 'apiKey' in the body", id="disclosed"),
        pytest.param(
            probe(promise(REFUSED)), EVERYWHERE, controls(seen(EVERYWHERE)),
            "got 401, the same as for an unknown path: whether the application or something in front of it refuses is not known (declare 'blanket: application' if its middleware guards every path, or 'behind: gateway' at the service if a gateway in front does)", id="a-blanket",
        ),
        pytest.param(probe(promise(REFUSED)), EVERYWHERE, controls(), "got 401, as expected", id="locked"),
        pytest.param(
            probe(promise(REFUSED)), EVERYWHERE, controls(seen(EVERYWHERE), blanket_is_application=True),
            "got 401, as expected; unknown paths beside it get the same, by the declaration that it is the application's", id="locked-as-declared",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, ERROR_ONLY, JSON), controls(seen(answer(401, ERROR_ONLY, JSON))),
            "got 401, as expected; unknown paths beside it get the same", id="locked-as-everything",
        ),
        pytest.param(probe(promise(status(404)), absent=True), NOT_FOUND, controls(), "got 404, as expected", id="locked-by-a-promised-404"),
        pytest.param(probe(promise(status(404))), NOT_FOUND, controls(), "got 404, the same as for an unknown path, so the route may be missing", id="may-be-gone"),
        pytest.param(
            probe(promise(REFUSED)), EVERYWHERE, Controls(services={"web": ServiceControls(service=WEB)}),
            "refused, but no unknown path was answered: the refusal may cover everything", id="no-control",
        ),
        pytest.param(probe(promise(REFUSED)), EVERYWHERE, controls(sign_in_broken=True), "refused, but sign-in itself answers 5xx: a guard that is broken may look locked", id="sign-in-broken"),
        pytest.param(
            probe(promise(REFUSED), family=Family.COOKIE), EVERYWHERE, controls(cookies_cleared=False),
            "the deployment clears none of the session cookies that were sent: name its own under 'cookies'", id="unknown-cookie",
        ),
        pytest.param(probe(promise(REFUSED), absent=True), NOT_FOUND, controls(), "got 404: the route does not exist, which is best", id="absent"),
        pytest.param(probe(promise(REFUSED)), answer(200, ERROR_ONLY, JSON), controls(), "got 200 with a body that is only an error, expected 401", id="soft"),
        pytest.param(probe(promise(REFUSED)), NOT_FOUND, controls(), "got 404, the same as for an unknown path; expected 401: the route is missing", id="missing"),
        pytest.param(probe(promise(REFUSED)), to("/signin"), controls(), "got 307 to /signin, expected 401", id="sent-to-sign-in"),
        pytest.param(probe(promise(REFUSED)), to("/app"), controls(), "got 307 to /app, which is not a sign-in, expected 401", id="sent-inside"),
        pytest.param(probe(promise(REFUSED)), answer(403, b"", ("location", "/app")), controls(), "got 403, expected 401", id="a-location-that-is-no-redirect"),
        pytest.param(
            probe(promise(REFUSED)), answer(303, b"", ("mcp-session-id", "a"), ("location", "/x")), controls(), "got 303 with a session, expected 401",
            id="a-session",
        ),
        pytest.param(probe(promise(TO_SIGN_IN), variant=SUBREQUEST), answer(200, "x"), controls(), "got 200; the unmodified request must be refused", id="a-variant-opens"),
        pytest.param(probe(promise(TO_SIGN_IN), variant=SUBREQUEST), to("/signin"), controls(), "got 307 to /signin", id="a-variant-opens-nothing"),
    ],
)  # fmt: skip
def test_a_detail_says_what_came_and_what_was_wanted(
    asked: Probe, answered: Answered, known: Controls, detail: str
) -> None:
    assert judge(asked, answered, known).detail == detail


def test_a_detail_shows_both_sides() -> None:
    assert judge(probe(promise(REFUSED)), answer(200, "{}x"), controls()).detail == "got 200, expected 401"


def test_a_leak_does_not_repeat_what_it_disclosed() -> None:
    found = judge(probe(promise(REFUSED)), answer(401, '{"apiKey":"topsecret-0123"}', JSON), controls())
    assert "topsecret" not in found.detail
    assert "apiKey" in found.detail
