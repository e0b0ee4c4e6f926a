"""The report as metrics for node_exporter's textfile collector: the current state, without a history."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from prober.model import Verdict, WaiverState
from prober.report.grouping import bad_routes
from prober.report.questions import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.report.shape import Record

MOST_ROUTES = 100  # open routes that have a series of their own; the others are only counted by surface
_RUN_VERDICTS = tuple(verdict for verdict in Verdict if verdict is not Verdict.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A gauge, its help text, and its samples."""

    name: str
    about: str
    samples: tuple[tuple[dict[str, str], float], ...]

    def __str__(self) -> str:
        lines = [f"# HELP {self.name} {self.about}", f"# TYPE {self.name} gauge"]
        lines += [f"{self.name}{_labels(labels)} {value:.15g}" for labels, value in self.samples]
        return "".join(f"{line}\n" for line in lines)


def render_prometheus(record: Record) -> str:
    """Write gauges; each verdict of each surface is present, also at zero: an alert rule needs a series to query."""
    return render_metrics(metrics_of(record))


def render_metrics(metrics: Iterable[Metric]) -> str:
    """Write gauges in the text format, but those without a sample."""
    return "".join(str(metric) for metric in metrics if metric.samples)


def metrics_of(record: Record) -> list[Metric]:
    """Give the gauges of a run; the canary uses them too."""
    started = datetime.fromisoformat(record["started_at"]).timestamp()
    about = {
        "version": record["tool"]["version"],
        "profile": record["profile"],
        "observed_mode": record["observed_mode"] or "unknown",
        "depth": record["depth"],
        "release": record["release"] or "",
    }
    counts = Counter((finding["surface"], finding["verdict"]) for finding in record["findings"])
    surfaces = dict.fromkeys(finding["surface"] for finding in record["findings"])
    coverage, services = record["coverage"], record["services"]
    questions = [QUESTIONS] if record["verdict"] == QUESTIONS else []  # of `prober check` alone
    waivers = Counter(waiver["state"] for waiver in record["waivers"])
    not_probed = {"not-served": record["not_served"], "not-tried": record["untried"]}
    return [
        _one("info", "What ran, and how; always 1.", 1, about),
        _one("exit_status", "0 locked, 1 leak or drift, 2 no verdict.", record["exit_status"]),
        _many("run_verdict", "1 for the verdict of the run, 0 for all others.", [
            ({"verdict": verdict}, verdict == record["verdict"]) for verdict in (*_RUN_VERDICTS, *questions)
        ]),
        _one("run_interrupted", "1 if the run was interrupted.", record["interrupted"]),
        _one("run_started_timestamp_seconds", "When the run started, in Unix time.", started),
        _one("run_duration_seconds", "How long the run took.", record["elapsed_ms"] / 1000),
        _one("requests", "Requests that were sent.", record["requests"]),
        _many("routes", "Routes of the plan that were probed, and that were skipped.", [
            ({"state": "probed"}, coverage["probed"]), ({"state": "skipped"}, coverage["skipped"])
        ]),
        _many("surfaces_unseen", "Surfaces that were not probed, by reason.", [
            ({"why": why}, len(names)) for why, names in not_probed.items()
        ]),
        _many("findings", "Probes by their verdict.", [
            ({"surface": surface, "verdict": verdict}, counts[surface, verdict])
            for surface in surfaces for verdict in Verdict
        ]),
        _many("route_leaks", f"Probes that leak, by their route: the first {MOST_ROUTES} open routes.", [
            ({"surface": group[0]["surface"], "route": route.removeprefix(f"{group[0]['surface']}: ")}, len(group))
            for route, group in list(bad_routes(record, Verdict.LEAK).items())[:MOST_ROUTES]
        ]),
        _many("waivers", "Waivers by their state.", [
            ({"state": state}, waivers[state]) for state in WaiverState if waivers
        ]),
        _many("service_alive", "1 if the application answered its health route.", [
            ({"service": name}, entry["alive"]) for name, entry in services.items()
        ]),
        _many("service_tls_expires_timestamp_seconds", "When the first of its certificates expires, in Unix time.", [
            ({"service": name}, datetime.fromisoformat(expires).timestamp())
            for name, entry in services.items() if (expires := entry["tls_expires"])
        ]),
    ]  # fmt: skip


def _one(name: str, about: str, value: float, labels: dict[str, str] | None = None) -> Metric:
    return _many(name, about, [(labels or {}, value)])


def _many(name: str, about: str, samples: list[tuple[dict[str, str], float]]) -> Metric:
    return Metric(name=f"lockdown_{name}", about=about, samples=tuple(samples))


def _labels(labels: dict[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    """Escape a label value (exposition format, version 0.0.4)."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
