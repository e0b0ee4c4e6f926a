"""Plan x send x judge -> Report. It decides nothing and prints nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober import __version__
from prober.engine.live import LiveView
from prober.engine.scheduler import Scheduler
from prober.judge.conclude import conclude, judge_all, leaks_of
from prober.judge.control_changes import doubtful
from prober.judge.observations import Observations
from prober.judge.verdicts import judge as judge_by_the_table
from prober.model import Reason, Report, Unsent

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.engine.settings import RunSettings
    from prober.judge.conclude import Judge, Policy
    from prober.model import Finding, NotFoundControl, Outcome, Plan, Probe
    from prober.transport.network import Network
    from prober.transport.rate_limit import Clock


class Run:
    """One run, from a plan to a report; an interrupted one can report too."""

    def __init__(
        self, plan: Plan, network: Network, settings: RunSettings, policy: Policy, *, clock: Clock,
        judge: Judge = judge_by_the_table, on_finding: Callable[[Finding], None] | None = None,
    ) -> None:  # fmt: skip
        """Send nothing yet; `on_finding` gets each finding as it seems while the run goes on."""
        self._settings, self._policy, self._clock, self._judge = settings, policy, clock, judge
        self._started = clock.now()
        self._observations = Observations(plan)
        self._live = LiveView(plan, self._observations, judge=judge, report=on_finding) if on_finding else None
        self._scheduler = Scheduler(plan, network, settings, clock, record=self._record)
        self._judged: tuple[Finding, ...] | None = None  # once everything has come back

    @property
    def id(self) -> str:
        """The name that every request of it carries."""
        return self._settings.run

    @property
    def requests(self) -> int:
        """How many requests have gone out so far."""
        return self._scheduler.requests

    @property
    def learned_pace(self) -> tuple[float, float]:
        """The seconds between two requests that the services' limits left, and how much longer they ask to wait."""
        return self._scheduler.learned_pace

    async def send_all(self) -> None:
        """Send the controls, then every probe, then a second look at each leak where that is harmless."""
        await self._scheduler.send_all(self._observations, self._leaks, self._doubtful)

    def _record(self, entry: Probe | NotFoundControl, outcome: Outcome) -> None:
        self._observations.record(entry, outcome)
        if self._live:
            self._live.observed(entry, outcome)

    def _doubtful(self) -> list[Probe]:
        """Name what was locked while a control was answered otherwise; judges only where one was."""
        if not any(self._observations.changes.values()):
            return []
        judged = self._judge_all(Unsent(reason=Reason.NOT_SENT, detail="not sent"))
        return doubtful(judged, self._observations)

    def _leaks(self) -> list[Probe]:
        self._judged = self._judge_all(Unsent(reason=Reason.NOT_SENT, detail="not sent"))
        return leaks_of(self._scheduler.plan, self._observations, self._judged)

    def _judge_all(self, unsent: Unsent) -> tuple[Finding, ...]:
        return judge_all(self._scheduler.plan, self._observations, unsent, judge=self._judge)

    def report(self, *, interrupted: bool = False) -> Report:
        """Judge what came back, all of it at once: only now are the controls known."""
        settings, plan = self._settings, self._scheduler.plan
        unsent = (
            Unsent(reason=Reason.NOT_SENT, detail="not sent: the run was interrupted")
            if interrupted
            else Unsent(reason=Reason.CUT_SHORT, detail=f"not finished within the deadline of {settings.deadline:g} s")
        )
        conclusion = conclude(plan, self._observations, self._policy, self._judged or self._judge_all(unsent))
        return Report(
            version=__version__,
            run=settings.run,
            started_at=settings.started_at,
            elapsed_ms=round((self._clock.now() - self._started) * 1000),
            profile=plan.profile.name,
            depth=plan.depth,
            untried=plan.untried,
            requests=self._scheduler.requests,
            interrupted=interrupted,
            source=self._policy.source,
            overrides=settings.overrides,
            verdict=conclusion.verdict,
            exit_status=conclusion.exit_status,
            observed_mode=conclusion.observed_mode,
            release=conclusion.release,
            services=conclusion.services,
            findings=conclusion.findings,
            not_served=conclusion.not_served,
            notes=conclusion.notes,
            waivers=conclusion.waivers,
            baseline=conclusion.baseline,
        )
