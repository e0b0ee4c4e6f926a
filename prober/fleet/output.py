"""Where the reports of a fleet go: the terminal, and the files that were named; ndjson as results come."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from prober.app.outputs import files_of, remove
from prober.app.status_line import is_wanted
from prober.app.whole_file import write_whole
from prober.errors import UsageError
from prober.fleet.formats import FORMATS
from prober.fleet.ndjson import result_line, run_line
from prober.fleet.progress import FleetProgress
from prober.fleet.record import last_line
from prober.fleet.table import render_table

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from prober.app.outputs import Console
    from prober.fleet.options import KeepOptions
    from prober.fleet.record import FleetRecord
    from prober.fleet.run import FleetRun
    from prober.fleet.tasks import Result

STREAMED = "ndjson"


class FleetReports:
    """What is printed and written of a fleet's run, checked before anything is sent."""

    def __init__(self, options: KeepOptions, console: Console) -> None:
        """Check the formats and the folders, and take the reports of an earlier run away."""
        self._files = files_of(options.report, FORMATS)
        self._options, self._console = options, console
        if options.records is not None:
            _make_folder(options.records)
        remove(self._files)
        self._streams: list[tuple[Path, TextIO]] = []
        self._progress: FleetProgress | None = None
        self._run: FleetRun | None = None

    def start(self, run: FleetRun) -> None:
        """Begin to listen."""
        self._run = run
        self._streams = [(path, _new_file(path)) for name, path in self._files if name == STREAMED]
        for name in [*run.tally.locked, *run.tally.results]:  # what an earlier part of the run has found
            self._line(name)
        if is_wanted(sys.stderr, quiet=self._options.quiet):
            self._progress = FleetProgress(sys.stderr, total=run.waiting, now=time.monotonic)

    def tell(self, result: Result) -> None:
        """Take a result in as it comes."""
        self._line(result.name)
        if self._progress:
            self._progress.tell(result)

    def _line(self, name: str) -> None:
        """Write the line of a deployment, where lines are wanted."""
        if self._run is not None and (self._streams or self._prints_lines):
            line = result_line(self._run.tally, name)
            for _, stream in self._streams:
                with suppress(OSError):  # it is written whole at the end, or that is an error
                    stream.write(line)
                    stream.flush()
            if self._prints_lines:
                self._console.out(line)

    def give(self, record: FleetRecord) -> None:
        """Print the report, and write those that were asked for."""
        if self._progress:
            self._progress.clear()
        for _, stream in self._streams:
            with suppress(OSError):
                stream.close()
        try:
            for name, path in self._files:
                write_whole(path, FORMATS[name](record))  # ndjson too: with what an earlier part of the run has probed
        finally:  # a report that cannot be written hides nothing from whoever reads the terminal
            self._print(record)

    def _print(self, record: FleetRecord) -> None:
        if self._options.quiet:
            self._console.out(f"{last_line(record)}\n")
        elif self._options.format_ == "table":
            self._console.out(render_table(record, paint=self._console.paint))
        elif self._run is not None and self._prints_lines:
            self._console.out(run_line(record))  # each deployment has its line already
        else:
            self._console.out(FORMATS[self._options.format_](record))

    @property
    def _prints_lines(self) -> bool:
        return self._options.format_ == STREAMED and not self._options.quiet


def _new_file(path: Path) -> TextIO:
    """Open a report that grows: for the user alone to read, and through no link that was put there since."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--report cannot write '{path}': {error.strerror}", fix="name another file") from None


def _make_folder(name: str) -> None:
    """Make the folder for full records; they are for the user alone to read."""
    try:
        os.makedirs(name, mode=0o700, exist_ok=True)  # noqa: PTH103 - Path.mkdir has the same, and reads no better
    except OSError as error:
        raise UsageError(f"--records cannot make '{name}': {error.strerror}", fix="name another folder") from None
