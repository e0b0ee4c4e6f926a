"""`prober run`: probe a deployment, print the report, give the exit status."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

from prober.app.baseline import baseline_file, load_baseline
from prober.app.load import Chosen, Wishes, choose
from prober.app.outputs import Reports
from prober.cli.options import how_to_probe, what_to_probe
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.engine.run import Run
    from prober.model import EarlierReport


@click.command("run")
@what_to_probe
@how_to_probe
def command(**options: object) -> int:
    """Probe a deployment and say whether it is locked."""
    return run_with(options)


def run_with(options: dict[str, object], *, chooser: Callable[[Wishes], Chosen] = choose) -> int:
    """Do what `run` does with these options; verify-lockdown brings its own way to choose."""
    reports = Reports(options)
    baseline_said = baseline_file(options)
    reports.remove_earlier()
    baseline = None if baseline_said is None else load_baseline(baseline_said)
    chosen = chooser(wishes_of(options))
    if chosen.refusal:
        click.echo(f"LEAK: {chosen.refusal}")
        click.echo("  fix: mend the environment, or name the --profile that is meant", err=True)
        return ExitStatus.LEAK
    run, secrets = _prepare(options, chosen, reports, baseline)
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


def _prepare(
    options: Mapping[str, object], chosen: Chosen, reports: Reports, baseline: EarlierReport | None
) -> tuple[Run, tuple[str, ...]]:
    """Make the run, and name the values that no report may repeat; what is wrong is said before anything is sent."""
    from prober.app.run import CLOCK, network_of, run_of, secrets_of  # noqa: PLC0415 - httpx and asyncio cost 150 ms

    network = network_of(options, chosen)
    secrets = secrets_of(chosen, network)
    tell = reports.listener(len(chosen.plan.probes), CLOCK.now, secrets)
    run = run_of(options, chosen, network, baseline=baseline, fail_on_new=options["fail_on"] == "new", tell=tell)
    return run, secrets
