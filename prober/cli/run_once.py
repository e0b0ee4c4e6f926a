"""What `prober run` does once its options are read: load, plan, send, print. Imported when a run begins."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from prober.app.addresses import with_every_address
from prober.app.baseline import baseline_file, check_baseline, load_baseline
from prober.app.end_signals import until_done_or_ended
from prober.app.load import load
from prober.app.options import OutputOptions, ProbeOptions, SendOptions
from prober.app.outputs import Reports
from prober.app.prepare import PreparedRun, prepare
from prober.app.run import CLOCK, network_of, run_of, secrets_of
from prober.cli.console import console_of
from prober.cli.read_options import read_options
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.app.load import LoadedDeployment
    from prober.engine.run import Run
    from prober.model import EarlierReport, Question, Report


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
    given: dict[str, object], loaded: LoadedDeployment, *, questions: tuple[Question, ...],
    is_shown: Callable[[Report], bool],
) -> tuple[Report | None, int]:  # fmt: skip
    """Run what was loaded already, and print the report where `is_shown`; None where it was interrupted.

    The questions stand in the report beside what was found.
    """

    def prepared_by(_: ProbeOptions, sending: SendOptions) -> PreparedRun:
        return prepare(with_every_address(loaded, sending), sending)

    return _report_of(given, prepared_by, questions=questions, is_shown=is_shown)


def _report_of(
    given: dict[str, object],
    prepared_by: Callable[[ProbeOptions, SendOptions], PreparedRun],
    *,
    questions: tuple[Question, ...] = (),
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
    interrupted = asyncio.run(until_done_or_ended(run.send_all()))
    report = replace(run.report(interrupted=interrupted), questions=questions)
    reports.give(report, secrets, prints=is_shown(report))
    return (None, ExitStatus.INTERRUPTED) if interrupted else (report, report.exit_status)


def _run_of(
    sending: SendOptions, output: OutputOptions, prepared: PreparedRun, reports: Reports,
    baseline: EarlierReport | None,
) -> tuple[Run, tuple[str, ...]]:  # fmt: skip
    """Make the run, and name the values that no report may repeat; what is wrong is said before anything is sent."""
    network = network_of(sending, prepared)
    secrets = secrets_of(prepared, network)
    listener = reports.listener(len(prepared.plan.probes), CLOCK.now, secrets)
    fail_on_new = output.fail_on == "new"
    run = run_of(sending, prepared, network, baseline=baseline, fail_on_new=fail_on_new, on_finding=listener)
    return run, secrets
