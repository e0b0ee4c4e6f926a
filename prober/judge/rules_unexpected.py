"""The rules of an answer that is not the expected one: a leak where it opens the route, else drift. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.facts import ABSENT
from prober.judge.redirects import shown
from prober.judge.rules import Judgement, Rule
from prober.model import Kind, Reason, Verdict

if TYPE_CHECKING:
    from prober.judge.facts import Facts

# Answers of the code behind the guard: it looked at the request, so the guard had let it through.
_HANDLER = frozenset({400, 405, 406, 409, 411, 413, 415, 422})
_REFUSALS = frozenset({401, 403})


def _is_open_route(facts: Facts) -> bool:
    return not facts.probe.promise.refuses


# --- a route that is open to this credential: nothing can leak by its answer ------------------------------------------


def _key_refused(facts: Facts) -> Judgement | None:
    if not _is_open_route(facts) or facts.probe.credential.kind is not Kind.HELD:
        return None
    detail = (
        f"got {shown(facts.answered)}: the key that must open this route does not, so whether any key does is not known"
    )
    return Judgement(verdict=Verdict.UNPROVEN, reason=Reason.KEY_REFUSED, detail=detail)


def _over_locked(facts: Facts) -> Judgement | None:
    if not _is_open_route(facts):
        return None
    refused = facts.answered.status in _REFUSALS or facts.leads_to_sign_in
    return _drift(facts, Reason.OVER_LOCKED) if refused else None


def _open_route_missing(facts: Facts) -> Judgement | None:
    if not _is_open_route(facts) or facts.answered.status not in ABSENT:
        return None
    return _drift(facts, Reason.MISSING)


# --- a route that must refuse -----------------------------------------------------------------------------------------


def _absent_is_locked(facts: Facts) -> Judgement | None:
    status = facts.answered.status
    if _is_open_route(facts) or not facts.probe.route.absent_is_locked or status not in ABSENT:
        return None
    if not facts.like_not_found:
        return None
    detail = f"got {status}: the route does not exist, which is best"
    return Judgement(verdict=Verdict.LOCKED, reason=Reason.AS_PROMISED, detail=detail)


def _opened(facts: Facts) -> Judgement | None:
    if _is_open_route(facts) or facts.opened is None:
        return None
    detail = f"{facts.opened}, expected {facts.probe.promise}"
    return Judgement(verdict=Verdict.LEAK, reason=Reason.GRANTED, detail=detail)


def _soft_refusal(facts: Facts) -> Judgement | None:
    if _is_open_route(facts) or not facts.answered.succeeded:
        return None
    detail = f"got {facts.answered.status} with {facts.soft_refusal}, expected {facts.probe.promise}"
    return Judgement(verdict=Verdict.DRIFT, reason=Reason.SOFT_REFUSAL, detail=detail)


def _missing(facts: Facts) -> Judgement | None:
    if _is_open_route(facts) or not facts.like_not_found:
        return None
    return _drift(facts, Reason.MISSING)


def _not_found_by_handler(facts: Facts) -> Judgement | None:
    """A 404 that a path which does not exist does not get: of the id that the handler did not find, or of the route."""
    if facts.answered.status not in ABSENT:  # of a public route it has been decided before
        return None
    probe = facts.probe
    named = ":" in probe.route.path or bool(probe.route.payload.headers) or probe.request.content is not None
    compared = facts.controls.beside(probe) is not None
    return _drift(facts, Reason.HANDLER_REACHED if named and compared else Reason.MISSING)


def _handler_reached(facts: Facts) -> Judgement | None:
    if _is_open_route(facts) or facts.answered.status not in _HANDLER:
        return None
    return _drift(facts, Reason.HANDLER_REACHED)


# --- either -----------------------------------------------------------------------------------------------------------


def _otherwise_worded(facts: Facts) -> Judgement | None:
    return None if facts.broken_fact is None else _drift(facts, facts.broken_fact)


def _broken(facts: Facts) -> Judgement | None:
    return _drift(facts, Reason.BROKEN) if facts.answered.failed else None


def _wrong_status(facts: Facts) -> Judgement | None:
    return _drift(facts, Reason.WRONG_STATUS)


def _or(facts: Facts) -> str:
    """Name the other cause that a missing route with a parameter has, and what to write."""
    route = facts.probe.route
    untyped = ":" in route.path and not route.id_types and not route.payload.parameters
    return ", or takes other ids (for numbers write :id<int>)" if untyped else ""


def _drift(facts: Facts, reason: Reason) -> Judgement:
    if reason is Reason.MISSING:
        status, promise = facts.answered.status, facts.probe.promise
        detail = f"got {status}, the same as for an unknown path; expected {promise}: the route is missing{_or(facts)}"
    else:
        detail = f"got {shown(facts.answered)}, expected {facts.probe.promise}"
    return Judgement(verdict=Verdict.DRIFT, reason=reason, detail=detail)


UNEXPECTED = (
    Rule("key-refused", "A key that must open the route does not: it may have none.", _key_refused),
    Rule("absent-is-locked", "A route that is best removed (absent: locked) does not exist.", _absent_is_locked),
    Rule("opened", "A success, or a redirect that leads on, where a refusal is expected.", _opened),
    Rule("soft-refusal", "A success that refuses in other words: a sign-in page, an error.", _soft_refusal),
    Rule("otherwise-worded", "The expected status with another location, challenge or body.", _otherwise_worded),
    Rule("over-locked", "A route that is meant to be public refuses.", _over_locked),
    Rule("open-route-missing", "A route that is meant to be public does not exist.", _open_route_missing),
    Rule("broken", "The application fails (5xx).", _broken),
    Rule("missing", "The route answers as a path that does not exist.", _missing),
    Rule("not-found-by-handler", "A 404 of a handler that looked up an id, or of the route.", _not_found_by_handler),
    Rule("handler-reached", "A status by which handlers reject a request: the guard let it in.", _handler_reached),
    Rule("wrong-status", "Refused or failed, with another status than the expected one.", _wrong_status),
)
