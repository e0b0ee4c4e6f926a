"""`prober run`: probe a deployment, print the report, give the exit status."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING

import click

from prober.cli.choose import Chosen, Wishes, choose
from prober.cli.held import SHORTEST_SECRET, read_headers
from prober.cli.options import how_to_probe, what_to_probe
from prober.cli.reports import Reports
from prober.errors import UsageError
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.run import Run


@click.command("run")
@what_to_probe
@how_to_probe
def command(**options: object) -> int:
    """Probe a deployment and say whether it is locked."""
    return run_with(options)


def run_with(options: dict[str, object], *, chooser: Callable[[Wishes], Chosen] = choose) -> int:
    """Do what `run` does with these options; verify-lockdown brings its own way to choose."""
    reports = Reports(options)
    reports.remove_earlier()
    chosen = chooser(wishes_of(options))
    if chosen.refusal:
        click.echo(f"LEAK: {chosen.refusal}")
        click.echo("  fix: mend the environment, or name the --profile that is meant", err=True)
        return ExitStatus.LEAK
    run, secrets = _prepare(options, chosen, reports)
    interrupted = asyncio.run(_until_done(run))
    report = run.report(interrupted=interrupted)
    reports.give(report, secrets)
    return ExitStatus.INTERRUPTED if interrupted else report.exit_status


def wishes_of(options: dict[str, object]) -> Wishes:
    """Take the options that make a plan."""
    names = Wishes.__dataclass_fields__
    return Wishes(**{name: value for name, value in options.items() if name in names})  # type: ignore[arg-type]


async def _until_done(run: Run) -> bool:
    """Send all there is to send; True when a signal ended it first."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(run.send_all())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


def _prepare(options: Mapping[str, object], chosen: Chosen, reports: Reports) -> tuple[Run, tuple[str, ...]]:
    """Make the run, and name the values that no report may repeat; what is wrong is said before anything is sent."""
    from prober.run import Run, Terms  # noqa: PLC0415 - httpx and asyncio cost 150 ms, which a usage error need not pay
    from prober.send.pace import World, sleep  # noqa: PLC0415 - the same
    from prober.send.wire import ANY_IPV4, ANY_IPV6, Tls, Wire, check_proxy, check_resolve, check_tls  # noqa: PLC0415

    headers = read_headers(tuple(map(str, _many(options["header"]))), chosen.services)
    if options["ipv4"] and options["ipv6"]:
        raise UsageError("--ipv4 and --ipv6 leave no way", fix="give one of them")
    files = {name: None if options[name] is None else str(options[name]) for name in ("cacert", "cert", "key")}
    wire = Wire(
        services=chosen.services,
        timeout=float(str(options["timeout"])),
        headers=headers,
        tls=check_tls(Tls(**files, insecure=bool(options["insecure"]))),
        proxy=None if options["proxy"] is None else check_proxy(str(options["proxy"])),
        resolve=check_resolve(tuple(map(str, _many(options["resolve"]))), chosen.services),
        send_from=ANY_IPV4 if options["ipv4"] else ANY_IPV6 if options["ipv6"] else None,
    )
    terms = Terms(
        run=chosen.run,
        started_at=chosen.started_at,
        deadline=float(str(options["deadline"])),
        wait=float(str(options["wait"])),
        attempts=int(str(options["attempts"])),
        concurrency=int(str(options["concurrency"])),
        rate=None if options["rate"] is None else float(str(options["rate"])),
        tolerate_drift=options["tolerate"] == "drift",
        require=chosen.require,
        insecure=wire.tls.insecure,
    )
    world = World(now=time.monotonic, wall=time.time, sleep=sleep)
    secrets = (*chosen.secrets, *(value for _, value in headers if len(value) >= SHORTEST_SECRET))
    tell = reports.listener(len(chosen.plan.probes), world.now)
    return Run(chosen.plan, wire, terms, world=world, profiles=chosen.profiles, tell=tell), secrets


def _many(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
