"""From all that came back to what a run says: every finding, the services, the notes, the verdict and the exit status.

Pure: a plan, observations and a policy in, a conclusion out. The engine sends and observes, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prober.judge.baseline import baseline_notes, compare_with_baseline
from prober.judge.control_changes import unproven_by_change
from prober.judge.controls import Controls
from prober.judge.dead_secrets import doubt_dead_secrets, notes_on_secrets
from prober.judge.declared_lock import keeper_notes
from prober.judge.exit_status import exit_status, verdict_of_run
from prober.judge.handed_out import notes_on_unknown_cookies
from prober.judge.handler_reached import reveal_handlers
from prober.judge.hidden_routes import confirm_hidden
from prober.judge.inventory import hold_to_inventory
from prober.judge.mode import mode_sentence, observed_mode
from prober.judge.odd_redirects import reveal_odd_redirects
from prober.judge.origins import compare_origins
from prober.judge.page_of_every_path import excuse_pages_of_every_path
from prober.judge.rejected_forms import doubt_rejected_forms
from prober.judge.release import of_another_release, release_of
from prober.judge.service_wide import settle
from prober.judge.verdicts import judge as judge_by_the_table
from prober.judge.waivers import waive, waiver_notes
from prober.model import Finding, Outcome, Probe, Unsent, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.judge.observations import Observations
    from prober.model import (
        BaselineReport,
        EarlierReport,
        ExitStatus,
        Inventory,
        Plan,
        Profile,
        ReleaseSource,
        ServiceReport,
        SourceCoverage,
        WaiverReport,
    )

UNVERIFIED = "TLS was not verified (--insecure): anyone on the network path may have answered in the deployment's place"
DECLARED = "the blanket refusal is declared to be the application's (`blanket`), so it was not questioned"

Judge = Callable[[Probe, Outcome, Controls], Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a run is held to, besides the plan. Nothing here changes what is sent."""

    started_at: str  # ISO 8601, UTC
    not_before: str | None = None  # when an earlier run ended: waivers end by the later of the two
    profiles: Mapping[str, Profile] = field(default_factory=dict)  # those whose mode the deployment may really run in
    required: frozenset[str] = frozenset()  # ids of probes that may not be skipped
    tolerate_drift: bool = False
    insecure: bool = False
    baseline: EarlierReport | None = None  # what the findings are compared with
    fail_on_new: bool = False  # what was a leak or drift there does not fail the run
    source: SourceCoverage | None = None  # what the application's source has
    require_coverage: bool = False  # each of its routes must have a probe
    notes: tuple[str, ...] = ()  # on how the deployment is reached
    inventory: Inventory | None = None  # which routes may be missing
    release: str | None = None  # of the application, where the user knows it
    release_source: ReleaseSource | None = None  # where it says so itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a run comes to."""

    verdict: Verdict
    exit_status: ExitStatus
    observed_mode: str | None
    release: str | None
    services: tuple[ServiceReport, ...]
    findings: tuple[Finding, ...]
    not_served: tuple[str, ...]
    notes: tuple[str, ...]
    waivers: tuple[WaiverReport, ...]
    baseline: BaselineReport | None


def judge_all(
    plan: Plan, observations: Observations, unsent: Unsent, *, judge: Judge = judge_by_the_table
) -> tuple[Finding, ...]:
    """Judge every probe of the plan; one that has no outcome is judged by why it was not sent."""
    controls, outcomes = observations.controls, observations.outcomes
    judged = tuple(judge(probe, outcomes.get(probe, unsent), controls) for probe in plan.probes)
    excused = excuse_pages_of_every_path(
        confirm_hidden(judged), observations.counterparts, observations.counterpart_reads
    )
    revealed = reveal_odd_redirects(reveal_handlers(excused, observations.counterparts), controls)
    return unproven_by_change(doubt_rejected_forms(revealed), observations)


def leaks_of(plan: Plan, observations: Observations, judged: tuple[Finding, ...]) -> list[Probe]:
    """Name the probes that a second look is worth, in the plan's order."""
    settled, _, _ = settle(judged, observations.controls, plan.declared)
    return [finding.probe for finding in settled if finding.verdict is Verdict.LEAK]


