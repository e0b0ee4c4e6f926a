"""`prober fleet merge`: join the reports of shards to one."""

from __future__ import annotations

from pathlib import Path

import click

from prober.cli import completers
from prober.cli.command import SectionCommand
from prober.cli.console import console_of
from prober.cli.fleet_options import SHOWN
from prober.cli.options import and_these
from prober.cli.read_options import read_options
from prober.fleet.merge import load_report, merge
from prober.fleet.options import KeepOptions
from prober.fleet.output import FleetReports


@click.command("merge", cls=SectionCommand)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=completers.files)
@and_these(*SHOWN)
def command(files: tuple[str, ...], **given: object) -> int:
    """Join the JSON reports of all shards to one; a deployment of a shard that is missing has no verdict.

    Exit status: as `prober fleet run` of the whole fleet.
    """
    keep = read_options(KeepOptions, given)
    reports = FleetReports(keep, console_of(no_color=keep.no_color))
    record = merge([load_report(Path(name)) for name in files])
    reports.give(record)
    return record["exit_status"]
