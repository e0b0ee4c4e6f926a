"""Records each run: what it changes, which alerts follow, all in one transaction of the history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.canary.alert_state import CRASHED, reminders, step
from prober.canary.finding_state import Moment, RunFinding, StateUpdate
from prober.canary.grouping import worst_first
from prober.canary.history_rows import CompletedRun
from prober.canary.messages import AlertContent, message
from prober.canary.snapshot import Snapshot, name_of
from prober.canary.sql import LAST_RUNS, LEAKS_SINCE
from prober.canary.times import seconds_of, stamp
from prober.model import Change, Verdict
from prober.model.finding_ids import route_of_id
from prober.report.grouping import weight_rank
from prober.report.summary import headline, last_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.canary.finding_state import FindingState
    from prober.canary.history import History
    from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
    from prober.report.shape import Record

FLAPS_FOR = 6 * 3_600.0  # seconds in which a route that opens again counts as flapping
PAUSES = (1.0, 5.0)  # seconds between the attempts to write a run down


class Recorder:
    """The confirmed states, in memory as in the history: they change here once they have changed there."""

    def __init__(
        self, store: HistoryThread, clock: WatchClock, schedule: Schedule, *, receivers: Iterable[str], place: str,
        log: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Start with no findings."""
        self._store, self._clock, self._schedule, self._log = store, clock, schedule, log
        self._receivers, self._place = tuple(receivers), place
        self._states: dict[str, FindingState] = {}
        self._release: str | None = None
        self._record: Record | None = None
        self._finished = self._crashed = 0
        self._last_locked: float | None = None
        self._last_finished: float | None = None
        self.last_end: float | None = None
        self._closed: dict[str, str] = {}  # when each route was locked again last
        self.newest: str | None = None  # the latest end of a run, whatever the clock says since

    async def open(self) -> None:
        """Read what the history knows."""
        self._states, self._release, last, self.newest = await self._store.ask(_known)
        since = stamp(self._clock.wall() - FLAPS_FOR)
        self._closed = await self._store.ask(lambda history: _closed_since(history, since))
        self.last_end = None if last is None else seconds_of(last)

    def now(self, *, started: float, next_run: float | None, missed: int) -> Snapshot:
        """Return what is known at this moment."""
        return Snapshot(
            at=self._clock.wall(), started=started, next_run=next_run, record=self._record,
            states=dict(self._states), last_finished=self._last_finished, last_locked=self._last_locked,
            finished=self._finished, crashed=self._crashed, missed=missed,
        )  # fmt: skip

    async def interrupted(self, run: str, at: str, sentence: str, requests: int) -> None:
        """Store a run that was interrupted; it says nothing about any route."""
        ran = CompletedRun(
            id=f"{run} {at}",
            started_at=at,
            ended_at=self._stamp(),
            state="interrupted",
            sentence=sentence,
            requests=requests,
        )
        await self._store.ask(
            lambda history: history.add(ran, StateUpdate(states=(), gone=(), transitions=()), {}, due=0)
        )

    async def crashed(self, run: str, at: str, where: str) -> None:
        """Store a run that ended in a bug of ours, as a finding of its own that leads to an alert if it lasts."""
        self._crashed += 1
        seen = RunFinding(id=CRASHED, verdict=Verdict.UNPROVEN, reason="crashed", detail=f"it ended with {where}")
        ran = CompletedRun(
            id=f"{run} {at}", started_at=at, ended_at=self._stamp(), state="crashed", sentence=f"crashed: {where}"
        )
        moment = Moment(run=ran.id, at=at, before=self._release)
        await self._keep(ran, moment, step(self._states, [seen], moment, confirm=self._schedule.confirm, whole=False))

    async def finished(self, record: Record) -> bool:
        """Store a run that finished; return False if the history could not be written."""
        at = record["started_at"]
        ran = CompletedRun(
            id=name_of(record), started_at=at, ended_at=self._stamp(), state="finished", sentence=last_line(record),
            requests=record["requests"], record=record,
        )  # fmt: skip
        moment = Moment(run=ran.id, at=at, release=record["release"], before=self._release)
        seen = seen_in(record)
        if CRASHED in self._states:
            seen.append(RunFinding(id=CRASHED, verdict=Verdict.LOCKED, reason="as-promised", detail=""))
        is_stored = await self._keep(
            ran,
            moment,
            step(self._states, seen, moment, confirm=self._schedule.confirm, recently_closed=self._recently_closed()),
        )
        if is_stored:
            self._record = record
            self._release = record["release"] or self._release
            self._finished += 1
            self._last_finished = self._clock.wall()
            self._last_locked = self._last_finished if record["verdict"] == Verdict.LOCKED else self._last_locked
        return is_stored

    async def _keep(self, ran: CompletedRun, moment: Moment, found: StateUpdate) -> bool:
        """Write it, and try a few times; what cannot be written did not happen: the next run will see it."""
        after = {name: s for name, s in self._states.items() if name not in found.gone}
        after |= {state.id: state for state in found.states}
        transitions = tuple(transition for transition in found.transitions if transition.is_news)
        due = self._clock.wall() - self._schedule.remind
        named = {transition.id for transition in transitions}
        recalled = reminders(after.values(), alerted_before=stamp(due)) if self._schedule.remind else ()
        still = worst_first(state for state in recalled if state.id not in named)
        named |= {state.id for state in still}
        alerted = [replace(s, alerted_at=ran.ended_at) for s in after.values() if s.id in named and s.is_open]
        news = AlertContent(
            deployment=self._place, now=moment, transitions=transitions, still=still, headline=self._headline(ran)
        )
        alerts = {key: message(news, receiver=key) for key in self._receivers} if transitions or still else {}
        if transitions or still:
            self._log(message(news, receiver="")["title"])

        def add(history: History) -> str | None:
            history.add(ran, found, alerts, alerted=alerted, due=self._clock.wall())
            history.sweep(now=self._clock.wall(), keep=self._schedule.keep)
            return history.missing()

        for pause in (*PAUSES, None):
            try:
                missing = await self._store.ask(add)
            except Exception as error:  # noqa: BLE001 - a full disk, a server that is away: whatever it is, look again
                self._log(f"the history cannot be written: {str(error).partition(chr(10))[0] or type(error).__name__}")
                if pause is None:
                    self._log(f"lost: run {ran.id}: {ran.sentence}")
                    return False
                await self._clock.sleep(pause)
            else:
                if missing is not None:
                    self._log(f"{missing}: the watch goes on and alerts, but its history ends with it; start it anew")
                break
        self._closed |= {route_of_id(t.id): moment.at for t in found.transitions if t.change is Change.CLOSED}
        self.newest = max(filter(None, (self.newest, ran.ended_at)))
        self._states = after | {state.id: state for state in alerted}
        return True

    def _recently_closed(self) -> dict[str, str]:
        since = stamp(self._clock.wall() - FLAPS_FOR)
        return {route: at for route, at in self._closed.items() if at >= since}

    def _headline(self, ran: CompletedRun) -> str | None:
        return headline(ran.record) if ran.record else None

    def _stamp(self) -> str:
        return stamp(self._clock.wall())


def seen_in(record: Record) -> list[RunFinding]:
    """List what a run found, the worst route first: alerts name routes in this order."""
    return [
        RunFinding(id=f["id"], verdict=Verdict(f["verdict"]), reason=f["reason"], detail=f["detail"])
        for f in sorted(record["findings"], key=weight_rank)
    ]


def _closed_since(history: History, since: str) -> dict[str, str]:
    """Give when each route was locked again last; the latest change comes first."""
    rows = reversed(history.rows(LEAKS_SINCE, since=since))
    return {route_of_id(str(row[0])): str(row[6]) for row in rows if row[1] == Change.CLOSED}


def _known(history: History) -> tuple[dict[str, FindingState], str | None, str | None, str | None]:
    last = history.rows(LAST_RUNS, most=1)
    end = None if not last else str(last[0][2])
    return history.states(), history.last_release(), end, history.newest_end()
