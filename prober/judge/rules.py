"""What a rule of the judge is: a name, a sentence, and a function from the facts of an answer to a judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.facts import Facts
    from prober.model import Reason, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an answer means: a verdict, the reason in one word and in a sentence, and who gave the answer."""

    verdict: Verdict
    reason: Reason
    detail: str
    answered_by: str | None = APPLICATION


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. `judge` gives None where the rule does not apply."""

    name: str  # stable: reports carry it
    about: str  # one sentence, which `prober explain` shows
    judge: Callable[[Facts], Judgement | None]
