"""What it means that a procedure has seen something: an observation in, a judgement out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.rules import Judgement
from prober.model import Observed, Reason, Verdict

if TYPE_CHECKING:
    from prober.model import ProcedureResult

MEANINGS: dict[Observed, tuple[Verdict, Reason]] = {
    Observed.DISTINGUISHABLE: (Verdict.DRIFT, Reason.TELLABLE),
    Observed.INDISTINGUISHABLE: (Verdict.LOCKED, Reason.AS_PROMISED),
    Observed.SESSION_USED_BY_ANOTHER: (Verdict.LEAK, Reason.NOT_BOUND),
    Observed.SESSION_BOUND: (Verdict.LOCKED, Reason.AS_PROMISED),
    Observed.NO_SESSION: (Verdict.SKIPPED, Reason.STATELESS),
    Observed.KEY_REFUSED: (Verdict.UNPROVEN, Reason.KEY_REFUSED),
    Observed.METADATA_VERIFIED: (Verdict.LOCKED, Reason.AS_PROMISED),
    Observed.METADATA_WRONG: (Verdict.DRIFT, Reason.WRONG_METADATA),
    Observed.NO_CHALLENGE: (Verdict.SKIPPED, Reason.NOT_ANNOUNCED),
    Observed.LIMITED: (Verdict.LOCKED, Reason.AS_PROMISED),
    Observed.UNLIMITED: (Verdict.DRIFT, Reason.UNLIMITED),
    Observed.LIMIT_EVADED: (Verdict.DRIFT, Reason.LIMIT_EVADED),
    Observed.PORT_OPEN: (Verdict.LEAK, Reason.PORT_OPEN),
    Observed.PORT_CLOSED: (Verdict.LOCKED, Reason.AS_PROMISED),
    Observed.TOO_FEW_REQUESTS: (Verdict.SKIPPED, Reason.TOO_FEW),
}


def judge_procedure(result: ProcedureResult) -> Judgement:
    """Say what a procedure's observation means."""
    verdict, reason = MEANINGS[result.observed]
    return Judgement(verdict=verdict, reason=reason, detail=result.detail)
