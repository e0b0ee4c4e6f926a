"""`prober history`: what the canary has seen."""

from __future__ import annotations

import shutil
import time

import click

from prober.app.secrets import value_or_source
from prober.canary.history import History
from prober.canary.summary import summarize
from prober.canary.summary_text import render_summary
from prober.cli.duration import Duration
from prober.cli.history_options import history_option
from prober.model import ExitStatus
from prober.report.json_format import render_json

_DAY = 86_400


@click.command("history")
@history_option
@click.option(
    "--last",
    "last",
    type=Duration(least=1, most=36_500 * _DAY),
    default="90d",
    show_default=True,
    help="How far to look back at what is over.",
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(history: str, last: float, format_: str) -> int:  # fmt: skip
    """Show what is open and since when, what was open before, and gaps in monitoring."""
    opened = History.to_read(value_or_source(history, of="--history"))
    try:
        now = time.time()
        found = summarize(opened, now=now, since=max(now - last, 0.0))
    finally:
        opened.close()
    if format_ == "json":
        click.echo(render_json(found), nl=False)
    else:
        click.echo(render_summary(found, width=shutil.get_terminal_size((80, 24)).columns), nl=False)
    return ExitStatus.LOCKED
