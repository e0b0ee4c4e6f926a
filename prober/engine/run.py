"""Plan x send x judge -> Report. It decides nothing and prints nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prober import __version__
from prober.engine.live import LiveView
from prober.engine.scheduler import Scheduler
from prober.judge.baseline import baseline_notes, beside
from prober.judge.controls import Controls, read_controls
from prober.judge.exit_status import exit_status, verdict_of_run
from prober.judge.mode import mode_sentence, observed_mode
from prober.judge.origins import told_apart
from prober.judge.release import release_of
from prober.judge.service_wide import settle
from prober.judge.verdicts import judge as judge_one
from prober.judge.waivers import waive, waiver_notes
from prober.model import Finding, Probe, Reason, Report, Unsent, Verdict
from prober.plan.globs import matches, names_of_probe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.engine.settings import RunSettings
    from prober.model import NotFoundControl, Outcome, Plan, Profile
    from prober.transport.network import Network
    from prober.transport.rate_limit import Clock

UNVERIFIED = "TLS was not verified (--insecure): anybody on the way may have answered in the deployment's place"
DECLARED = "the blanket refusal is declared to be the application's (blanket: application), so it was not questioned"


class Run:
    """One run, from a plan to a report; an interrupted one can report too."""

    def __init__(
        self, plan: Plan, network: Network, settings: RunSettings, *, clock: Clock, profiles: Mapping[str, Profile],
        judge: Callable[[Probe, Outcome, Controls], Finding] = judge_one,
        tell: Callable[[Finding], None] | None = None,
    ) -> None:  # fmt: skip
        """Send nothing yet; `tell` hears of each finding as it seems while the run goes on."""
        self._plan, self._settings, self._clock = plan, settings, clock
        self._profiles, self._judge = profiles, judge
        self._started = clock.now()
        early = LiveView(plan, judge=judge, tell=tell) if tell else None
        self._scheduler = Scheduler(plan, network, settings, clock, seen=early.seen if early else _nobody_listens)
        self._judged: tuple[list[Finding], Controls] | None = None  # once everything has come back

    @property
    def id(self) -> str:
        """The name that every request of it carries."""
        return self._settings.run

    @property
    def requests(self) -> int:
        """How many requests have gone out so far."""
        return self._scheduler.requests

    async def send_all(self) -> None:
        """Send the controls, then every probe, then a second look at each leak where that is harmless."""
        await self._scheduler.send_all(self._leaks)

    def _leaks(self) -> list[Probe]:
        judged, controls = self._judged = self._judge_all(Unsent(reason=Reason.NOT_SENT, detail="not sent"))
        settled, _, _ = settle(judged, controls, self._plan.declared)
        return [finding.probe for finding in settled if finding.verdict is Verdict.LEAK]

    def _judge_all(self, unsent: Unsent) -> tuple[list[Finding], Controls]:
        plan, found = self._plan, self._scheduler.outcomes
        outcomes = [(probe, found.get(probe, unsent)) for probe in plan.probes]
        controls = read_controls(plan, [(path, found.get(path, unsent)) for path in plan.nowhere], outcomes)
        return [self._judge(probe, outcome, controls) for probe, outcome in outcomes], controls

    def report(self, *, interrupted: bool = False) -> Report:
        """Judge what came back, all of it at once: only now are the controls known."""
        settings, plan = self._settings, self._plan
        unsent = (
            Unsent(reason=Reason.NOT_SENT, detail="not sent: the run was interrupted")
            if interrupted
            else Unsent(reason=Reason.CUT_SHORT, detail=f"not finished within the deadline of {settings.deadline:g} s")
        )
        judged, controls = self._judged or self._judge_all(unsent)
        settled, services, not_served = settle(judged, controls, plan.declared)
        settled = told_apart(settled, {service.name: service for service in plan.services})
        settled = tuple(replace(f, confirmed=self._scheduler.confirmations.get(f.probe)) for f in settled)
        findings = (*settled, *(finding for finding in _skipped(plan) if finding.probe.route.surface not in not_served))
        today = datetime.fromisoformat(settings.started_at).date()
        findings, waivers = waive(findings, plan.waivers, today=today)
        findings, baseline = beside(
            findings, settings.baseline, started_at=settings.started_at, fail_on_new=settings.fail_on_new
        )
        expiring = waiver_notes(waivers, today=today)
        lacking = _lacking(findings, settings.require)
        mode = observed_mode(settled, self._profiles, plan.profile, controls)
        sentence = mode_sentence(plan.profile.name, mode, self._profiles)
        unverified = UNVERIFIED if settings.insecure else None
        declared = DECLARED if plan.blanket_is_application and any(service.blanket for service in services) else None
        urls = {service.name: service.url for service in plan.services}
        since = baseline_notes(baseline, profile=plan.profile.name, depth=plan.depth, services=urls)
        verdicts = [finding.verdict for finding in findings]
        uncovered = _uncovered(settings)
        means = {"tolerate_drift": settings.tolerate_drift, "lacking": bool(lacking), "uncovered": bool(uncovered)}
        failing = [f.verdict for f in findings if baseline is None or f.probe.id not in baseline.excused]
        return Report(
            version=__version__,
            run=settings.run,
            started_at=settings.started_at,
            elapsed_ms=round((self._clock.now() - self._started) * 1000),
            verdict=verdict_of_run(verdicts, **means),
            exit_status=exit_status(failing, **means),
            profile=plan.profile.name,
            observed_mode=mode,
            depth=plan.depth,
            services=tuple(replace(entry, tls_expires=self._expiry(entry.service.name)) for entry in services),
            findings=findings,
            not_served=not_served,
            untried=plan.untried,
            notes=tuple(filter(None, (sentence, unverified, declared, *expiring, *since, *uncovered, *lacking))),
            requests=self._scheduler.requests,
            interrupted=interrupted,
            source=settings.source,
            waivers=waivers,
            baseline=baseline,
            release=settings.release or self._release(),
        )

    def _expiry(self, service: str) -> str | None:
        at = self._scheduler.tls_expires.get(service)
        said = None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
        return None if said is None else said.replace("+00:00", "Z")

    def _release(self) -> str | None:
        found = self._scheduler.outcomes
        told = [(probe, found[probe]) for probe in self._plan.probes if probe in found]
        return release_of(
            told, {service.name: service for service in self._plan.services}, self._settings.release_source
        )


def _nobody_listens(_: Probe | NotFoundControl, __: Outcome) -> None:
    """Most runs only report."""


def _skipped(plan: Plan) -> list[Finding]:
    return [
        Finding(
            probe=skip.probe,
            outcome=Unsent(reason=skip.reason, detail=skip.detail),
            verdict=Verdict.SKIPPED,
            reason=skip.reason,
            detail=skip.detail,
        )
        for skip in plan.skips
    ]


def _uncovered(settings: RunSettings) -> list[str]:
    """Say which routes of the source have no probe, where each must have one."""
    unprobed = settings.source.unprobed if settings.source and settings.require_coverage else ()
    return [f"a route without a probe: {route} (keep one: prober discover nextjs)" for route in unprobed]


def _lacking(findings: tuple[Finding, ...], require: tuple[str, ...]) -> list[str]:
    """Say which required probes were skipped."""
    skipped = [finding for finding in findings if finding.verdict is Verdict.SKIPPED]
    return [
        f"required, but skipped: {finding.probe.id} ({finding.detail})"
        for finding in skipped
        if any(matches(glob, names_of_probe(finding.probe)) for glob in require)
    ]
