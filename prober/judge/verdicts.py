"""The only module that decides: a probe, its outcome and the controls in, one finding out. Pure.

An answer is judged by the first rule of an ordered table that applies to its facts. The default is not locked: locked
is proven by the expected answer from the application itself, and the last rule is a drift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION
from prober.judge.facts import Facts
from prober.judge.procedure_verdicts import judge_procedure
from prober.judge.rules import Judgement, Rule
from prober.judge.rules_answered_by import ANSWERED_BY
from prober.judge.rules_expected import EXPECTED
from prober.judge.rules_unexpected import UNEXPECTED
from prober.judge.rules_variant import VARIANT
from prober.model import Answered, Finding, Kind, ProcedureResult, Reason, Unanswered, Unsent, Verdict

if TYPE_CHECKING:
    from prober.judge.controls import Controls, ServiceControls
    from prober.model import Outcome, Probe

RULES: tuple[Rule, ...] = (*ANSWERED_BY, *VARIANT, *EXPECTED, *UNEXPECTED)

_UNAVAILABLE = 503

_SKIPS = frozenset({
    Reason.OPENED_ALREADY, Reason.NOT_SERVED, Reason.NOT_SENT, Reason.NO_BUILD_ID, Reason.NO_SIGN_IN_COOKIE,
    Reason.NOT_LIVE,
})  # fmt: skip


def judge(probe: Probe, outcome: Outcome, controls: Controls) -> Finding:
    """Say what an outcome means. No network, no clock, no opinion about the exit status."""
    match outcome:
        case Unsent():
            verdict = Verdict.SKIPPED if outcome.reason in _SKIPS else Verdict.UNPROVEN
            judgement = Judgement(verdict=verdict, reason=outcome.reason, detail=outcome.detail, answered_by=None)
            return _finding(probe, outcome, judgement, rule="not-sent")
        case Unanswered():
            detail = outcome.detail + (f" ({outcome.attempts} attempts)" if outcome.attempts > 1 else "")
            reason = Reason(outcome.cause)
            judgement = Judgement(verdict=Verdict.UNREACHABLE, reason=reason, detail=detail, answered_by=None)
            return _finding(probe, outcome, judgement, rule="unanswered")
        case ProcedureResult():
            return _finding(probe, outcome, judge_procedure(outcome), rule=f"observed-{outcome.observed}")
        case Answered():
            return _by_the_table(Facts(probe, outcome, controls.services[probe.request.service]))


def ends_chain(probe: Probe, outcome: Outcome, controls: ServiceControls) -> bool:
    """Say whether nothing more may be sent to a route that may act: by the same table, from what is known so far.

    Also where somebody else gave the answer: what opened may have been passed on to the application. A success that is
    not the expected answer ends the chain whatever it resembles: a page that every path gets may have acted all the
    same. So does a failure where no credential was presented: a handler may have acted before it; a 503 of somebody in
    front never came to one. Of a variant, which may lead to another path, only what opens does.
    """
    if not isinstance(outcome, Answered) or not probe.promise.refuses:
        return False
    facts = Facts(probe, outcome, controls)
    if outcome.succeeded and facts.expected is None and probe.variant is None and probe.request.method != "OPTIONS":
        return True
    is_plain = probe.variant is None and probe.credential.kind is Kind.ANONYMOUS  # a guard may fail over a token
    never_came = outcome.status == _UNAVAILABLE and facts.author != APPLICATION
    if is_plain and outcome.failed and not never_came and facts.expected is None:
        return True
    return _by_the_table(facts).verdict is Verdict.LEAK or facts.opened is not None


def _by_the_table(facts: Facts) -> Finding:
    for rule in RULES:
        judgement = rule.judge(facts)
        if judgement is not None:
            return _finding(facts.probe, facts.answered, judgement, rule=rule.name)
    raise AssertionError(facts.probe.id)  # the last rule applies to every answer


def _finding(probe: Probe, outcome: Outcome, judgement: Judgement, *, rule: str) -> Finding:
    return Finding(
        probe=probe, outcome=outcome, verdict=judgement.verdict, reason=judgement.reason, detail=judgement.detail,
        rule=rule, answered_by=judgement.answered_by,
    )  # fmt: skip
