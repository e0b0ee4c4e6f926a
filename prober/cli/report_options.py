"""The options of what becomes of a report (`run` and its kin), an entry each. A table, and nothing else."""

from __future__ import annotations

import click

from prober.cli import completers
from prober.cli.command import option, section
from prober.report.formats import FORMATS

_TIME = "DURATION"  # as in 5s, 2m or, in seconds, 300

WHAT_TO_REPORT = (
    *section(
        "What fails the run",
        option(
            "--baseline",
            metavar="FILE",
            help="An earlier JSON report to compare with.",
            shell_complete=completers.files,
        ),
        option(
            "--fail-on",
            type=click.Choice(["any", "new"]),
            default="any",
            show_default=True,
            help="'new': ignore leaks and drift that are already in --baseline.",
        ),
    ),
    *section(
        "Output",
        option(
            "--format",
            "format_",
            type=click.Choice(list(FORMATS)),
            metavar="FORMAT",
            default="table",
            show_default=True,
            help=f"What to print: {', '.join(FORMATS)}.",
        ),
        option(
            "--report",
            metavar="FORMAT=PATH",
            multiple=True,
            help="Also write this report, in any format.",
            shell_complete=completers.reports,
        ),
        option("--verbose", "-v", is_flag=True, help="Also show what is locked; show tracebacks."),
        option("--quiet", "-q", is_flag=True, help="Print the last line only."),
        option("--no-color", is_flag=True, help="Do not colour the output (also NO_COLOR)."),
    ),
)
