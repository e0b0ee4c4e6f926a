"""The rules of variants: the same request spelled otherwise is right when it opens nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.redirects import shown
from prober.judge.rules import Judgement, Rule
from prober.model import Reason, Verdict

if TYPE_CHECKING:
    from prober.judge.facts import Facts

# What those say who look for the thing itself: a guard does not.
_BEHIND = frozenset({400, 404, 405, 410, 422})


def _variant_failed(facts: Facts) -> Judgement | None:
    """Where the application fails over it, nobody knows."""
    answered, promise = facts.answered, facts.probe.promise
    if not facts.is_variant or not answered.failed:
        return None
    if any(answer.allows(answered.status) for answer in promise.answers):
        return None
    detail = f"got {answered.status}, which neither opens nor refuses"
    return Judgement(verdict=Verdict.SKIPPED, reason=Reason.UNCOMPARED, detail=detail)


def _variant_opened(facts: Facts) -> Judgement | None:
    if not facts.is_variant or facts.opened is None:
        return None
    detail = f"{facts.opened}; the unmodified request must be refused"
    return Judgement(verdict=Verdict.LEAK, reason=Reason.GRANTED, detail=detail)


def _variant_without_comparison(facts: Facts) -> Judgement | None:
    if not facts.without_comparison:
        return None
    detail = (
        f"got {facts.answered.status} without a body, as an unknown path or a refusal does: there is nothing to compare"
    )
    return Judgement(verdict=Verdict.SKIPPED, reason=Reason.UNCOMPARED, detail=detail)


def _variant_of_id_unguarded(facts: Facts) -> Judgement | None:
    """The guard of a route must refuse every id in the same way; another answer comes from behind it."""
    variant, status = facts.probe.variant, facts.answered.status
    if variant is None or not variant.other_id or facts.expected is not None or status not in _BEHIND:
        return None
    detail = f"got {status} for the name of a file, expected {facts.probe.promise}: no guard stands before such a name"
    return Judgement(verdict=Verdict.DRIFT, reason=Reason.HANDLER_REACHED, detail=detail)


def _variant_opened_nothing(facts: Facts) -> Judgement | None:
    if not facts.is_variant:
        return None
    return Judgement(
        verdict=Verdict.LOCKED, reason=Reason.OPENS_NOTHING, detail=f"got {shown(facts.answered)}"
    )  # fmt: skip


VARIANT = (
    Rule("variant-failed", "The application failed over the variant: there is nothing to compare.", _variant_failed),
    Rule("variant-opened", "The variant got in where the plain request must be refused.", _variant_opened),
    Rule(
        "variant-without-comparison",
        "A success without a body, as an unknown path or a refusal gets: it may be the route's own, or not.",
        _variant_without_comparison,
    ),
    Rule(
        "variant-of-id-unguarded",
        "Another id of the route is not refused as the plain one: its guard does not see it.",
        _variant_of_id_unguarded,
    ),
    Rule(
        "variant-opened-nothing",
        "The variant was refused, not found or sent to the plain path.",
        _variant_opened_nothing,
    ),
)
