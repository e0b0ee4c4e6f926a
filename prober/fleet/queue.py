"""The order in which deployments are probed: one at a time for each host key, with the pace kept between them. Pure."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.fleet.inventory import Member

    Keys = frozenset[str]

SLOWEST = 1.0  # requests a second that a deployment gets at least: with fewer at a time rather than with a slower pace


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedDeployment:
    """A deployment whose turn it is, with its host keys and its pace in requests a second."""

    member: Member
    keys: Keys
    rate: float | None


class HostQueue:
    """Deployments that wait for their turn, by their host keys."""

    def __init__(self, *, at_once: int, total_rate: float | None = None, jitter: random.Random | None = None) -> None:
        """Start empty; `total_rate` is requests a second of all deployments together."""
        self._at_once = at_once if total_rate is None else max(1, min(at_once, int(total_rate / SLOWEST)))
        self._total_rate = total_rate
        self._jitter = jitter or random.Random()  # noqa: S311 - a pace, and no secret
        self._waiting: dict[Keys, deque[tuple[Member, float | None]]] = {}
        self._busy: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._gaps: dict[str, float] = {}  # by host key: what the limits of its deployments have taught
        self._given: dict[str, float] = {}  # by deployment: its part of the total rate
        self._running = 0
        self._count = 0

    def __len__(self) -> int:
        """Count the deployments that wait."""
        return self._count

    def add(self, member: Member, keys: Keys, *, rate: float | None) -> None:
        """Let a deployment wait; `rate` is what its hosts allow."""
        self._waiting.setdefault(keys, deque()).append((member, rate))
        self._count += 1

    def take(self, now: float) -> QueuedDeployment | None:
        """Give the next deployment whose hosts are free; None where there is none now."""
        if self._running >= self._at_once:
            return None
        keys = next((keys for keys in self._waiting if self._is_free(keys, now)), None)
        if keys is None:
            return None
        member, rate = self._waiting[keys].popleft()
        others = self._waiting.pop(keys)
        if others:
            self._waiting[keys] = others  # to the end: other hosts come first
        rates = [rate, *(1 / self._gaps[key] for key in keys if self._gaps.get(key)), self._part_of_total(member)]
        self._count -= 1
        self._running += 1
        self._busy |= keys
        return QueuedDeployment(
            member=member, keys=keys, rate=min((one for one in rates if one is not None), default=None)
        )

    def release(self, turn: QueuedDeployment, now: float, *, gap: float = 0.0, pause: float = 0.0) -> None:
        """Let the next one at these hosts begin when the pace allows it, a random bit later.

        `gap` and `pause` are what the deployment's limits have taught, in seconds.
        """
        self._running -= 1
        self._given.pop(turn.member.name, None)
        self._busy -= turn.keys
        between = max(1 / turn.rate if turn.rate else 0.0, gap)
        for key in turn.keys:
            self._gaps[key] = gap
            self._not_before[key] = now + max(pause, between * (1 + self._jitter.random()))

    def next_wake(self, now: float) -> float | None:
        """Give the seconds until a host's pace allows another deployment; None where none waits for that."""
        times = [self._not_before.get(key, 0.0) for keys in self._waiting for key in keys]
        return min((at - now for at in times if at > now), default=None)

    def _is_free(self, keys: Keys, now: float) -> bool:
        return not (keys & self._busy) and all(self._not_before.get(key, 0.0) <= now for key in keys)

    def _part_of_total(self, member: Member) -> float | None:
        """Give a deployment its part of what is left, so that all of them together stay within the total."""
        if self._total_rate is None:
            return None
        places = min(self._at_once - self._running, self._count)
        part = (self._total_rate - sum(self._given.values())) / max(places, 1)
        self._given[member.name] = part
        return part
