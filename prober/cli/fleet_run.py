"""`prober fleet run`: probe every deployment of a fleet, print the report, give the exit status."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from prober.app.options import SendOptions
from prober.cli.command import SectionCommand
from prober.cli.console import console_of
from prober.cli.fleet_options import FLEET, JOURNAL, PACE, SHOWN, WHICH
from prober.cli.options import and_these, how_to_send_many
from prober.cli.read_options import read_options
from prober.errors import UsageError, install_of
from prober.fleet.options import ChoiceOptions, KeepOptions, PaceOptions
from prober.fleet.output import FleetReports
from prober.fleet.run import FleetRun, load_fleet
from prober.model import ExitStatus

if TYPE_CHECKING:
    from prober.fleet.cluster import DaskEngine
    from prober.fleet.local import Engine


@click.command("run", cls=SectionCommand)
@FLEET
@and_these(*WHICH, *PACE, *JOURNAL)
@how_to_send_many
@and_these(*SHOWN)
def command(**given: object) -> int:
    """Probe every deployment of a fleet, each of them once.

    Exit status: 1 if any deployment leaks or drifts; else 2 if any has no verdict, or the fleet is empty or smaller
    than it expects; else 0.
    """
    keep, pace = read_options(KeepOptions, given), read_options(PaceOptions, given)
    reports = FleetReports(keep, console_of(no_color=keep.no_color))
    fleet = load_fleet(read_options(ChoiceOptions, given))
    run = FleetRun(fleet, read_options(SendOptions, given), pace, keep, on_result=reports.tell)
    reports.start(run)
    interrupted = asyncio.run(run.probe(engine_of(pace, fleet.files)))
    record = run.record(interrupted=interrupted)
    reports.give(record)
    return ExitStatus.INTERRUPTED if interrupted else record["exit_status"]


def engine_of(pace: PaceOptions, files: tuple[str, ...]) -> Engine | None:
    """Give the workers of a cluster; None for those of this machine."""
    return None if pace.cluster is None else cluster_of(pace.cluster, files)


def cluster_of(address: str, files: tuple[str, ...]) -> DaskEngine:
    """Give the workers of a cluster."""
    try:
        from prober.fleet.cluster import DaskEngine  # noqa: PLC0415 - Dask costs half a second, and is an extra
    except ImportError:
        raise UsageError("--cluster needs the extra 'fleet'", fix=install_of("fleet")) from None
    return DaskEngine(address, files=files)
