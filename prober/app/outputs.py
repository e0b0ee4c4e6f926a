"""Where the reports of a run go: the terminal, the files that were named, and what a CI system shows by itself."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.cli.progress import Progress, is_wanted
from prober.errors import UsageError, did_you_mean
from prober.model import Verdict
from prober.report.exchange import exchanges
from prober.report.formats import FORMATS
from prober.report.ndjson import early_line
from prober.report.record import record
from prober.report.redact import forms_of
from prober.report.summary import last_line
from prober.report.table import render_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prober.model import Finding, Report
    from prober.report.formats import Exchanges
    from prober.report.shape import Record

_COLOURS = {
    Verdict.LEAK: "red", Verdict.DRIFT: "yellow", Verdict.UNPROVEN: "magenta", Verdict.UNREACHABLE: "magenta",
    Verdict.LOCKED: "green",
}  # fmt: skip


class Reports:
    """The options that say what is printed and written, checked before anything is sent."""

    def __init__(self, options: Mapping[str, object]) -> None:
        """Check the reports' formats and that their folders are there."""
        self._files = files_of(options)
        self._format = str(options["format_"])
        self._quiet, self._verbose = bool(options["quiet"]), bool(options["verbose"])
        self._plain = bool(options["no_color"]) or bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
        self._progress: Progress | None = None

    def remove_earlier(self) -> None:
        """Take the reports of an earlier run away: none may be taken for this run's, however this one ends."""
        remove(self._files)

    def listener(
        self, total: int, now: Callable[[], float], secrets: tuple[str, ...]
    ) -> Callable[[Finding], None] | None:
        """Give what wants to hear of each finding while the run goes on, None where nobody does."""
        hidden = forms_of(secrets)
        streams = self._format == "ndjson" and not self._quiet
        if is_wanted(sys.stderr, quiet=self._quiet):
            self._progress = Progress(sys.stderr, total=total, now=now)

        def tell(finding: Finding) -> None:
            if streams:
                click.echo(early_line(finding, hidden), nl=False)
            if self._progress:
                self._progress.tell(finding)

        return tell if streams or self._progress else None

    def give(self, report: Report, secrets: tuple[str, ...]) -> None:
        """Print the report, and write those that were asked for."""
        if self._progress:
            self._progress.clear()
        kept = record(report, secrets=secrets)
        evidence = partial(exchanges, report, secrets=secrets)
        write(self._files, kept, evidence)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            self._show_on_github(kept, evidence)
        if self._quiet:
            click.echo(last_line(kept))
        elif self._format == "table":
            click.echo(self._table(kept), nl=False)
        else:
            click.echo(FORMATS[self._format](kept, evidence), nl=False)

    def _show_on_github(self, kept: Record, evidence: Exchanges) -> None:
        """Annotate the job, on standard error so that no pipe is spoilt, and add to the summary of the step."""
        if self._format != "github":
            click.echo(FORMATS["github"](kept, evidence), nl=False, err=True)
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            try:
                with Path(summary).open("a", encoding="utf-8") as stream:
                    stream.write(FORMATS["markdown"](kept, evidence))
            except OSError as error:
                click.echo(f"note: the step's summary could not be written: {error.strerror}", err=True)

    def _table(self, kept: Record) -> str:
        width = shutil.get_terminal_size((80, 24)).columns
        return render_table(kept, width=width, verbose=self._verbose, paint=self._paint)

    def _paint(self, text: str, word: str) -> str:
        if self._plain or word not in _COLOURS:
            return text
        return click.style(text, fg=_COLOURS[Verdict(word)], bold=True)


def files_of(options: Mapping[str, object]) -> tuple[tuple[str, Path], ...]:
    """Check the formats of --report, and that their folders are there."""
    said = options["report"]
    return tuple(_format_and_path(str(one)) for one in (said if isinstance(said, tuple) else ()))


def remove(files: Iterable[tuple[str, Path]]) -> None:
    """Take away what an earlier run has written there."""
    for _, path in files:
        path.unlink(missing_ok=True)


def write(files: Iterable[tuple[str, Path]], kept: Record, evidence: Exchanges) -> None:
    """Write a run's reports, each whole or not at all."""
    for name, path in files:
        _write_whole(path, FORMATS[name](kept, evidence))


def _format_and_path(said: str) -> tuple[str, Path]:
    name, equals, where = said.partition("=")
    if not equals or not where:
        raise UsageError(f"--report '{said}' is no FORMAT=PATH", fix="write it as in --report json=report.json")
    if name not in FORMATS:
        fix = did_you_mean(name, FORMATS, otherwise=f"use one of: {', '.join(FORMATS)}")
        raise UsageError(f"--report knows no format '{name}'", fix=fix)
    path = Path(where).resolve()  # a link is followed, so that it is not the link that is replaced
    usual = path.is_file() or not path.exists()
    if not usual or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"--report cannot write '{where}'", fix="name a file in a folder that may be written")
    return name, path


def _write_whole(path: Path, text: str) -> None:
    """Write a report so that it is there whole or not at all, for those to read who may read what we write."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)
    Path(name).replace(path)