def conclude(plan: Plan, observations: Observations, policy: Policy, judged: tuple[Finding, ...]) -> Conclusion:
    """Say what the judged findings of a run come to, once services, origins, waivers and a baseline are considered."""
    settled, services, not_served = settle(judged, observations.controls, plan.declared)
    observed = _release(plan, observations, policy)
    settled, of_inventory = _held_to(policy, settled, plan, observations, observed)
    skipped = (finding for finding in _skipped(plan) if finding.probe.route.surface not in not_served)
    latest = _latest(policy)
    today = datetime.fromisoformat(latest).date()
    findings, waivers = waive((*settled, *skipped), plan.waivers, today=today)
    findings, baseline = compare_with_baseline(
        findings, policy.baseline, started_at=policy.started_at, fail_on_new=policy.fail_on_new
    )  # fmt: skip
    mode = observed_mode(settled, policy.profiles, plan.profile, observations.controls)
    uncovered, lacking = _uncovered(policy), _lacking(findings, policy.required)
    urls = {service.name: service.url for service in plan.services}
    notes = (
        *_notes_on_the_run(plan, policy, mode, services),
        *keeper_notes(findings),
        *of_inventory,
        _clock_went_back(policy, latest) if plan.waivers else None,
        *waiver_notes(waivers, today=today),
        *baseline_notes(baseline, profile=plan.profile.name, depth=plan.depth, services=urls),
        *uncovered,
        *lacking,
        *(() if plan.profile.name in policy.profiles else notes_on_unknown_cookies(plan, settled, observations)),
        *notes_on_secrets(settled, is_own=plan.profile.name not in policy.profiles),
    )
    verdict, status = _verdict_and_status(findings, policy, baseline, lacks=bool(lacking), uncovers=bool(uncovered))
    return Conclusion(
        verdict=verdict,
        exit_status=status,
        observed_mode=mode,
        release=observed if policy.release_source and observed else policy.release or observed,
        services=tuple(replace(entry, tls_expires=_expiry(observations, entry.service.name)) for entry in services),
        findings=findings,
        not_served=not_served,
        notes=tuple(filter(None, notes)),
        waivers=waivers,
        baseline=baseline,
    )


def _held_to(
    policy: Policy, settled: tuple[Finding, ...], plan: Plan, observations: Observations, observed: str | None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Consider the release, the further origins and the inventory; add what the second look gave, and notes."""
    settled = of_another_release(settled, policy.release, observed, source=policy.release_source)
    settled = compare_origins(settled, {service.name: service for service in plan.services})
    settled, notes = hold_to_inventory(doubt_dead_secrets(settled), policy.inventory)
    confirmed = observations.confirmations
    return tuple(
        replace(f, confirmed=confirmed.get(f.probe), detail=_with_opener(f, observations)) for f in settled
    ), notes


def _notes_on_the_run(
    plan: Plan, policy: Policy, mode: str | None, services: Iterable[ServiceReport]
) -> tuple[str | None, ...]:
    declared = plan.blanket_is_application or bool(plan.blanket_paths)
    blanket = declared and any(service.blanket for service in services)
    return (
        mode_sentence(plan.profile.name, mode, policy.profiles),
        UNVERIFIED if policy.insecure else None,
        DECLARED if blanket else None,
        *policy.notes,
    )


def _verdict_and_status(
    findings: tuple[Finding, ...], policy: Policy, baseline: BaselineReport | None, *, lacks: bool, uncovers: bool
) -> tuple[Verdict, ExitStatus]:
    drifted = any(f.verdict is Verdict.DRIFT and f.probe.id in policy.required for f in findings)
    tolerate_drift = policy.tolerate_drift and not drifted  # what is required must be locked
    means = {"tolerate_drift": tolerate_drift, "lacking": lacks, "uncovered": uncovers}
    excused = frozenset() if baseline is None else baseline.excused - policy.required
    failing = [f.verdict for f in findings if f.probe.id not in excused]
    return verdict_of_run([finding.verdict for finding in findings], **means), exit_status(failing, **means)


def _with_opener(finding: Finding, observations: Observations) -> str:
    """Name the header that opens alone, where several were sent."""
    opener = observations.openers.get(finding.probe.id)
    return finding.detail if opener is None else f"{finding.detail}; {opener} alone opens it"


def _latest(policy: Policy) -> str:
    """Give the newest time that is known: a clock that was set back must revive no waiver."""
    earlier = policy.baseline.started_at if policy.baseline else None
    return max(filter(None, (policy.started_at, policy.not_before, earlier)))


def _clock_went_back(policy: Policy, latest: str) -> str | None:
    if latest[:10] == policy.started_at[:10]:
        return None
    return f"this machine's clock says {policy.started_at}, but an earlier run is of {latest}: waivers end by the later"


def _expiry(observations: Observations, service: str) -> str | None:
    at = observations.tls_expires.get(service)
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _release(plan: Plan, observations: Observations, policy: Policy) -> str | None:
    outcomes = observations.outcomes
    answered = [(probe, outcomes[probe]) for probe in plan.probes if probe in outcomes]
    return release_of(answered, {service.name: service for service in plan.services}, policy.release_source)


def _skipped(plan: Plan) -> list[Finding]:
    return [
        Finding(
            probe=skip.probe,
            outcome=Unsent(reason=skip.reason, detail=skip.detail),
            verdict=Verdict.SKIPPED,
            reason=skip.reason,
            detail=skip.detail,
            rule="not-planned",
        )
        for skip in plan.skips
    ]


def _uncovered(policy: Policy) -> list[str]:
    """Say which routes of the source have no probe, where each must have one."""
    unprobed = policy.source.unprobed if policy.source and policy.require_coverage else ()
    return [f"a route without a probe: {route} (keep one: prober discover nextjs)" for route in unprobed]


def _lacking(findings: tuple[Finding, ...], required: frozenset[str]) -> list[str]:
    """Say which required probes were skipped."""
    return [
        f"required, but skipped: {finding.probe.id} ({finding.detail})"
        for finding in findings
        if finding.verdict is Verdict.SKIPPED and finding.probe.id in required
    ]
