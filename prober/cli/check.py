"""`prober check`: one line, no file: what must refuse unauthenticated requests does, or which routes answer them."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.app.options import OutputOptions, SendOptions
from prober.app.outputs import Reports
from prober.cli import completers
from prober.cli.command import SectionCommand, option, section
from prober.cli.console import console_of
from prober.cli.option_types import LINES
from prober.cli.options import and_these, how_to_probe
from prober.cli.read_options import read_options
from prober.cli.run_once import report_of
from prober.cli.saved import save
from prober.model import Depth, ExitStatus, Verdict
from prober.report.questions import render_questions

if TYPE_CHECKING:
    from prober.app.check import Check, CheckOptions
    from prober.model import Report

_OPTIONS = section(
    "What is checked",
    option(
        "--deny", metavar="ROUTE", multiple=True, type=LINES,
        help="A route that must refuse unauthenticated requests: /admin, or 'POST /cron/nightly'. Repeatable.",
    ),
    option(
        "--public", metavar="ROUTE", multiple=True, type=LINES,
        help="A route that must answer everybody, such as /healthz. Repeatable.",
    ),
    option("--openapi", metavar="FILE|URL", help="Check what this OpenAPI document says needs a credential.",
                 shell_complete=completers.files),
    option("--mcp", metavar="PATH", help="An MCP endpoint that must refuse unauthenticated requests, such as /mcp."),
    option("--depth", type=click.Choice([depth.value for depth in Depth]),
                 help="How many requests it may cost [default: standard]."),
    option("--allow-effects", metavar="GLOB", multiple=True, type=LINES,
                 help="Send requests that could change data if the route turns out to be open."),
    option("--save", is_flag=True, help="Write prober.yaml and lockdown/ here, for `prober run`."),
    option("--force", is_flag=True, help="With --save: replace the files that are there."),
)  # fmt: skip


@click.command("check", cls=SectionCommand)
@click.argument("url", metavar="URL")
@and_these(*_OPTIONS)
@how_to_probe
def command(url: str, *, save: bool, force: bool, **given: object) -> int:
    """Check a running application without any file: what must refuse unauthenticated requests, or what answers them.

    With nothing named it finds routes by itself (OpenAPI, robots.txt, sitemap, links, common paths) and asks of each
    that answers without credentials whether it may: exit 0. Exit 1: a route answers that must refuse, or that is
    never right. Exit 2: no answer.
    """
    from prober.app.check import CheckOptions  # noqa: PLC0415 - httpx and asyncio cost 150 ms, here and below
    from prober.app.description import load_description  # noqa: PLC0415 - see above

    cacert = given.get("cacert")
    openapi = given.pop("openapi")
    text = load_description(str(openapi), str(cacert) if cacert else None) if openapi else None
    options = read_options(CheckOptions, {**given, "url": url, "openapi": text})
    return check(options, given, saves=save, replaces=force)


def check(options: CheckOptions, given: dict[str, object], *, saves: bool = False, replaces: bool = False) -> int:
    """Learn, run and report; give the exit status."""
    from prober.app.check import prepare_check  # noqa: PLC0415 - see above
    from prober.app.learn import NoVerdictError  # noqa: PLC0415 - see above
    from prober.app.learned_files import check_free  # noqa: PLC0415 - see above

    if saves and not replaces:
        check_free(Path())
    sending, output = read_options(SendOptions, given), read_options(OutputOptions, given)
    reports = Reports(output, console_of(no_color=output.no_color))
    reports.remove_earlier()
    try:
        checked = asyncio.run(prepare_check(options, sending))
    except NoVerdictError as error:
        click.echo(f"NO VERDICT: {error.what}\n  fix: {error.fix}", err=True)
        return ExitStatus.NO_VERDICT
    asks = not checked.names_routes and output.format_ == "table" and not output.quiet
    if saves:
        save(checked.files, Path(), force=replaces)
    if checked.loaded is None:
        reports.give(checked.report_without_run(options.url), (), prints=not asks)
        if asks:
            _ask(checked, options.url, after_leaks=False)
        return ExitStatus.LOCKED
    if not checked.names_routes:
        given = {**given, "tolerate": "drift"}  # nobody has promised these answers yet
    report, status = report_of(
        given, checked.loaded, questions=checked.questions, is_shown=lambda report: not (asks and _is_clean(report))
    )
    if report is None:
        return ExitStatus.INTERRUPTED
    if asks:
        _ask(checked, options.url, after_leaks=not _is_clean(report))
    return status


def _is_clean(report: Report) -> bool:
    return report.verdict is Verdict.LOCKED


def _ask(checked: Check, url: str, *, after_leaks: bool) -> None:
    text = render_questions(
        checked.questions, checked.refused, checked.learned.notes,
        url=url, width=shutil.get_terminal_size((80, 24)).columns, after_leaks=after_leaks,
    )  # fmt: skip
    click.echo(text, nl=False)
