"""The values of the alert state: what one run found, the confirmed state of a finding, and its changes. Frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import Verdict

if TYPE_CHECKING:
    from prober.model import Change

BAD = frozenset(verdict for verdict in Verdict if verdict.is_bad)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinding:
    """What one run found of one finding."""

    id: str
    verdict: Verdict
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a run looked, and at which release; `before` is the release that the runs before it saw last."""

    run: str
    at: str
    release: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What the last runs in a row have found, not yet often enough to be confirmed."""

    verdict: Verdict
    reason: str
    detail: str
    since: Moment
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingState:
    """The confirmed state of one finding; a verdict of None says that nothing is confirmed yet."""

    id: str
    verdict: Verdict | None
    reason: str
    detail: str
    since: Moment
    seen_at: str  # by the last run that found it so
    alerted_at: str | None = None  # when an alert last named it
    pending: Pending | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it is bad news."""
        return self.verdict in BAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of a confirmed state, dated by the first run that found it so."""

    id: str
    change: Change
    before: Verdict | None
    after: Verdict | None
    reason: str
    detail: str
    at: Moment
    since: str | None = None  # when what is over now had begun
    of_open_route: bool = False  # another probe had found the same route open before

    @property
    def is_news(self) -> bool:
        """Say whether it needs an alert: what was bad, or is; not once more that the same route is open."""
        return bool({self.before, self.after} & BAD) and not self.of_open_route


@dataclass(frozen=True, slots=True, kw_only=True)
class StateUpdate:
    """What one run changes."""

    states: tuple[FindingState, ...]  # those that changed, to be stored
    gone: tuple[str, ...]
    transitions: tuple[Transition, ...]
