"""The rules of an answer that is the expected one: locked, if the controls stand. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge import not_the_guard
from prober.judge.attribution import APPLICATION
from prober.judge.content import content_of
from prober.judge.facts import ABSENT
from prober.judge.redirects import shown
from prober.judge.rules import Judgement, Rule
from prober.model import Family, Reason, Verdict

if TYPE_CHECKING:
    from prober.judge.facts import Facts


_WORDS_OF_A_REFUSAL = 2000  # letters at its beginning


def _refused(facts: Facts) -> bool:
    return facts.expected is not None and facts.expected.refuses


def _route_may_be_gone(facts: Facts) -> Judgement | None:
    status = facts.answered.status
    if not _refused(facts) or status not in ABSENT or facts.probe.route.absent_is_locked or not facts.like_not_found:
        return None
    detail = f"got {status}, the same as for an unknown path, so the route may be missing"
    return Judgement(verdict=Verdict.DRIFT, reason=Reason.MISSING, detail=detail)


def _no_control(facts: Facts) -> Judgement | None:
    if not _refused(facts) or facts.controls.not_found:
        return None
    detail = "refused, but no unknown path was answered: the refusal may cover everything"
    return Judgement(verdict=Verdict.UNPROVEN, reason=Reason.NO_CONTROL, detail=detail)


def _not_read_whole(facts: Facts) -> Judgement | None:
    """What was not read may hold what must not be there; of a stream that is granted, the first event is judged."""
    answered = facts.answered
    is_about_all = bool(facts.probe.never) or (facts.expected is not None and bool(facts.expected.not_body))
    unread = facts.unread
    if unread is None or not (_refused(facts) or (facts.expected is not None and is_about_all)):
        return None
    if answered.succeeded and "event-stream" in (answered.header("content-type") or ""):
        return None
    detail = f"got {shown(answered)}, but its body was not read whole: {unread}"
    return Judgement(verdict=Verdict.UNPROVEN, reason=Reason.UNREAD, detail=detail)


def _not_of_the_guard(facts: Facts) -> Judgement | None:
    """A check that stands before authentication refuses everybody who is not a page of the application's own."""
    answered = facts.answered
    if not _refused(facts) or answered.status not in not_the_guard.STATUSES:
        return None
    if facts.expected is not None and facts.expected.is_described:
        return None  # these very words are expected
    found = not_the_guard.WORDS.search(content_of(answered).visible_text[:_WORDS_OF_A_REFUSAL])
    if found is None:
        return None
    detail = f"got {answered.status} with '{found[0]}': a check before authentication, so the guard was not reached"
    return Judgement(verdict=Verdict.UNPROVEN, reason=Reason.NOT_THE_GUARD, detail=detail)


def _sign_in_broken(facts: Facts) -> Judgement | None:
    if not _refused(facts) or not facts.controls.sign_in_broken or facts.probe.families[:1] != (Family.COOKIE,):
        return None
    detail = "refused, but sign-in itself answers 5xx: a guard that is broken may look locked"
    return Judgement(verdict=Verdict.UNPROVEN, reason=Reason.SIGN_IN_BROKEN, detail=detail)


def _unknown_cookie(facts: Facts) -> Judgement | None:
    of_cookies = facts.probe.credential.family is Family.COOKIE
    if not _refused(facts) or not of_cookies or facts.controls.cookies_cleared is not False:
        return None
    detail = "the deployment clears none of the session cookies that were sent: name its own under 'cookies'"
    return Judgement(verdict=Verdict.SKIPPED, reason=Reason.UNKNOWN_COOKIE, detail=detail)


def _as_expected(facts: Facts) -> Judgement | None:
    if facts.expected is None:
        return None
    by = "" if facts.keeper == APPLICATION else f" from {facts.keeper}"
    detail = f"got {shown(facts.answered)}{by}, as expected"
    if _refused(facts) and facts.answered.status not in ABSENT and facts.like_not_found:
        declared = (
            ", by the declaration that it is the application's"
            if facts.controls.blanket_is_declared(facts.probe)
            else ""
        )
        detail += f"; unknown paths beside it get the same{declared}"
    return Judgement(
        verdict=Verdict.LOCKED, reason=Reason.AS_PROMISED, detail=detail, answered_by=facts.keeper
    )  # fmt: skip


EXPECTED = (
    Rule(
        "not-of-the-guard",
        "A check refused that stands before the guard: of CSRF, Origin, a limit, a country, an age.",
        _not_of_the_guard,
    ),
    Rule("route-may-be-gone", "The expected refusal is also what a path that does not exist gets.", _route_may_be_gone),
    Rule("no-control", "No path that does not exist was answered: the refusal may cover everything.", _no_control),
    Rule("not-read-whole", "A part could not be read of an answer that must not hold something.", _not_read_whole),
    Rule("sign-in-broken", "Sign-in itself fails, and a guard that is broken may look locked.", _sign_in_broken),
    Rule("unknown-cookie", "The deployment uses a session cookie of another name.", _unknown_cookie),
    Rule("as-expected", "The expected answer, from the application, and the controls stand.", _as_expected),
)
