"""What a fleet came to. It starts from the inventory, so that nobody is forgotten; it alone decides the exit status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.fleet.tasks import FleetVerdict
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.fleet.tasks import Cause, Result

    Labels = tuple[tuple[str, str], ...]

NOT_BEGUN = "not begun"
LOST = "lost: it was begun, and its result never came"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGroup:
    """A cause, the deployments that have it, and the label that sets them apart (None where no label does)."""

    cause: Cause
    names: tuple[str, ...]
    apart: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownGroup:
    """A cause of no verdict, and the deployments that have it."""

    why: str
    names: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Tally:
    """The verdict of each deployment of an inventory; of what is locked no more than that is kept."""

    labels: Mapping[str, Labels]  # of each deployment, by its name
    at_least: int | None = None
    inventory: int | None = None  # how many deployments the whole fleet has, where this is a part
    results: dict[str, Result] = field(default_factory=dict)  # of those that are not locked
    locked: dict[str, int] = field(default_factory=dict)  # the requests that each took

    def record(self, result: Result) -> None:
        """Take a result in; one of a deployment that is not in the inventory is a bug."""
        if result.name not in self.labels:
            message = f"a result of '{result.name}', which is not in the inventory"
            raise ValueError(message)
        if result.verdict is FleetVerdict.LOCKED:
            self.results.pop(result.name, None)
            self.locked[result.name] = result.requests
        else:
            self.locked.pop(result.name, None)
            self.results[result.name] = result

    def verdict_of(self, name: str) -> FleetVerdict:
        """Give the verdict of a deployment; without a result there is none."""
        if name in self.locked:
            return FleetVerdict.LOCKED
        return self.results[name].verdict if name in self.results else FleetVerdict.NO_VERDICT

    def why(self, name: str) -> str:
        """Give the cause of no verdict."""
        return self.results[name].why if name in self.results else NOT_BEGUN

    @property
    def counts(self) -> dict[FleetVerdict, int]:
        """Count the deployments by their verdict; together they are the inventory."""
        counted = Counter(self.verdict_of(name) for name in self.labels)
        return {verdict: counted[verdict] for verdict in FleetVerdict}

    @property
    def requests(self) -> int:
        """Count the requests that were sent."""
        return sum(self.locked.values()) + sum(result.requests for result in self.results.values())

    @property
    def size(self) -> int:
        """Count the deployments of the whole fleet, of which this may be a part."""
        return len(self.labels) if self.inventory is None else self.inventory

    @property
    def is_too_small(self) -> bool:
        """Say whether the fleet has fewer deployments than it expects."""
        return self.at_least is not None and self.size < self.at_least

    @property
    def exit_status(self) -> ExitStatus:
        """Give 1 where any leaks or drifts; else 2 where any has no verdict, or too few are there; else 0."""
        counts = self.counts
        if counts[FleetVerdict.LEAK] or counts[FleetVerdict.DRIFT]:
            return ExitStatus.LEAK
        if counts[FleetVerdict.NO_VERDICT] or not counts[FleetVerdict.LOCKED] or self.is_too_small:
            return ExitStatus.NO_VERDICT
        return ExitStatus.LOCKED

    def causes(self) -> list[CauseGroup]:
        """Group the deployments that leak or drift by cause: leaks first, then the most frequent."""
        names: dict[Cause, list[str]] = {}
        for name in self.labels:
            for cause in self.results[name].causes if name in self.results else ():
                names.setdefault(cause, []).append(name)
        groups = [CauseGroup(cause=cause, names=tuple(n), apart=apart(self.labels, n)) for cause, n in names.items()]
        worst = list(FleetVerdict)
        return sorted(groups, key=lambda group: (worst.index(FleetVerdict(group.cause.verdict)), -len(group.names)))

    def unknown(self) -> list[UnknownGroup]:
        """Group the deployments without a verdict by cause, the most frequent first."""
        names: dict[str, list[str]] = {}
        for name in self.labels:
            if self.verdict_of(name) is FleetVerdict.NO_VERDICT:
                names.setdefault(self.why(name), []).append(name)
        groups = [UnknownGroup(why=why, names=tuple(n)) for why, n in names.items()]
        return sorted(groups, key=lambda group: -len(group.names))


def apart(labels: Mapping[str, Labels], names: Iterable[str]) -> str | None:
    """Name the label that all of these deployments have and the fewest others; None where every deployment has it."""
    affected = list(names)
    shared = set.intersection(*(set(labels[name]) for name in affected))
    everywhere = Counter(pair for pairs in labels.values() for pair in pairs)
    usual = {name for name, number in Counter(key for key, _ in everywhere).items() if number == len(labels)}
    candidates = sorted(
        (everywhere[pair], pair) for pair in shared
        if everywhere[pair] < len(labels) and not (pair[0] in usual and _is_unique(pair[0], everywhere))
    )  # fmt: skip
    if not candidates:
        return None
    number, (key, value) = candidates[0]
    return f"{key}={value}" if number == len(affected) else f"{key}={value} ({len(affected)} of {number})"


def _is_unique(key: str, everywhere: Counter[tuple[str, str]]) -> bool:
    """Say whether each deployment has its own value of a label: that sets nobody apart."""
    return all(count == 1 for pair, count in everywhere.items() if pair[0] == key)
