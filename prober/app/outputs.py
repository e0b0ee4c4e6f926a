"""Where the reports of a run go: the terminal, the files that were named, and what a CI system shows by itself."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prober.app.overrides import COMMAND_LINE
from prober.app.progress import Progress
from prober.app.status_line import is_wanted
from prober.app.whole_file import write_whole
from prober.errors import UsageError, did_you_mean
from prober.report.formats import FORMATS
from prober.report.grouping import override_line
from prober.report.record import record
from prober.report.redact import forms_of
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from prober.app.options import OutputOptions
    from prober.model import Finding, Report
    from prober.report.exchange import Exchange
    from prober.report.formats import Exchanges
    from prober.report.shape import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Where a command prints to. `paint` colours a text by a verdict, where somebody looks at it in colour."""

    out: Callable[[str], None]
    err: Callable[[str], None]
    paint: Callable[[str, str], str] = lambda text, _: text


class Reports:
    """What is printed and written of a run, checked before anything is sent."""

    def __init__(self, options: OutputOptions, console: Console) -> None:
        """Check the reports' formats and that their folders are there."""
        self._files = files_of(options.report)
        self._options, self._console = options, console
        self._progress: Progress | None = None

    def remove_earlier(self) -> None:
        """Take the reports of an earlier run away: none may be taken for this run's, however this one ends."""
        remove(self._files)

    def listener(
        self, total: int, now: Callable[[], float], secrets: tuple[str, ...]
    ) -> Callable[[Finding], None] | None:
        """Give what wants to hear of each finding while the run goes on, None where nobody does."""
        from prober.report.ndjson import early_line  # noqa: PLC0415 - few listen while a run goes on

        hidden = forms_of(secrets)
        streams = self._options.format_ == "ndjson" and not self._options.quiet
        if is_wanted(sys.stderr, quiet=self._options.quiet):
            self._progress = Progress(sys.stderr, total=total, now=now)

        def tell(finding: Finding) -> None:
            if streams:
                self._console.out(early_line(finding, hidden))
            if self._progress:
                self._progress.tell(finding)

        return tell if streams or self._progress else None

    def give(self, report: Report, secrets: tuple[str, ...], *, prints: bool = True) -> None:
        """Print the report, unless something else is printed in its place, and write those that were asked for."""
        if self._progress:
            self._progress.clear()
        redacted = record(report, secrets=secrets)

        def evidence() -> Iterable[Exchange]:
            from prober.report.exchange import exchanges  # noqa: PLC0415 - two formats need it

            return exchanges(report, secrets=secrets)

        try:
            write(self._files, redacted, evidence)
        finally:  # a report that cannot be written hides nothing from whoever reads the terminal
            if os.environ.get("GITHUB_ACTIONS") == "true":
                self._show_on_github(redacted, evidence)
            if prints:
                self._print(redacted, evidence)

    def _print(self, redacted: Record, evidence: Exchanges) -> None:
        format_ = self._options.format_
        if self._options.quiet:
            self._console.out(f"{last_line(redacted)}\n")
            for entry in redacted["overrides"]:
                if entry["given_by"] != COMMAND_LINE:  # who reads one line is told too that something else was probed
                    self._console.err(f"note: {override_line(entry)}\n")
        elif format_ == "table":
            self._console.out(self._table(redacted))
        else:
            self._console.out(FORMATS[format_](redacted, evidence))

    def _show_on_github(self, redacted: Record, evidence: Exchanges) -> None:
        """Annotate the job, on standard error so that no pipe is spoilt, and add to the summary of the step."""
        if self._options.format_ != "github":
            self._console.err(FORMATS["github"](redacted, evidence))
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            try:
                handle = os.open(summary, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
                with os.fdopen(handle, "a", encoding="utf-8") as stream:
                    stream.write(FORMATS["markdown"](redacted, evidence))
            except OSError as error:
                self._console.err(f"note: the step's summary could not be written: {error.strerror}\n")

    def _table(self, redacted: Record) -> str:
        import shutil  # noqa: PLC0415 - a quiet run asks for no width

        from prober.report.table import render_table  # noqa: PLC0415 - nor lays out a table

        width = shutil.get_terminal_size((80, 24)).columns
        return render_table(redacted, width=width, verbose=self._options.verbose, paint=self._console.paint)


def files_of(reports: Iterable[str], known: Collection[str] = FORMATS) -> tuple[tuple[str, Path], ...]:
    """Check that --report names known formats, and that their folders are there."""
    return tuple(_format_and_path(report, known) for report in reports)


def remove(files: Iterable[tuple[str, Path]]) -> None:
    """Take away what an earlier run has written there."""
    for _, path in files:
        path.unlink(missing_ok=True)


def write(files: Iterable[tuple[str, Path]], redacted: Record, evidence: Exchanges) -> None:
    """Write a run's reports, each whole or not at all."""
    for name, path in files:
        write_whole(path, FORMATS[name](redacted, evidence))


def _format_and_path(option_text: str, known: Collection[str]) -> tuple[str, Path]:
    name, equals, where = option_text.partition("=")
    if not equals or not where:
        raise UsageError(f"--report '{option_text}' is not FORMAT=PATH", fix="write it as in --report json=report.json")
    if name not in known:
        fix = did_you_mean(name, known, otherwise=f"use one of: {', '.join(known)}")
        raise UsageError(f"--report knows no format '{name}'", fix=fix)
    path = Path(where).absolute()
    if path.is_symlink():
        raise UsageError(f"--report '{where}' is a link", fix="name the file itself: no report goes through a link")
    usual = path.is_file() or not path.exists()
    if not usual or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"--report cannot write '{where}'", fix="name a file in a folder that may be written")
    return name, path
