"""`prober fleet watch`: the canary over a fleet. Clocks, history, receivers and the page are handed to it here."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import click

from prober.app.alert_options import ping_of, receivers_of
from prober.app.options import SendOptions, WatchOptions
from prober.app.outputs import files_of, remove
from prober.app.secrets import value_or_source
from prober.app.status_server import access_of, place
from prober.app.whole_file import write_whole
from prober.canary.delivery import Delivery
from prober.canary.history import History
from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
from prober.canary.http_client import asked
from prober.canary.times import stamp
from prober.cli.command import SectionCommand, option, section
from prober.cli.fleet_options import FLEET, PACE, WHICH
from prober.cli.fleet_run import engine_of
from prober.cli.history_options import HISTORY_OF_A_FLEET, history_option
from prober.cli.options import and_these, how_to_send_many
from prober.cli.read_options import read_options
from prober.cli.watch_options import OF_A_FLEETS_WATCH
from prober.fleet.formats import FORMATS
from prober.fleet.options import ChoiceOptions, PaceOptions
from prober.fleet.run import load_fleet
from prober.fleet.watch import FleetWatch
from prober.model import ExitStatus

if TYPE_CHECKING:
    from prober.app.status_server import Place
    from prober.canary.http_client import Target
    from prober.canary.receivers import Receiver
    from prober.fleet.deployment_states import Change
    from prober.fleet.local import Engine
    from prober.fleet.record import FleetRecord


@click.command("watch", cls=SectionCommand)
@FLEET
@and_these(*WHICH, *PACE)
@how_to_send_many
@partial(history_option, default=HISTORY_OF_A_FLEET)
@and_these(*OF_A_FLEETS_WATCH)
@and_these(*section("Report",
    option("--report", metavar="FORMAT=PATH", multiple=True, help="Keep this report up to date, in any format."),
))  # fmt: skip
def command(**given: object) -> int:
    """Probe each deployment of a fleet on a schedule, alert on changes and keep a history.

    Each has its own moment within the interval, which depends on its name alone. One alert speaks of a cause, however
    many deployments have it. SIGTERM and SIGHUP end it, with exit status 130; definitions are read at the start.
    """
    options, pace = read_options(WatchOptions, given), read_options(PaceOptions, given)
    files = files_of(options.report, FORMATS)
    remove(files)
    fleet = load_fleet(read_options(ChoiceOptions, given))

    def write(record: FleetRecord) -> None:
        try:
            for name, path in files:
                write_whole(path, FORMATS[name](record))
        except OSError as error:
            _log(f"a report could not be written: {(error.strerror or 'no').lower()}")

    schedule = Schedule(every=options.every, remind=options.remind, confirm=options.confirm, keep=options.keep)
    watch = FleetWatch(
        fleet, read_options(SendOptions, given), pace, schedule, on_change=_say, on_report=write, log=_log
    )  # fmt: skip
    receivers, ping, engine = receivers_of(options), ping_of(options), engine_of(pace, fleet.files)
    page = place(options)
    history = History.to_write(value_or_source(options.history, of="--history"))
    _log(f"watching {len(fleet.inventory.chosen)} deployments of '{fleet.inventory.fleet}' every {options.every:g} s")
    asyncio.run(_watch(watch, history, receivers, ping, page, engine))
    return ExitStatus.INTERRUPTED


async def _watch(
    watch: FleetWatch, history: History, receivers: list[Receiver], ping: Target | None, page: Place | None,
    engine: Engine | None,
) -> None:  # fmt: skip
    store = HistoryThread(history)
    clock = WatchClock(now=time.monotonic, wall=time.time, sleep=asyncio.sleep, chance=random.random)
    beside = None
    if page is not None:
        from prober.fleet.site import serve  # noqa: PLC0415 - a watch without a page needs none of it

        beside = serve(watch.shown, access=access_of(page), is_alive=lambda: watch.is_alive, place=page.taken, log=_log)
        _log(f"the page is at {page.shown}")
        if page.warning:
            _log(page.warning)
    await watch.forever(
        store, Delivery(store, receivers, clock, log=_log), clock, engine=engine, beside=beside,
        ping=None if ping is None else partial(asked, ping),
    )  # fmt: skip


def _say(change: Change) -> None:
    with suppress(OSError):  # a reader that has gone must not end the watch
        click.echo(f"{stamp(time.time())} {change}")


def _log(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"{stamp(time.time())} {text}\n")
        sys.stderr.flush()
