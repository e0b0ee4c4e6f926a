"""`prober fleet watch`: the canary over a fleet."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING

import click

from prober.app.options import SendOptions
from prober.app.outputs import files_of, remove
from prober.app.whole_file import write_whole
from prober.canary.times import stamp
from prober.cli.command import SectionCommand, option, section
from prober.cli.duration import Duration
from prober.cli.fleet_options import FLEET, PACE, WHICH
from prober.cli.fleet_run import engine_of
from prober.cli.options import and_these, how_to_send_many
from prober.cli.read_options import read_options
from prober.definitions.keys.canary import CONFIRM, EVERY
from prober.fleet.formats import FORMATS
from prober.fleet.options import ChoiceOptions, PaceOptions
from prober.fleet.run import load_fleet
from prober.fleet.watching import FleetWatch
from prober.model import ExitStatus

if TYPE_CHECKING:
    from prober.fleet.record import FleetRecord
    from prober.fleet.watch import Change


@click.command("watch", cls=SectionCommand)
@FLEET
@and_these(*WHICH, *PACE)
@how_to_send_many
@and_these(*section("Schedule",
    option("--every", metavar="DURATION", type=Duration(least=EVERY.least, most=EVERY.most), default="1h",
                 show_default=True, help="How often each deployment is probed, at its own moment."),
    option("--confirm", metavar="N", type=click.IntRange(int(CONFIRM.least), int(CONFIRM.most)), default=2,
                 show_default=True, help="Runs in a row that must agree before a change is reported."),
    option("--report", metavar="FORMAT=PATH", multiple=True, help="Keep this report up to date, in any format."),
))  # fmt: skip
def command(*, every: float, confirm: int, report: tuple[str, ...], **given: object) -> int:
    """Probe each deployment of a fleet on a schedule, and print a line for each change.

    Each has its own moment within the interval, which depends on its name alone. SIGTERM ends it, with exit status 130.
    """
    files = files_of(report, FORMATS)
    remove(files)
    fleet, pace = load_fleet(read_options(ChoiceOptions, given)), read_options(PaceOptions, given)

    def write(record: FleetRecord) -> None:
        try:
            for name, path in files:
                write_whole(path, FORMATS[name](record))
        except OSError as error:
            _log(f"a report could not be written: {(error.strerror or 'no').lower()}")

    watch = FleetWatch(
        fleet, read_options(SendOptions, given), pace, every=every, confirm=confirm, on_change=_say, on_report=write
    )
    _log(f"watching {len(fleet.inventory.chosen)} deployments of '{fleet.inventory.fleet}' every {every:g} s")
    asyncio.run(watch.forever(engine_of(pace, fleet.files)))
    return ExitStatus.INTERRUPTED


def _say(change: Change) -> None:
    click.echo(f"{stamp(time.time())} {change}")


def _log(text: str) -> None:
    sys.stderr.write(f"{stamp(time.time())} {text}\n")
    sys.stderr.flush()
