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

from prober.canary.courier import Courier
from prober.canary.desk import Clock, Desk, Rhythm
from prober.canary.loop import Round, Watch
from prober.canary.receivers import receiver_of
from prober.canary.sending import exchange, target_of
from prober.canary.store import History
from prober.canary.times import stamp
from prober.cli.choose import choose_of, load_deployment, load_from
from prober.cli.conduct import run_of, secrets_of, wire_of, words
from prober.cli.held import read_source
from prober.cli.kept import Duration, history_option, plain_or_kept
from prober.cli.options import LINES, and_these, how_to_send, what_to_probe
from prober.cli.run import wishes_of
from prober.definitions.service import is_loopback
from prober.errors import UsageError
from prober.judge.fingerprint import fingerprint
from prober.model import Depth, ExitStatus
from prober.report.record import record
from prober.send.daemons import Daemons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.canary.receivers import Receiver
    from prober.canary.sending import Target
    from prober.cli.choose import Loaded
    from prober.report.shape import Record
    from prober.send.wire import Wire

_DAY = 86_400.0
LAST = 1.5  # seconds after a signal, when what hangs is left behind: the end is within two


@click.command("watch")
@what_to_probe
@how_to_send
@history_option
@and_these(
    click.option(
        "--every",
        type=Duration(least=1, most=_DAY),
        default="5m",
        show_default=True,
        help="From one run's beginning to the next one's.",
    ),
    click.option(
        "--once", is_flag=True, help="Run once, tell whom there is to tell, and exit as 'run' does: for timers."
    ),
    click.option(
        "--confirm",
        metavar="N",
        type=click.IntRange(1, 100),
        default=2,
        show_default=True,
        help="How many runs in a row find anything but a leak, before it counts; or that it is over.",
    ),
    click.option(
        "--remind",
        type=Duration(least=1, most=365 * _DAY, none_too=True),
        default="6h",
        show_default=True,
        help="Say again what is still open, so often; 0: never.",
    ),
    click.option(
        "--keep",
        type=Duration(least=3_600, most=3_650 * _DAY),
        default="90d",
        show_default=True,
        help="How long to keep runs; changes are kept four times as long.",
    ),
    click.option(
        "--alert",
        metavar="URL|SOURCE",
        multiple=True,
        type=LINES,
        help="Whom to tell: a webhook's https://..., or a URL of apprise; SOURCE is env:NAME or file:PATH.",
    ),
    click.option("--alert-secret", metavar="SOURCE", help="What webhooks are signed with: env:NAME or file:PATH."),
    click.option("--ping", metavar="URL|SOURCE", help="Ask for this after each finished run (a dead man's switch)."),
    click.option("--verbose", "-v", is_flag=True, help="Say what each run came to, and tracebacks."),
)
def command(**options: object) -> int:  # fmt: skip
    """Probe a deployment for ever, tell of what changes, and remember it.

    SIGHUP reads the definitions anew; SIGTERM ends it within two seconds.
    """
    definitions = Definitions(options)
    if definitions.refusal:
        click.echo(f"LEAK: {definitions.refusal}")
        click.echo("  fix: mend the environment, or name the --profile that is meant", err=True)
        return ExitStatus.LEAK
    receivers, ping = _receivers(options), _ping(options)
    history = History.to_write(plain_or_kept(str(options["history"]), of="--history"))
    return asyncio.run(watch_with(options, definitions, history, receivers, ping))


