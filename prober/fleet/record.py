"""The report of a fleet as plain values, which every format writes, and which `fleet merge` reads again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from prober import __version__
from prober.fleet.tasks import FleetVerdict
from prober.model import ExitStatus
from prober.report.redact import harmless
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.fleet.tally import Tally
    from prober.fleet.tasks import Cause

SCHEMA = 1
MOST_NAMES = 20  # that a cause names; the list of deployments has all of them


class CauseRecord(TypedDict):
    """What is wrong at a route of one deployment."""

    surface: str
    route: str
    verdict: str
    reason: str


class CauseGroupRecord(CauseRecord):
    """A cause, and how many deployments have it; `apart` is the label that sets them apart."""

    deployments: int
    apart: str | None
    names: list[str]


class UnknownGroupRecord(TypedDict):
    """A cause of no verdict, and how many deployments have it."""

    why: str
    deployments: int
    names: list[str]


class DeploymentRecord(TypedDict):
    """One deployment; a locked one has neither causes nor a sentence."""

    name: str
    labels: dict[str, str]
    verdict: str
    why: str | None
    sentence: str | None
    requests: int
    run: str | None
    causes: list[CauseRecord]


class FleetRecord(TypedDict):
    """The whole report of a fleet; the counts add up to the number of deployments."""

    schema: int
    tool: dict[str, str]
    fleet: str
    run: str
    digest: str
    shard: str | None
    started_at: str
    elapsed_ms: int
    verdict: str
    exit_status: int
    interrupted: bool
    inventory: int
    at_least: int | None
    names: list[str]
    counts: dict[str, int]
    requests: int
    causes: list[CauseGroupRecord]
    no_verdicts: list[UnknownGroupRecord]
    deployments: list[DeploymentRecord]


def record_of(
    tally: Tally, *, fleet: str, run: str, digest: str, started_at: str, elapsed_ms: int,
    shard: str | None = None, names: Iterable[str] = (), interrupted: bool = False,
) -> FleetRecord:  # fmt: skip
    """Make the report; `names` are those of the whole fleet, where this is a shard of it."""
    return FleetRecord(
        schema=SCHEMA,
        tool={"name": "lockdown-prober", "version": __version__},
        fleet=fleet,
        run=run,
        digest=digest,
        shard=shard,
        started_at=started_at,
        elapsed_ms=elapsed_ms,
        verdict=_verdict(tally),
        exit_status=int(tally.exit_status),
        interrupted=interrupted,
        inventory=tally.size,
        at_least=tally.at_least,
        names=list(names),
        counts={verdict.value: count for verdict, count in tally.counts.items()},
        requests=tally.requests,
        causes=[
            CauseGroupRecord(
                **_cause(group.cause), deployments=len(group.names), apart=_text(group.apart),
                names=list(group.names[:MOST_NAMES]),
            )
            for group in tally.causes()
        ],
        no_verdicts=[
            UnknownGroupRecord(why=harmless(g.why), deployments=len(g.names), names=list(g.names[:MOST_NAMES]))
            for g in tally.unknown()
        ],
        deployments=[deployment_record(tally, name) for name in tally.labels],
    )  # fmt: skip


def deployment_record(tally: Tally, name: str) -> DeploymentRecord:
    """Make the record of one deployment."""
    verdict, result = tally.verdict_of(name), tally.results.get(name)
    return DeploymentRecord(
        name=name,
        labels={key: harmless(value) for key, value in tally.labels[name]},
        verdict=verdict,
        why=harmless(tally.why(name)) if verdict is FleetVerdict.NO_VERDICT else None,
        sentence=_text(result.sentence) if result else None,
        requests=result.requests if result else tally.locked.get(name, 0),
        run=result.run if result else None,
        causes=[_cause(cause) for cause in result.causes] if result else [],
    )


def _cause(cause: Cause) -> CauseRecord:
    route = harmless(cause.route)
    return CauseRecord(surface=cause.surface, route=route, verdict=cause.verdict, reason=cause.reason)


def _text(text: str | None) -> str | None:
    return None if text is None else harmless(text)


def _verdict(tally: Tally) -> str:
    if tally.exit_status is ExitStatus.NO_VERDICT:
        return FleetVerdict.NO_VERDICT
    return next(verdict for verdict in FleetVerdict if tally.counts[verdict])


def last_line(record: FleetRecord) -> str:
    """Give the verdict of a fleet in one sentence."""
    counts, total = record["counts"], sum(record["counts"].values())
    rest = [
        (counts["drift"], "drifted"), (counts["no-verdict"], "without a verdict"), (counts["locked"], "locked")
    ]  # fmt: skip
    parts = ", ".join(f"{number:,} {word}" for number, word in rest if number)
    if record["interrupted"]:
        return f"INTERRUPTED: {counts['leak']:,} of {count(total, 'deployment')} leak so far{'; ' * bool(parts)}{parts}"
    if record["verdict"] == FleetVerdict.LEAK:
        leaks = "leaks" if counts["leak"] == 1 else "leak"
        return f"LEAK: {counts['leak']:,} of {count(total, 'deployment')} {leaks}{'; ' * bool(parts)}{parts}"
    if record["verdict"] == FleetVerdict.DRIFT:
        return f"DRIFT: {counts['drift']:,} of {count(total, 'deployment')} answered unexpectedly{_but(rest[1:])}"
    if record["verdict"] == FleetVerdict.LOCKED:
        return f"LOCKED: all {count(total, 'deployment')} of '{record['fleet']}'"
    return f"NO VERDICT: {_shrunk(record)}{_missing(record, total, rest[2:])}"


def _shrunk(record: FleetRecord) -> str:
    least, inventory = record["at_least"], record["inventory"]
    if least is None or inventory >= least:
        return ""
    return f"the fleet has {count(inventory, 'deployment')} and expects at least {least:,}; "


def _missing(record: FleetRecord, total: int, locked: list[tuple[int, str]]) -> str:
    if not total:
        return "no deployment was chosen"
    has = "has" if record["counts"]["no-verdict"] == 1 else "have"
    return f"{record['counts']['no-verdict']:,} of {count(total, 'deployment')} {has} no verdict{_but(locked)}"


def _but(rest: list[tuple[int, str]]) -> str:
    parts = ", ".join(f"{number:,} {word}" for number, word in rest if number)
    return f"; {parts}" if parts else ""
