"""The only module that decides: a probe, its outcome and the controls in, one finding out. Pure.

The default is not locked. Locked is proven, by the promised answer from the application itself; every other way through
this module ends in a worse word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.judge.attribution import APPLICATION, GATEWAY, advice_on, attribute, is_throttle
from prober.judge.disclosure import disclosed
from prober.judge.matching import broken_fact, kept, target_of
from prober.judge.nextjs_flight import page_told
from prober.judge.redirects import is_same_path, is_sign_in, location_of, shown
from prober.judge.soft_refusal import redirects_inside, soft_refusal
from prober.judge.variant_diff import is_nothing_new
from prober.model import Answered, Family, Finding, Kind, ProcedureResult, Reason, Unanswered, Unsent, Verdict

if TYPE_CHECKING:
    from prober.judge.controls import Controls, ServiceControls
    from prober.model import Answer, Outcome, Probe

# Answers of the code behind the guard: it looked at the request, so the guard had let it through.
_HANDLER = frozenset({400, 405, 406, 409, 411, 413, 415, 422})
_ABSENT = frozenset({404, 410})
_NOT_THERE = frozenset({404, 405, 410})  # of whoever serves files: there is nothing behind it
# What a procedure may find out; all else is drift.
_LEARNT = {
    Reason.AS_PROMISED: Verdict.LOCKED, Reason.NOT_BOUND: Verdict.LEAK, Reason.PORT_OPEN: Verdict.LEAK,
    Reason.KEY_REFUSED: Verdict.UNPROVEN,
    Reason.STATELESS: Verdict.SKIPPED, Reason.TOO_FEW: Verdict.SKIPPED, Reason.NOT_ANNOUNCED: Verdict.SKIPPED,
}  # fmt: skip
_REFUSALS = frozenset({401, 403})
_SKIPS = frozenset(
    {Reason.OPENED_ALREADY, Reason.NOT_SENT, Reason.NO_BUILD_ID, Reason.NO_SIGN_IN_COOKIE, Reason.NOT_LIVE}
)
_OVERRULED = frozenset({GATEWAY, "a Basic-auth wall"})  # recognised by so little that a promise's own words outweigh it


def judge(probe: Probe, outcome: Outcome, controls: Controls) -> Finding:
    """Say what an outcome means. No network, no clock, no opinion about the exit status."""
    if isinstance(outcome, Unsent):
        verdict = Verdict.SKIPPED if outcome.reason in _SKIPS else Verdict.UNPROVEN
        return _finding(probe, outcome, verdict, outcome.reason, outcome.detail)
    if isinstance(outcome, Unanswered):
        detail = outcome.detail + (f" ({outcome.attempts} attempts)" if outcome.attempts > 1 else "")
        return _finding(probe, outcome, Verdict.UNREACHABLE, Reason(outcome.cause), detail)
    if isinstance(outcome, ProcedureResult):
        return _finding(probe, outcome, _LEARNT.get(outcome.reason, Verdict.DRIFT), outcome.reason, outcome.detail)
    return _judge_answer(probe, outcome, controls.services[probe.request.service])


def _judge_answer(probe: Probe, answered: Answered, controls: ServiceControls) -> Finding:
    promised = kept(probe.promise, answered, controls.service)
    who = _author(answered, promised)
    if is_throttle(answered) and promised is None:
        detail = f"answered 429 after {answered.attempts} attempts: throttled, so nothing was learnt (--rate)"
        return _finding(probe, answered, Verdict.UNPROVEN, Reason.THROTTLED, detail, by=None)
    odd = probe.variant is not None or probe.credential.odd
    if who not in {APPLICATION, GATEWAY} and odd and answered.refused:
        # A wall that takes offence at the spelling keeps the door as shut as the application would.
        return _finding(probe, answered, Verdict.LOCKED, Reason.OPENS_NOTHING, f"answered {shown(answered)}", by=who)
    if who != APPLICATION and probe.route.absent_is_locked and answered.status in _NOT_THERE:
        detail = f"answered {answered.status} by {who}: the route is not there at all, which is the best posture"
        return _finding(probe, answered, Verdict.LOCKED, Reason.AS_PROMISED, detail, by=who)
    if who != APPLICATION:
        reason = Reason.GATEWAY if who == GATEWAY else Reason.INTERMEDIARY
        by = "a gateway" if who == GATEWAY else who
        return _finding(
            probe, answered, Verdict.UNPROVEN, reason,
            f"answered {shown(answered)} by {by}, not by the application; {advice_on(who)}", by=who,
        )  # fmt: skip
    told = disclosed(probe, answered, controls.secrets) or _rendered(probe, answered)
    if told:
        detail = f"answered {answered.status} with {told} in its body"
        return _finding(probe, answered, Verdict.LEAK, Reason.DISCLOSED, detail)
    if _is_blanket_of_somebody(probe, answered, controls):
        detail = (
            f"answered {shown(answered)}, and so is a path that does not exist: by the application or by something in "
            "front of it, which cannot be told (declare 'blanket: application' if its middleware guards every path)"
        )
        return _finding(probe, answered, Verdict.UNPROVEN, Reason.BLANKET, detail, by=None)
    if probe.variant is not None or (probe.credential.query and answered.status in _ABSENT):
        return _judge_variant(
            probe, answered, promised, controls
        )  # a query makes another URL: not to be found opens nothing
    if promised is not None:
        return _judge_kept(probe, answered, promised, controls)
    return _judge_broken(probe, answered, controls)


def _rendered(probe: Probe, answered: Answered) -> str | None:
    """Say that a redirect, in the head or inside the page, brings the page along that it keeps strangers from."""
    if not probe.promise.refuses or not (answered.redirects or redirects_inside(answered)):
        return None
    return "the page itself, in its flight data," if page_told(answered) else None


def _author(answered: Answered, promised: Answer | None) -> str:
    """Name who answered; a promise kept by its body or its challenge outweighs a bare status."""
    who = attribute(answered)
    said = promised is not None and bool(promised.body or promised.json or promised.headers)
    return APPLICATION if who in _OVERRULED and said else who


def _judge_variant(
    probe: Probe, answered: Answered, promised: Answer | None, controls: ServiceControls
) -> Finding:  # fmt: skip
    """A variant is right when it opens nothing; where the application fails over it, nobody knows."""
    wanted = promised is not None or any(answer.allows(answered.status) for answer in probe.promise.answers)
    if answered.failed and not wanted:
        detail = f"answered {answered.status}, which neither opens nor refuses"
        return _finding(probe, answered, Verdict.SKIPPED, Reason.UNCOMPARED, detail)
    opened = opened_by(probe, answered, controls)
    if opened:
        return _finding(probe, answered, Verdict.LEAK, Reason.GRANTED, f"{opened}; the plain request must be refused")
    return _finding(probe, answered, Verdict.LOCKED, Reason.OPENS_NOTHING, f"answered {shown(answered)}")


def _judge_kept(probe: Probe, answered: Answered, promised: Answer, controls: ServiceControls) -> Finding:
    """The answer is the promised one: locked, if the controls stand."""
    detail = f"answered {shown(answered)}, as promised"
    if promised.refuses and controls.is_like_nowhere(probe, answered):
        if answered.status in _ABSENT and not probe.route.absent_is_locked:
            detail = f"refused with {answered.status} (as a path that does not exist), so the route may be gone"
            return _finding(probe, answered, Verdict.DRIFT, Reason.MISSING, detail)
        declared = ", by the declaration that it is the application's" if controls.blanket_is_application else ""
        detail += f"; so is every path beside it{declared}" if answered.status not in _ABSENT else ""
    if promised.refuses and not controls.nowhere:
        detail = "refused, but no path that does not exist was answered: it may be a blanket over everything"
        return _finding(probe, answered, Verdict.UNPROVEN, Reason.NO_CONTROL, detail)
    if promised.refuses and controls.sign_in_broken and probe.families[:1] == (Family.COOKIE,):
        detail = "refused, but sign-in itself answers 5xx: a guard that is broken may look locked"
        return _finding(probe, answered, Verdict.UNPROVEN, Reason.SIGN_IN_BROKEN, detail)
    if probe.credential.family is Family.COOKIE and promised.refuses and controls.cookies_cleared is False:
        detail = "the deployment clears none of the session cookies that were sent: name its own under 'cookies'"
        return _finding(probe, answered, Verdict.SKIPPED, Reason.UNKNOWN_COOKIE, detail)
    return _finding(probe, answered, Verdict.LOCKED, Reason.AS_PROMISED, detail)


def _is_blanket_of_somebody(probe: Probe, answered: Answered, controls: ServiceControls) -> bool:
    """A path that does not exist is refused, or sent away, in the same way, and nothing tells who does so."""
    refused = answered.redirects or answered.status in _REFUSALS
    if (
        probe.variant is not None
        or not refused
        or controls.blanket_is_application
        or not controls.is_like_nowhere(probe, answered)
    ):
        return False
    redirect = target_of(answered, controls.service, probe.request.target)
    to_sign_in = redirect is not None and redirect[1] and is_sign_in(redirect[0], probe, controls)
    known_page = to_sign_in and controls.sign_in_page is not None
    return not known_page and not controls.wrote(answered, probe.request.target)


def _judge_broken(probe: Probe, answered: Answered, controls: ServiceControls) -> Finding:
    """The answer is not the promised one: a leak where it opens the door, drift in every other way."""
    if not probe.promise.refuses:
        return _judge_open_route(probe, answered, controls)
    like_nowhere = controls.is_like_nowhere(probe, answered)
    if like_nowhere and probe.route.absent_is_locked and answered.status in _ABSENT:
        detail = f"answered {answered.status}: the route is not there at all, which is the best posture"
        return _finding(probe, answered, Verdict.LOCKED, Reason.AS_PROMISED, detail)
    opened = opened_by(probe, answered, controls)
    if opened:
        return _finding(probe, answered, Verdict.LEAK, Reason.GRANTED, f"{opened}, promised {probe.promise}")
    if answered.succeeded:
        soft = soft_refusal(probe, answered, controls)
        detail = f"answered {answered.status} with {soft}, promised {probe.promise}"
        return _finding(probe, answered, Verdict.DRIFT, Reason.SOFT_REFUSAL, detail)
    return _drift(probe, answered, _reason_of_drift(probe, answered, controls))


def _reason_of_drift(probe: Probe, answered: Answered, controls: ServiceControls) -> Reason:
    status = answered.status
    facts = [broken_fact(answer, answered, controls.service) for answer in probe.promise.answers]
    other = next((fact for fact in facts if fact not in (None, Reason.WRONG_STATUS)), None)
    if other is not None:
        return other
    if answered.failed:
        return Reason.BROKEN
    if controls.is_like_nowhere(probe, answered):
        return Reason.MISSING
    if status in _ABSENT:
        # Told from nowhere, and by a request that names an id: it is the id that the handler did not find.
        named = ":" in probe.route.path or bool(probe.route.payload.headers)
        looked_up = named or probe.request.content is not None
        return Reason.HANDLER_REACHED if looked_up and controls.beside(probe) is not None else Reason.MISSING
    if status in _HANDLER:
        return Reason.HANDLER_REACHED
    return Reason.WRONG_STATUS


def _judge_open_route(probe: Probe, answered: Answered, controls: ServiceControls) -> Finding:
    """A route that is open to this credential did not answer as promised; nothing can leak by that."""
    status = answered.status
    if probe.credential.kind is Kind.HELD:
        detail = f"answered {shown(answered)}: what must open this door does not, so that nobody knows if it has a key"
        return _finding(probe, answered, Verdict.UNPROVEN, Reason.KEY_REFUSED, detail)
    facts = [broken_fact(answer, answered, controls.service) for answer in probe.promise.answers]
    other = next((fact for fact in facts if fact not in (None, Reason.WRONG_STATUS)), None)
    if other is not None:
        return _drift(probe, answered, other)
    redirect = target_of(answered, controls.service, probe.request.target)
    if status in _REFUSALS or (redirect and is_sign_in(redirect[0], probe, controls)):
        return _drift(probe, answered, Reason.OVER_LOCKED)
    if status in _ABSENT:
        return _drift(probe, answered, Reason.MISSING)
    return _drift(probe, answered, Reason.BROKEN if answered.failed else Reason.WRONG_STATUS)


def opened_by(probe: Probe, answered: Answered, controls: ServiceControls) -> str | None:
    """Say how the answer opens the door, None when it does not."""
    if answered.succeeded:
        nothing = is_nothing_new if probe.variant else soft_refusal
        return None if nothing(probe, answered, controls) else f"answered {answered.status}"
    if answered.header("mcp-session-id") and answered.redirects:
        return f"answered {answered.status} with a session"
    redirect = target_of(answered, controls.service, probe.request.target)
    if redirect is None or controls.is_like_nowhere(probe, answered):
        return None
    url = redirect[0]
    if is_sign_in(url, probe, controls) or is_same_path(url, probe):
        return None
    if any(answer.location and answer.location.path == urlsplit(url).path for answer in probe.promise.answers):
        return None
    return f"answered {answered.status} to {location_of(answered)}, which is no sign-in"


def _drift(probe: Probe, answered: Answered, reason: Reason) -> Finding:
    if reason is Reason.MISSING:
        detail = f"refused with {answered.status}, promised {probe.promise} (as a path that does not exist)"
    else:
        detail = f"answered {shown(answered)}, promised {probe.promise}"
    return _finding(probe, answered, Verdict.DRIFT, reason, detail)


def _finding(
    probe: Probe, outcome: Outcome, verdict: Verdict, reason: Reason, detail: str, *, by: str | None = APPLICATION
) -> Finding:
    answered_by = by if isinstance(outcome, (Answered, ProcedureResult)) else None
    return Finding(
        probe=probe, outcome=outcome, verdict=verdict, reason=reason, detail=detail, answered_by=answered_by
    )  # fmt: skip
