"""The cookies that strangers are given: which may be sessions, and what is said where no session cookie is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.handed_out import cookies_set_by, handed_out, may_be_session, notes_on_unknown_cookies
from prober.judge.observations import Observations
from prober.model import Answered, Cause, Credential, Family, Finding, Kind, Reason, Unanswered, Verdict
from prober.model.session_cookies import SESSION_COOKIES
from tests.support.reports import make_finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe

SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=1)


def setting(*cookies: str) -> Answered:
    return Answered.of(status=401, headers=tuple(("set-cookie", cookie) for cookie in cookies), body=b"", elapsed_ms=1)


@pytest.mark.parametrize(
    ("cookie", "pairs"),
    [
        pytest.param("sid=abc; Path=/; HttpOnly", {"sid": "abc"}, id="set"),
        pytest.param(" sid = abc ;Path=/", {"sid": "abc"}, id="spaces"),
        pytest.param("sid=a=b", {"sid": "a=b"}, id="a-value-with-an-equals-sign"),
        pytest.param("sid=abc; Max-Age=0", {}, id="cleared"),
        pytest.param("sid=abc; MAX-AGE = 0; Path=/", {}, id="cleared-with-spaces"),
        pytest.param("sid=; Path=/", {}, id="empty"),
        pytest.param("=abc", {}, id="no-name"),
        pytest.param("sid", {}, id="no-value"),
        pytest.param("sid=caf\u00e9", {}, id="not-ascii"),
        pytest.param("sid=a\tb", {}, id="a-control-character"),
    ],
)
def test_a_set_cookie_is_read_as_a_browser_keeps_it(cookie: str, pairs: dict[str, str]) -> None:
    assert cookies_set_by(setting(cookie)) == pairs


def test_every_cookie_of_an_answer_counts_and_no_other_header() -> None:
    answered = Answered.of(
        status=200, headers=(("set-cookie", "a=1"), ("x-cookie", "c=3"), ("set-cookie", "b=2")), body=b"", elapsed_ms=1
    )
    assert cookies_set_by(answered) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "name", ["csrf-token", "XSRF-TOKEN", "_ga", "_ga_1X", "locale", "__cf_bm", "AWSALBCORS", "oauth_nonce"]
)
def test_a_cookie_of_another_purpose_is_no_session(name: str) -> None:
    assert not may_be_session(name)


@pytest.mark.parametrize("name", ["sid", "connect.sid", "my_session", "token", "x_ga"])
def test_any_other_cookie_may_be_one(name: str) -> None:
    assert may_be_session(name)


# --- what strangers were given ----------------------------------------------------------------------------------------


def asked(path: str = "/", *, kind: Kind = Kind.ANONYMOUS, service: str = "web", variant: str | None = None) -> Probe:
    probe = make_finding(path=path, service=service, variant=variant).probe
    return replace(probe, credential=Credential(name=kind, kind=kind, family=None, headers=(), query="", catches=""))


def test_only_what_anonymous_plain_requests_to_the_service_got_was_handed_out(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of()
    observations = Observations(plan)
    observations.record(asked("/a"), setting("a=1", "csrf=2"))
    observations.record(asked("/b", kind=Kind.BOGUS), setting("b=1"))
    observations.record(asked("/c", variant="double-slash"), setting("c=1"))
    observations.record(asked("/d", service="mcp"), setting("d=1"))
    observations.record(asked("/e"), SILENCE)
    control = next(control for control in plan.not_found_controls if control.request.service == "web")
    observations.record(control, setting("f=1"))
    assert handed_out("web", observations) == {"a": "1", "csrf": "2", "f": "1"}
    assert handed_out("mcp", observations) == {"d": "1"}


# --- where no session cookie is known ---------------------------------------------------------------------------------


def presented(path: str = "/me", *, guard: str = "session", **facts: object) -> Finding:
    """Make a lock of a probe with a cookie."""
    found = make_finding(Verdict.LOCKED, Reason.AS_PROMISED, "got 401", path=path, outcome=setting())
    cookie = Credential(name="bogus-cookie", kind=Kind.BOGUS, family=Family.COOKIE, headers=(), query="", catches="")
    probe = replace(found.probe, credential=cookie, route=replace(found.probe.route, guard=guard))
    return replace(found, probe=probe, **facts)  # type: ignore[arg-type]


NOTE = (
    "web: no session cookie of it is known, so that the probes with cookies proved nothing of {guards}: name it in prober.yaml, "
    "as in cookies: [my_session]"
)


def test_a_service_without_a_known_cookie_is_noted_once_with_its_guards(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of()
    findings = [presented(), presented("/me/2"), presented("/admin", guard="admin")]
    assert notes_on_unknown_cookies(plan, findings, Observations(plan)) == (NOTE.format(guards="admin, session"),)


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(presented(verdict=Verdict.DRIFT), id="no-lock"),
        pytest.param(make_finding(Verdict.LOCKED, outcome=setting()), id="no-cookie"),
        pytest.param(
            replace(presented(), probe=replace(presented().probe, procedure="refusal-cookie")), id="a-procedure"
        ),
    ],
)
def test_a_finding_that_rests_on_no_cookie_is_not_noted(finding: Finding, plan_of: Callable[..., Plan]) -> None:
    plan = plan_of()
    assert notes_on_unknown_cookies(plan, [finding], Observations(plan)) == ()


def test_a_cookie_that_the_user_names_is_known(plan_of: Callable[..., Plan]) -> None:
    plan = replace(plan_of(), cookies=("my_session",))
    assert notes_on_unknown_cookies(plan, [presented()], Observations(plan)) == ()


@pytest.mark.parametrize(
    ("answered", "service", "notes"),
    [
        pytest.param(setting(f"{SESSION_COOKIES[0]}=; Max-Age=0"), "web", 0, id="cleared-by-an-answer"),
        pytest.param(setting(f"{SESSION_COOKIES[0]}=abc"), "web", 0, id="set-by-an-answer"),
        pytest.param(setting(f"{SESSION_COOKIES[0]}=abc"), "mcp", 1, id="of-another-service"),
        pytest.param(setting("another=abc"), "web", 1, id="another-cookie"),
        pytest.param(SILENCE, "web", 1, id="silence"),
    ],
)
def test_a_cookie_that_an_answer_sets_or_clears_is_known(
    answered: Answered | Unanswered, service: str, notes: int, plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of()
    observations = Observations(plan)
    observations.record(asked("/a", service=service), answered)
    assert len(notes_on_unknown_cookies(plan, [presented()], observations)) == notes


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param(("sid=1; Path=/",), {"sid": "1"}, id="a-session"),
        pytest.param(("sid=1; Max-Age=0600",), {"sid": "1"}, id="an-age-that-begins-with-nought"),
        pytest.param(("sid=1; Max-Age=0; Path=/",), {}, id="cleared"),
        pytest.param(("sid=1; max-age = 00",), {}, id="cleared-in-other-words"),
        pytest.param(("sid=1; Max-Age=-1",), {}, id="older-than-now"),
        pytest.param(("sid=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",), {}, id="expired-at-the-beginning-of-time"),
        pytest.param(("sid=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT",), {"sid": "1"}, id="expires-one-day"),
        pytest.param(("sid=; Max-Age=0", "sid=2"), {"sid": "2"}, id="cleared-and-set-again"),
        pytest.param(("sid=",), {}, id="empty"),
    ],
)
def test_a_cookie_that_is_cleared_is_not_kept(said: tuple[str, ...], kept: dict[str, str]) -> None:
    headers = tuple(("set-cookie", value) for value in said)
    assert cookies_set_by(Answered.of(status=401, headers=headers, body=b"", elapsed_ms=1)) == kept
