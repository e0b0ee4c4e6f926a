"""The first rules: who answered, what no answer may hold, and a refusal that covers every path. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION, advice_on, is_throttle
from prober.judge.declared_lock import how_to_declare, keeper_of
from prober.judge.redirects import shown
from prober.judge.rules import Judgement, Rule
from prober.model import Reason, Verdict
from prober.model.intermediary_names import GATEWAY

if TYPE_CHECKING:
    from prober.judge.facts import Facts

_ELSEWHERE = re.compile(r" in (?:a header|a cookie|a URL|the header|the location)\b")
_NOT_THERE = frozenset({404, 405, 410})  # of whoever serves files: there is nothing behind it


def _throttled(facts: Facts) -> Judgement | None:
    if not is_throttle(facts.answered) or facts.expected is not None:
        return None
    detail = f"got 429 after {facts.answered.attempts} attempts: throttled, so nothing is known (use --rate)"
    return Judgement(verdict=Verdict.UNPROVEN, reason=Reason.THROTTLED, detail=detail, answered_by=None)


def _wall_refused_odd_request(facts: Facts) -> Judgement | None:
    """A wall that takes offence at the spelling keeps the route as shut as the application would."""
    if facts.author in {APPLICATION, GATEWAY} or not facts.is_odd or not facts.answered.refused:
        return None
    detail = f"got {shown(facts.answered)}"
    return Judgement(verdict=Verdict.LOCKED, reason=Reason.OPENS_NOTHING, detail=detail, answered_by=facts.author)


def _absent_by_other(facts: Facts) -> Judgement | None:
    status = facts.answered.status
    if facts.author == APPLICATION or not facts.probe.route.absent_is_locked or status not in _NOT_THERE:
        return None
    detail = f"got {status} from {facts.author}: the route does not exist, which is best"
    return Judgement(verdict=Verdict.LOCKED, reason=Reason.AS_PROMISED, detail=detail, answered_by=facts.author)


def _answered_by_other(facts: Facts) -> Judgement | None:
    who = facts.author
    if who == APPLICATION:
        return None
    reason = Reason.GATEWAY if who == GATEWAY else Reason.INTERMEDIARY
    by = "a gateway" if who == GATEWAY else who
    keeper = keeper_of(facts.expected, facts.controls.service)
    wanted = f"{keeper} or the application" if keeper and keeper != who else "the application"
    declare = how_to_declare(facts.answered) if facts.probe.promise.refuses and not keeper else None
    advice = "; ".join(filter(None, (advice_on(who), declare)))
    detail = f"got {shown(facts.answered)} from {by}, not from {wanted}; {advice}"
    return Judgement(verdict=Verdict.UNPROVEN, reason=reason, detail=detail, answered_by=who)


def _placed(what: str) -> str:
    """Say where it stands: in the body, where it names no other place."""
    return what if _ELSEWHERE.search(what) else f"{what} in the body"


def _disclosed(facts: Facts) -> Judgement | None:
    if facts.disclosure is None:
        return None
    detail = f"got {facts.answered.status} with {_placed(facts.disclosure)}"
    return Judgement(verdict=Verdict.LEAK, reason=Reason.DISCLOSED, detail=detail)


def _carried(facts: Facts) -> Judgement | None:
    if facts.carried is None:
        return None
    detail = f"got {shown(facts.answered)} with {_placed(facts.carried)}"
    return Judgement(verdict=Verdict.LEAK, reason=Reason.DISCLOSED, detail=detail)


def _page_in_redirect(facts: Facts) -> Judgement | None:
    if not facts.page_in_redirect:
        return None
    detail = f"got {facts.answered.status} with the page itself, in its flight data, in the body"
    return Judgement(verdict=Verdict.LEAK, reason=Reason.DISCLOSED, detail=detail)


def _excused_by_a_part(facts: Facts) -> Judgement | None:
    """What stands in the rest of a success may be the very thing that must not be given to anybody."""
    answered = facts.answered
    if not (answered.succeeded and facts.probe.promise.refuses) or answered.unread is None or facts.opened is not None:
        return None
    if facts.expected is not None or "event-stream" in (answered.header("content-type") or ""):
        return None
    detail = f"got {answered.status}, which resembles a known page, but was not read whole: {answered.unread}"
    return Judgement(verdict=Verdict.UNPROVEN, reason=Reason.UNREAD, detail=detail)


def _blanket_of_unknown_author(facts: Facts) -> Judgement | None:
    if not facts.blanket_of_unknown_author:
        return None
    detail = (
        f"got {shown(facts.answered)}, the same as for an unknown path: whether the application or something in front "
        "of it refuses is not known (declare 'blanket: application' if its middleware guards every path, or "
        "'behind: gateway' at the service if a gateway in front does)"
    )
    return Judgement(verdict=Verdict.UNPROVEN, reason=Reason.BLANKET, detail=detail, answered_by=None)


ANSWERED_BY = (
    Rule("throttled", "A 429 that the profile does not expect says nothing about the route.", _throttled),
    Rule(
        "wall-refused-odd-request",
        "An intermediary refused an unusual spelling or credential: it reached nothing.",
        _wall_refused_odd_request,
    ),
    Rule(
        "absent-by-other",
        "A server in front says that a route does not exist which is best removed (absent: locked).",
        _absent_by_other,
    ),
    Rule(
        "answered-by-other",
        "A gateway or an intermediary answered in the application's place: the route was not seen.",
        _answered_by_other,
    ),
    Rule("disclosed", "The answer holds what no unauthenticated client may read, whatever its status.", _disclosed),
    Rule("refusal-carries-data", "A refusal holds records, a page or fields that no other refusal has.", _carried),
    Rule(
        "page-in-redirect",
        "A redirect carries the page that it keeps clients from (Next.js flight data).",
        _page_in_redirect,
    ),
    Rule(
        "excused-by-a-part",
        "A success resembles a page that opens nothing, as far as it was read.",
        _excused_by_a_part,
    ),
    Rule(
        "blanket-of-unknown-author",
        "A path that does not exist is refused in the same way, and nothing shows that the application does it.",
        _blanket_of_unknown_author,
    ),
)
