"""`prober watch`: the canary. Everything of the world is handed to the watch here: clocks, signals, definitions."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from prober.app.alert_options import ping_of, receivers_of
from prober.app.load import load_deployment
from prober.app.options import ProbeOptions, SendOptions, WatchOptions
from prober.app.secrets import value_or_source
from prober.app.status_server import page_task, place
from prober.app.watch import Definitions, with_block
from prober.canary.delivery import Delivery
from prober.canary.history import History
from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
from prober.canary.http_client import asked
from prober.canary.times import stamp
from prober.canary.watch import Watch
from prober.cli.command import SectionCommand
from prober.cli.history_options import history_option
from prober.cli.options import and_these, how_to_send, what_to_probe
from prober.cli.read_options import read_options
from prober.cli.watch_options import OF_THE_WATCH
from prober.model import ExitStatus
from prober.transport.daemon_threads import DaemonThreadPool

if TYPE_CHECKING:
    from prober.app.status_server import Place
    from prober.canary.http_client import Target
    from prober.canary.receivers import Receiver

LAST = 1.5  # seconds after a signal, when what hangs is left behind: the end is within two


@click.command("watch", cls=SectionCommand)
@what_to_probe
@how_to_send
@history_option
@and_these(*OF_THE_WATCH)
def command(**given: object) -> int:  # fmt: skip
    """Probe a deployment on a schedule, alert on changes and keep a history.

    SIGHUP reads the definitions again; SIGTERM ends it within two seconds.
    """
    options, sending = read_options(ProbeOptions, given), read_options(SendOptions, given)
    source = click.get_current_context().get_parameter_source
    watching = with_block(
        read_options(WatchOptions, given), load_deployment(options.deployment)[0].canary,
        is_default=lambda name: source(name) is ParameterSource.DEFAULT,
    )  # fmt: skip
    definitions = Definitions(options, sending, watching.report, log=_log)
    if definitions.refusal:
        click.echo(f"LEAK: {definitions.refusal}")
        click.echo("  fix: correct the environment, or name the --profile that is meant", err=True)
        return ExitStatus.LEAK
    receivers, ping = receivers_of(watching), ping_of(watching)
    page = place(watching)
    history = History.to_write(value_or_source(watching.history, of="--history"))
    return asyncio.run(watch_with(watching, definitions, history, receivers, ping, page))


async def watch_with(
    options: WatchOptions, definitions: Definitions, history: History, receivers: list[Receiver],
    ping: Target | None, page: Place | None = None,
) -> int:  # fmt: skip
    """Watch what was read, until a signal ends it."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(DaemonThreadPool())  # no thread of ours is waited for at the end
    clock = WatchClock(now=time.monotonic, wall=time.time, sleep=asyncio.sleep, chance=random.random)
    store, once = HistoryThread(history), options.once
    schedule = Schedule(every=options.every, remind=options.remind, confirm=options.confirm, keep=options.keep)
    watch = Watch(
        store, Delivery(store, receivers, clock, log=_log), clock, schedule, begin=definitions.begin,
        reload=definitions.reload, place=definitions.place, log=_log,
        detail=_log if options.verbose else (_print if once else _nothing),
        ping=None if ping is None else partial(asked, ping),
        beside=None if page is None else page_task(page, store, every=schedule.every, log=_log),
    )  # fmt: skip
    definitions.newest = lambda: watch.newest
    if not once:
        _log(f"watching {definitions.place} every {schedule.every:g} s")
    if page is not None:
        _log(f"the page is at {page.shown}")
    if page is not None and page.warning:
        _log(page.warning)
    task = asyncio.ensure_future(watch.once() if once else watch.forever())

    def end() -> None:
        watch.stop()
        loop.call_later(LAST, task.cancel)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    loop.add_signal_handler(signal.SIGHUP, watch.reload)
    with suppress(asyncio.CancelledError):
        return await task
    return ExitStatus.INTERRUPTED


def _log(what: str) -> None:
    """Say it with the time, where a service's log is read."""
    with suppress(OSError):  # a log that nobody reads any more must not end the watch
        sys.stderr.write(f"{stamp(time.time())} {what.rstrip()}\n")
        sys.stderr.flush()


def _print(what: str) -> None:
    click.echo(what.rstrip())


def _nothing(_: str) -> None:
    """Quiet until something changes."""
