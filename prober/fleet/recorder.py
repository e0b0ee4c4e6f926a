"""Keeps a watch of a fleet: its states, in memory and in the canary's history, and the alerts that follow from them.

One transaction writes the states that changed, the alerts, and when they were made. So whatever ends the process,
the next start finds in the history what no alert has named yet, and alerts then.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.canary.crash_location import crash_location
from prober.canary.finding_state import Moment, StateUpdate
from prober.canary.history_rows import CompletedRun
from prober.canary.sql import LAST_RUNS
from prober.canary.times import lasted, seconds_of, stamp
from prober.fleet.alerts import LONGEST_WAIT, after_alert, due_groups, message
from prober.fleet.deployment_states import DeploymentStates, cause_of, name_of
from prober.model import Verdict
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.canary.delivery import Delivery
    from prober.canary.finding_state import FindingState, Transition
    from prober.canary.history import History
    from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
    from prober.fleet.alerts import FleetMessageRecord, Group
    from prober.fleet.deployment_states import Change
    from prober.fleet.tally import Labels
    from prober.fleet.tasks import Result

QUIET = 60.0  # seconds after which looks without a change are written down
TOGETHER = 1.0  # seconds in which changes are collected, so that those of one moment are one message
PAUSE = 5.0  # seconds until a history that could not be written is tried again
TO_END = 1.0  # seconds that the end waits for the history


class FleetRecorder:
    """The states of a fleet's deployments and their history; one message a cause, however many have it."""

    def __init__(
        self, store: HistoryThread, delivery: Delivery, clock: WatchClock, schedule: Schedule, *, fleet: str,
        run: str, labels: Mapping[str, Labels], log: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Write nothing yet."""
        self._store, self._delivery, self._clock, self._schedule = store, delivery, clock, schedule
        self._fleet, self._run, self._labels, self._log = fleet, run, labels, log
        self._states = DeploymentStates(confirm=schedule.confirm)
        self._alerted: dict[str, float] = {}  # by cause: when an alert last named it
        self._dirty: dict[str, FindingState | None] = {}
        self._transitions: list[Transition] = []
        self._looks: Counter[str] = Counter()
        self._requests = self._number = 0
        self._written = clock.now()
        self._changed = asyncio.Event()
        self.missed = 0

    async def open(self) -> None:
        """Read what the history knows, and note for how long nobody looked."""
        states, last = await self._store.ask(_known)
        self._states = DeploymentStates(states, confirm=self._schedule.confirm)
        for state in states:
            if state.alerted_at is None and name_of(state.id) not in self._labels:
                self._dirty[state.id] = None  # of a deployment that has left the fleet, and that no alert named
                self._states.put((), [state.id])
            if state.alerted_at is not None:
                cause = cause_of(state.id)
                self._alerted[cause] = max(self._alerted.get(cause, 0.0), seconds_of(state.alerted_at))
        now = self._clock.wall()
        await self._write_event("started", f"the watch of fleet '{self._fleet}' began")
        if last is not None and now - seconds_of(last) > 2 * self._schedule.every:
            what = f"not monitored for {lasted(now - seconds_of(last))}, since {last}"
            self._log(what)
            await self._write_event("missed", what, number=int((now - seconds_of(last)) // self._schedule.every))

    def take(self, result: Result) -> Change | None:
        """Take a result in; the change of the deployment's verdict that it makes sure, if it does."""
        at = stamp(self._clock.wall())
        step = self._states.record(result, Moment(run=result.run or "none", at=at))
        self._looks[result.verdict] += 1
        self._requests += result.requests
        self._dirty |= {state.id: state for state in step.kept} | dict.fromkeys(step.gone)
        self._transitions += [transition for transition in step.transitions if transition.is_news]
        if step.kept or step.gone:
            self._changed.set()
        return step.change

    def is_unsure(self, name: str) -> bool:
        """Say whether a deployment waits for a second look."""
        return self._states.is_unsure(name)

    async def forever(self) -> None:
        """Write what changes, soon; and what does not, once a minute."""
        quiet = min(QUIET, self._schedule.every)
        while True:
            try:
                async with asyncio.timeout(quiet):
                    await self._changed.wait()
                await self._clock.sleep(min(TOGETHER, self._schedule.every / 10))
            except TimeoutError:
                pass
            self._changed.clear()
            if not await self.write():
                self._changed.set()
                await self._clock.sleep(PAUSE)

    async def write(self) -> bool:
        """Write down what has changed, with the alerts that are due; False where the history would not take it."""
        now, at = self._clock.wall(), stamp(self._clock.wall())
        groups = due_groups(
            self._states, now=now, last_alert=self._alerted, wait=min(self._schedule.every, LONGEST_WAIT),
            remind=self._schedule.remind, inventory=frozenset(self._labels),
        )  # fmt: skip
        if not groups and not self._dirty and not self._looks:
            return True
        self._number += 1
        ran = CompletedRun(
            id=f"{self._run} {at} {self._number}", started_at=at, ended_at=at, state="finished",
            sentence=self._summary(), requests=self._requests,
        )  # fmt: skip
        alerted = {
            state.id: (state, after_alert(state, group.change, at)) for group in groups for state in group.states
        }
        dirty = dict(self._dirty)
        states = dirty | {name: after for name, (_, after) in alerted.items()}
        update = StateUpdate(
            states=tuple(state for state in states.values() if state is not None),
            gone=tuple(name for name, state in states.items() if state is None), transitions=tuple(self._transitions),
        )  # fmt: skip
        looks, requests = self._looks.copy(), self._requests
        alerts = {key: self._message(groups, at, receiver=key, run=ran.id) for key in self._delivery.keys if groups}

        def add(history: History) -> None:
            history.add(ran, update, alerts, due=now)
            history.sweep(now=now, keep=self._schedule.keep)

        try:
            await self._store.ask(add)
        except Exception as error:  # noqa: BLE001 - a full disk, a server that is away: it is tried again
            self._log(f"the history cannot be written: {str(error).partition(chr(10))[0] or type(error).__name__}")
            return False
        # What came while it was written stays to be written.
        self._dirty = {name: s for name, s in self._dirty.items() if name not in dirty or dirty[name] is not s}
        self._transitions = self._transitions[len(update.transitions) :]
        self._looks -= looks
        self._requests -= requests
        self._mark(alerted)
        if groups:
            self._alerted |= dict.fromkeys({group.cause for group in groups}, now)
            self._log(self._message(groups, at, receiver="", run="")["title"])
            self._delivery.wake()
        return True

    def _message(self, groups: tuple[Group, ...], at: str, *, receiver: str, run: str) -> FleetMessageRecord:
        return message(
            groups, fleet=self._fleet, at=at, counts=self.counts, labels=self._labels, receiver=receiver, run=run
        )  # fmt: skip

    def _mark(self, alerted: Mapping[str, tuple[FindingState, FindingState | None]]) -> None:
        """Note that an alert named these states; one that has changed in the meantime is to be written again."""
        now = {state.id: state for state in self._states}
        for name, (before, after) in alerted.items():
            current = now.get(name)
            if current is before:
                self._states.put([after] if after is not None else [], [] if after is not None else [name])
            elif current is not None or after is not None:
                # Where it is over already, the next alert says so.
                changed = current or replace(before, verdict=Verdict.LOCKED, pending=None)
                self._dirty[name] = replace(changed, alerted_at=None if after is None else after.alerted_at)
                self._states.put([replace(changed, alerted_at=None if after is None else after.alerted_at)])

    @property
    def counts(self) -> dict[str, int]:
        """Count the deployments by their confirmed verdict."""
        bad = Counter(str(self._states.verdict_of(name)) for name in self._states.names if name in self._labels)
        return {**bad, "locked": len(self._labels) - sum(bad.values()) + bad["locked"]}

    async def end(self) -> None:
        """Write the rest, and close the history."""
        try:
            await asyncio.wait_for(self.write(), TO_END)
            await asyncio.wait_for(self._write_event("stopped", "the watch ended"), TO_END)
        except TimeoutError:
            self._log("the history did not answer in time at the end")
        await self._store.close(within=TO_END)

    async def _write_event(self, kind: str, what: str, *, number: int = 1) -> None:
        try:
            await self._store.ask(
                lambda history: history.add_event(kind, what, at=stamp(self._clock.wall()), count=number)
            )
        except Exception as error:  # noqa: BLE001 - the watch goes on without its history
            self._log(f"the history cannot be written: {crash_location(error)}")

    def _summary(self) -> str:
        parts = ", ".join(f"{number:,} {verdict}" for verdict, number in sorted(self._looks.items()) if number)
        return f"{count(self._looks.total(), 'deployment')} probed{f': {parts}' if parts else ''}"


def _known(history: History) -> tuple[list[FindingState], str | None]:
    last = history.rows(LAST_RUNS, most=1)
    return list(history.states().values()), None if not last else str(last[0][2])