class Definitions:
    """What was read from disk last, and was right."""

    def __init__(self, options: Mapping[str, object]) -> None:
        """Read it for the first time; what is wrong ends the command."""
        self._options = options
        self._read, self.refusal = self._load()

    def reload(self) -> None:
        """Read it while the watch goes on, all of it or nothing: what no run would be sent to is refused as well."""
        read, refusal = self._load()
        if refusal is not None:
            raise UsageError(refusal, fix="mend the environment")
        self._read = read

    def _load(self) -> tuple[tuple[Loaded, Wire, tuple[str, ...]], str | None]:
        wishes = wishes_of({"depth": Depth.QUICK, **{name: v for name, v in self._options.items() if v is not None}})
        if wishes.depth == Depth.DEEP:
            what = "the canary never runs 'deep': it bursts, and leaves traces"
            raise UsageError(what, fix="use --depth quick or standard, and 'prober run --depth deep' by hand")
        loaded = load_from(wishes, *load_deployment(wishes.deployment))
        chosen = choose_of(loaded)
        wire = wire_of(self._options, chosen)
        return (loaded, wire, secrets_of(chosen, wire)), chosen.refusal

    def begin(self) -> Round:
        """Make a run."""
        loaded, wire, secrets = self._read
        run = run_of(self._options, choose_of(loaded), wire)

        def taken() -> Record:
            made = record(run.report(), secrets=secrets)
            fingerprint.cache_clear()  # it holds on to the answers: some of this run's are of no use to the next
            return made

        return Round(id=run.id, send=run.send_all, record=taken, requests=lambda: run.requests)

    @property
    def place(self) -> str:
        """Name the deployment."""
        return ", ".join(f"{service.name} {service.url}" for service in self._read[0].services.values())


async def watch_with(
    options: Mapping[str, object], definitions: Definitions, history: History, receivers: list[Receiver],
    ping: Target | None,
) -> int:  # fmt: skip
    """Watch what was read, until a signal ends it."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(Daemons())  # no thread of ours is waited for at the end
    clock = Clock(now=time.monotonic, wall=time.time, sleep=asyncio.sleep, chance=random.random)
    desk, once = Desk(history), bool(options["once"])
    rhythm = Rhythm(
        every=float(str(options["every"])), remind=float(str(options["remind"])),
        confirm=int(str(options["confirm"])), keep=float(str(options["keep"])),
    )  # fmt: skip
    watch = Watch(
        desk, Courier(desk, receivers, clock, say=_say), clock, rhythm, begin=definitions.begin,
        reload=definitions.reload, place=definitions.place, say=_say,
        detail=_say if options["verbose"] else (_print if once else _nothing),
        ping=None if ping is None else partial(_asked, ping),
    )  # fmt: skip
    if not once:
        _say(f"watching {definitions.place} every {rhythm.every:g} s")
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


def _receivers(options: Mapping[str, object]) -> list[Receiver]:
    said = options["alert_secret"]
    secret = None if said is None else read_source(str(said), of="--alert-secret")
    receivers: dict[str, Receiver] = {}
    for entry in words(options["alert"]):
        url = plain_or_kept(entry, of="--alert")
        receiver = receiver_of(url, secret=secret, wall=time.time)
        if receiver.target is not None:
            _check_way(receiver.target)
        if receiver.key in receivers:
            raise UsageError(f"--alert {receiver.shown} is given twice", fix="remove one of them")
        receivers[receiver.key] = receiver
    return list(receivers.values())


def _check_way(target: Target) -> None:
    """An alert says which doors stand open."""
    if target.scheme != "https" and not is_loopback(target.host):
        what = f"--alert {target.origin} would be told of open doors without TLS"
        raise UsageError(what, fix="use https for it")


def _ping(options: Mapping[str, object]) -> Target | None:
    said = options["ping"]
    return None if said is None else target_of(plain_or_kept(str(said), of="--ping"), option="--ping")


async def _asked(target: Target) -> str | None:
    answer = await exchange(target)
    if isinstance(answer, str):
        return answer
    return None if 200 <= answer < 300 else f"answered {answer}"  # noqa: PLR2004 - HTTP's own class


def _say(what: str) -> None:
    """Say it with the time, where a service's log is read."""
    with suppress(OSError):  # a log that nobody reads any more must not end the watch
        sys.stderr.write(f"{stamp(time.time())} {what.rstrip()}\n")
        sys.stderr.flush()


def _print(what: str) -> None:
    click.echo(what.rstrip())


def _nothing(_: str) -> None:
    """Quiet until something changes."""
