"""`prober diff`: what changed between two reports."""

from __future__ import annotations

import shutil

import click

from prober.app.baseline import load_report
from prober.cli.completers import files
from prober.judge.baseline import FailOn, differences, fails, notes_of
from prober.model import ExitStatus
from prober.report.diff import changes, render_changes
from prober.report.json_format import render_json


@click.command("diff")
@click.argument("before", metavar="BEFORE", shell_complete=files)
@click.argument("after", metavar="AFTER", shell_complete=files)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice([word.value for word in FailOn]),
    help="Exit 1 if a route opened, if a leak or drift is new, or if anything differs.",
)
def command(before: str, after: str, format_: str, fail_on: str | None) -> int:
    """Say what changed between two reports that `--report json=FILE` wrote."""
    was, now = load_report(before), load_report(after)
    found = differences(was.findings, now.findings)
    record = changes(was, now, found, notes_of(was, now))
    if format_ == "json":
        click.echo(render_json(record), nl=False)
    else:
        click.echo(render_changes(record, width=shutil.get_terminal_size((80, 24)).columns), nl=False)
    return ExitStatus.LEAK if fail_on is not None and fails(found, FailOn(fail_on)) else ExitStatus.LOCKED
