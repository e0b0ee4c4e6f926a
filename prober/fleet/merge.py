"""Joins the reports of a fleet's shards to one, as a whole run would have given it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.bounded_read import read_bounded
from prober.errors import UsageError
from prober.fleet.inventory import Shard, parse_shard
from prober.fleet.record import FleetRecord, record_of
from prober.fleet.report_keys import REPORT, misfit
from prober.fleet.tally import NOT_BEGUN, Tally
from prober.fleet.tasks import Cause, FleetVerdict, Result
from prober.fleet.worker import no_verdict

if TYPE_CHECKING:
    from pathlib import Path

    from prober.fleet.record import DeploymentRecord

MOST_BYTES = 256 * 1024 * 1024


def load_report(path: Path) -> FleetRecord:
    """Load the JSON report of a shard."""
    fix = "name what --report json=PATH wrote of a run with --shard"
    try:
        raw = read_bounded(path, MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror}", fix="check the path and its permissions") from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"'{path}' is larger than 256 MiB", fix=fix)
    try:
        record: FleetRecord = json.loads(raw.decode("utf-8-sig"))
        _check(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"'{path}' is not the report of a fleet", fix=fix) from None
    if record["shard"] is None:
        raise UsageError(f"'{path}' is the report of a whole fleet", fix=fix)
    return record


def merge(records: list[FleetRecord]) -> FleetRecord:
    """Join the reports; a deployment of a shard that is missing has no verdict.

    Shards of another fleet, of other definitions or another number of them, and one that is there twice, are refused.
    """
    first = records[0]
    shards = {str(record["shard"]): record for record in records}
    if len(shards) < len(records):
        raise UsageError("a shard is there twice", fix="name the report of each shard once")
    if len({(record["fleet"], record["digest"], record["tool"]["version"]) for record in records}) > 1:
        what = "the reports are of different fleets, definitions or versions"
        raise UsageError(what, fix="run all shards again, with the same files")
    parsed = {parse_shard(shard) for shard in shards}
    if len({shard.of for shard in parsed}) > 1:
        raise UsageError("the reports are of different divisions", fix="use the same N in each --shard I/N")
    tally = _tally(records, parsed)
    return record_of(
        tally, fleet=first["fleet"], run=first["run"], digest=first["digest"],
        started_at=min(record["started_at"] for record in records),
        elapsed_ms=max(record["elapsed_ms"] for record in records),
        interrupted=any(record["interrupted"] for record in records),
    )  # fmt: skip


def _tally(records: list[FleetRecord], shards: set[Shard]) -> Tally:
    """Start from the inventory: its names are in each report, and each belongs to one shard."""
    of = next(iter(shards)).of
    reported = {deployment["name"]: deployment for record in records for deployment in record["deployments"]}
    names = list(dict.fromkeys([*records[0]["names"], *reported]))
    labels = {
        name: tuple(sorted(reported[name]["labels"].items())) if name in reported else () for name in names
    }  # fmt: skip
    tally = Tally(labels=labels, at_least=records[0]["at_least"])
    for name in names:
        if name in reported:
            _take(tally, reported[name])
            continue
        shard = next(Shard(number=number, of=of) for number in range(1, of + 1) if name in Shard(number=number, of=of))
        why = "it is not in the report of its shard" if shard in shards else f"the report of shard {shard} is missing"
        tally.record(no_verdict(name, f"{NOT_BEGUN}: {why}"))
    return tally


def _take(tally: Tally, deployment: DeploymentRecord) -> None:
    causes = tuple(
        Cause(surface=one["surface"], route=one["route"], verdict=one["verdict"], reason=one["reason"])
        for one in deployment["causes"]
    )
    tally.record(
        Result(
            name=deployment["name"], verdict=FleetVerdict(deployment["verdict"]), sentence=deployment["sentence"] or "",
            why=deployment["why"] or "", causes=causes, run=deployment["run"], requests=deployment["requests"],
        )
    )  # fmt: skip


def _check(record: FleetRecord) -> None:
    """Raise ValueError where a report is not as its table of keys has it, or forgets a deployment of its fleet."""
    where = misfit(record, REPORT)
    if where is not None:
        raise ValueError(where)
    if record["shard"] is not None and not {one["name"] for one in record["deployments"]} <= set(record["names"]):
        raise ValueError(record["shard"])
