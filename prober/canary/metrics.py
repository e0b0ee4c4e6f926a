"""The canary as Prometheus reads it: the last run, what stands open and for how long, and how the watch itself fares.

Its labels come from definitions and from our own words, but for the release: of that, so many and no more.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder

from prober.canary.finding_state import BAD
from prober.report.prometheus import metrics_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prober.canary.snapshot import Snapshot

    Family = CounterMetricFamily | GaugeMetricFamily
    Sample = tuple[dict[str, str], float]

MOST_RELEASES = 200  # of those that the deployment tells of while one watch lasts; each is a series of its own
LONGEST_RELEASE = 64
OTHER = "other"


class Metrics:
    """What Prometheus may ask for. It owns the releases that were exported so far."""

    def __init__(self, now: Callable[[], Snapshot]) -> None:
        """Tell nothing yet."""
        self._now = now
        self._queued: int | None = None
        self._releases: set[str] = set()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def render(self, accept: str, *, queued: int | None) -> tuple[bytes, str]:
        """Write them down, with their content type; `queued` is None where the history does not answer."""
        self._queued = queued
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind

    def collect(self) -> Iterator[Family]:
        """Give all of them, as the registry asks for them."""
        now = self._now()
        if now.record is not None:
            for metric in metrics_of(now.record):
                samples = [(self._bounded(labels), value) for labels, value in metric.samples]
                yield from _gauge(metric.name, metric.about, samples)
            reasons = Counter((f["verdict"], f["reason"]) for f in now.record["findings"])
            yield from _gauge(
                "lockdown_findings_by_reason",
                "Probes of the last run by verdict and reason.",
                [({"verdict": verdict, "reason": reason}, count) for (verdict, reason), count in reasons.items()],
            )
        yield from self._doors(now)
        yield from self._watch(now)

    def _doors(self, now: Snapshot) -> Iterator[Family]:
        exposed = now.exposure
        surfaces = sorted({name.partition(": ")[0] for name in now.states})
        open_counts = Counter((s.id.partition(": ")[0], s.verdict) for s in now.open)
        yield from _gauge(
            "lockdown_canary_exposure_seconds",
            "For how long a route of the surface has been open; 0 if none is.",
            [({"surface": surface}, exposed.get(surface, 0.0)) for surface in surfaces],
        )
        yield from _gauge(
            "lockdown_canary_standing",
            "Probes with an open alert: bad in as many runs in a row as --confirm asks for.",
            [
                ({"surface": surface, "verdict": verdict}, open_counts[surface, verdict])
                for surface in surfaces
                for verdict in sorted(BAD)
            ],
        )

    def _watch(self, now: Snapshot) -> Iterator[Family]:
        moments = {
            "started": ("When the watch began.", now.started),
            "last_finished": ("When a run last came to its end.", now.last_finished),
            "last_success": ("When a run last found everything locked.", now.last_locked),
            "next_run": ("When the next run is due; not there while one is under way.", now.next_run),
        }
        for name, (about, at) in moments.items():
            samples: list[Sample] = [] if at is None else [({}, at)]
            yield from _gauge(f"lockdown_canary_{name}_timestamp_seconds", f"{about} Unix time.", samples)
        runs = CounterMetricFamily("lockdown_canary_runs", "Runs since the watch began.", labels=["state"])
        runs.add_metric(["finished"], now.finished)
        runs.add_metric(["crashed"], now.crashed)
        yield runs
        yield CounterMetricFamily(
            "lockdown_canary_missed_beats", "Runs that were due and not begun since the watch began.", value=now.missed
        )
        waiting: list[Sample] = [] if self._queued is None else [({}, self._queued)]
        yield from _gauge("lockdown_canary_alerts_queued", "Alerts that their receivers have not taken yet.", waiting)
        yield from _gauge(
            "lockdown_canary_history_up", "1 if the history answers.", [({}, float(self._queued is not None))]
        )

    def _bounded(self, labels: dict[str, str]) -> dict[str, str]:
        """Keep to so many releases: a deployment that names a new one at each request would fill the memory."""
        if "release" not in labels:
            return labels
        release = labels["release"][:LONGEST_RELEASE]
        if release not in self._releases and len(self._releases) >= MOST_RELEASES:
            return {**labels, "release": OTHER}
        self._releases.add(release)
        return {**labels, "release": release}


def _gauge(name: str, about: str, samples: list[Sample]) -> Iterator[GaugeMetricFamily]:
    if samples:
        family = GaugeMetricFamily(name, about, labels=list(samples[0][0]))
        for labels, value in samples:
            family.add_metric(list(labels.values()), value)
        yield family
