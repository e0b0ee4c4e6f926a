"""`prober fleet run`: probe every deployment of a fleet, print the report, give the exit status."""

from __future__ import annotations

import asyncio

import click

from prober.app.options import SendOptions
from prober.cli.console import console_of
from prober.cli.fleet_options import JOURNAL, PACE, SHOWN, WHICH
from prober.cli.options import and_these, how_to_send_many
from prober.cli.read_options import read_options
from prober.fleet.options import ChoiceOptions, KeepOptions, PaceOptions
from prober.fleet.output import FleetReports
from prober.fleet.run import FleetRun, load_fleet
from prober.model import ExitStatus


@click.command("run")
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
    interrupted = asyncio.run(run.probe())
    record = run.record(interrupted=interrupted)
    reports.give(record)
    return ExitStatus.INTERRUPTED if interrupted else record["exit_status"]
