"""`prober run`: probe a deployment, print the report, give the exit status."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.app.addresses import with_every_address
from prober.app.baseline import baseline_file, check_baseline, load_baseline
from prober.app.load import DEFAULT_FILE, load
from prober.app.options import OutputOptions, ProbeOptions, SendOptions
from prober.app.outputs import Reports
from prober.app.prepare import PreparedRun, prepare
from prober.cli.command import SectionCommand
from prober.cli.console import console_of
from prober.cli.options import how_to_probe, what_to_probe
from prober.cli.read_options import read_options
from prober.definitions.builtin import profile_names
from prober.errors import UsageError, listed
from prober.model import ExitStatus
from prober.report.redact import harmless

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.app.load import LoadedDeployment
    from prober.engine.run import Run
    from prober.model import EarlierReport, Report


@click.command("run", cls=SectionCommand)
@what_to_probe
@how_to_probe
def command(**given: object) -> int:
    """Check that a live deployment refuses unauthenticated requests on every route."""
    options = read_options(ProbeOptions, given)
    return _run_without_a_name(options, given) if _names_nothing(options) else run_with(given)


def _names_nothing(options: ProbeOptions) -> bool:
    """Say whether all that is known is a URL: no mode, no surface, and no file beside it."""
    files = (options.deployment, options.profile, options.env_file, options.source)
    names = (options.mcp_url, *options.service, *options.surface, *options.only, *options.skip, *options.hold)
    return options.base_url is not None and not any((*files, *names)) and not Path(DEFAULT_FILE).is_file()


def _run_without_a_name(options: ProbeOptions, given: dict[str, object]) -> int:
    """Recognise an application that comes with the prober, which has modes to choose from; else check what is there."""
    from prober.app.check import CheckOptions  # noqa: PLC0415 - httpx and asyncio cost 150 ms, here and below
    from prober.app.learn import NoVerdictError  # noqa: PLC0415 - see above
    from prober.app.recognise import recognised  # noqa: PLC0415 - see above
    from prober.cli.check import check  # noqa: PLC0415 - see above

    url = str(options.base_url)
    try:
        pack = asyncio.run(recognised(url, read_options(SendOptions, given)))
    except NoVerdictError as error:
        click.echo(f"NO VERDICT: {error.what}", err=True)
        return ExitStatus.NO_VERDICT
    if pack is not None:
        what = f"{harmless(url)} answers as {pack} does, and no profile is given ({listed(profile_names())})"
        raise UsageError(what, fix="give --profile NAME, or --env-file FILE to read the mode from")
    what = "no profile, no surface and no prober.yaml here, and the answers are of none of the applications that come"
    click.echo(f"{what} with the prober: doing what `prober check {harmless(url)}` does", err=True)
    return check(CheckOptions(url=url, depth=options.depth), given)


def prepare_run(options: ProbeOptions, sending: SendOptions) -> PreparedRun:
    """Load what is named, look up its addresses, and make the plan."""
    return prepare(with_every_address(load(options), sending), sending)


def run_with(
    given: dict[str, object], *, prepared_by: Callable[[ProbeOptions, SendOptions], PreparedRun] = prepare_run
) -> int:
    """Do what `run` does with these options; verify-lockdown prepares the run in its own way."""
    _, status = _report_of(given, prepared_by)
    return status


def report_of(
    given: dict[str, object], loaded: LoadedDeployment, *, is_shown: Callable[[Report], bool]
) -> tuple[Report | None, int]:
    """Run what was loaded already, and print the report where `is_shown`; None where it was interrupted."""
    return _report_of(given, lambda _, sending: prepare(with_every_address(loaded, sending)), is_shown=is_shown)


def _report_of(
    given: dict[str, object],
    prepared_by: Callable[[ProbeOptions, SendOptions], PreparedRun],
    *,
    is_shown: Callable[[Report], bool] = lambda _: True,
) -> tuple[Report | None, int]:
    output, sending = read_options(OutputOptions, given), read_options(SendOptions, given)
    reports = Reports(output, console_of(no_color=output.no_color))
    baseline_path = baseline_file(output)
    reports.remove_earlier()
    baseline = None if baseline_path is None else load_baseline(baseline_path)
    prepared = prepared_by(read_options(ProbeOptions, given), sending)
    if prepared.refusal:
        click.echo(f"LEAK: {prepared.refusal}")
        click.echo("  fix: correct the environment, or name the --profile that is meant", err=True)
        return None, ExitStatus.LEAK
    if baseline is not None:
        check_baseline(baseline, profile=prepared.plan.profile.name, services=prepared.services)
    run, secrets = _run_of(sending, output, prepared, reports, baseline)
    interrupted = asyncio.run(_until_done(run))
    report = run.report(interrupted=interrupted)
    reports.give(report, secrets, prints=is_shown(report))
    return (None, ExitStatus.INTERRUPTED) if interrupted else (report, report.exit_status)


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


def _run_of(
    sending: SendOptions, output: OutputOptions, prepared: PreparedRun, reports: Reports,
    baseline: EarlierReport | None,
) -> tuple[Run, tuple[str, ...]]:  # fmt: skip
    """Make the run, and name the values that no report may repeat; what is wrong is said before anything is sent."""
    from prober.app.run import CLOCK, network_of, run_of, secrets_of  # noqa: PLC0415 - httpx and asyncio cost 150 ms

    network = network_of(sending, prepared)
    secrets = secrets_of(prepared, network)
    listener = reports.listener(len(prepared.plan.probes), CLOCK.now, secrets)
    fail_on_new = output.fail_on == "new"
    run = run_of(sending, prepared, network, baseline=baseline, fail_on_new=fail_on_new, on_finding=listener)
    return run, secrets
