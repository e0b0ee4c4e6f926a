"""The report of a fleet as metrics, for node_exporter's textfile collector; the number of series is bounded."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from prober.report.prometheus import Metric, render_metrics

if TYPE_CHECKING:
    from prober.fleet.record import FleetRecord

MOST_CAUSES = 100  # causes that have a series of their own


def render_prometheus(record: FleetRecord) -> str:
    """Write gauges; a deployment has no series of its own."""
    return render_metrics(metrics_of(record))


def metrics_of(record: FleetRecord) -> list[Metric]:
    """Give the gauges of a run over a fleet."""
    fleet = {"fleet": record["fleet"]}
    unknown = Counter[str]()
    for group in record["no_verdicts"]:
        unknown[group["why"].partition(":")[0]] += group["deployments"]
    started = datetime.fromisoformat(record["started_at"]).timestamp()
    return [
        _metric("exit_status", "0 locked, 1 leak or drift, 2 no verdict.", (fleet, record["exit_status"])),
        _metric("run_interrupted", "1 if the run was interrupted.", (fleet, record["interrupted"])),
        _metric("run_started_timestamp_seconds", "When the run started, in Unix time.", (fleet, started)),
        _metric("run_duration_seconds", "How long the run took.", (fleet, record["elapsed_ms"] / 1000)),
        _metric("requests", "Requests that were sent.", (fleet, record["requests"])),
        _metric("inventory", "Deployments of the whole fleet.", (fleet, record["inventory"])),
        _metric("deployments", "Deployments by their verdict.", *(
            ({**fleet, "verdict": verdict}, number) for verdict, number in record["counts"].items()
        )),
        _metric("causes", f"Deployments by what is wrong: the first {MOST_CAUSES} causes.", *(
            ({**fleet, "surface": cause["surface"], "route": cause["route"], "verdict": cause["verdict"],
              "reason": cause["reason"]}, cause["deployments"]) for cause in record["causes"][:MOST_CAUSES]
        )),
        _metric("no_verdicts", "Deployments without a verdict, by reason.", *(
            ({**fleet, "reason": reason}, number) for reason, number in unknown.most_common(MOST_CAUSES)
        )),
    ]  # fmt: skip


def _metric(name: str, about: str, *samples: tuple[dict[str, str], float]) -> Metric:
    return Metric(name=f"lockdown_fleet_{name}", about=about, samples=samples)
