"""What a procedure says when it was answered otherwise before it had seen enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Answered, Observed, ProcedureResult

if TYPE_CHECKING:
    from prober.model import Outcome


def ended_early(reply: Outcome, requests: int) -> Outcome:
    """Give what ended it: no answer, or an answer that does not belong to the series."""
    if not isinstance(reply, Answered):
        return reply
    detail = f"answered {reply.status} before enough was seen"
    return ProcedureResult(observed=Observed.TOO_FEW_REQUESTS, detail=detail, requests=requests)
