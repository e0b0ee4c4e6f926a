"""Finds the prober.yaml files that a glob names, within a bound of time and of number: no pattern may hang a run."""

from __future__ import annotations

import glob
import os
from itertools import islice
from typing import TYPE_CHECKING

from prober.errors import DefinitionError
from prober.transport.daemon_threads import DaemonThreadPool

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model import Source

PATIENCE = 10.0  # seconds: 10,000 folders take 0.2
MOST_FILES = 100_000


def files_matching(folder: Path, pattern: str, *, source: Source) -> list[str]:
    """Give the paths that match, sorted; each file once, however many links lead to it. None is an error."""
    # A daemon thread, because a pattern such as '/**' may give nothing for minutes.
    paths = glob.iglob(str(folder / pattern), recursive=True)  # noqa: PTH207 - patterns with '..'
    try:
        found = DaemonThreadPool().submit(lambda: list(islice(paths, MOST_FILES + 1))).result(PATIENCE)
    except TimeoutError:
        what = f"the files of '{pattern}' were not found within {PATIENCE:g} s"
        fix = "name the folders: a '**' searches everything below"
        raise DefinitionError(what, fix=fix, source=source) from None
    if len(found) > MOST_FILES:
        what = f"more than {MOST_FILES:,} files match '{pattern}'"
        raise DefinitionError(what, fix="name the folders more closely", source=source)
    if not found:
        what = f"no file matches '{pattern}'"
        raise DefinitionError(what, fix="check the path, or remove the entry", source=source)
    by_file: dict[str, str] = {}
    for path in sorted(found):
        by_file.setdefault(os.path.realpath(path), path)
    return list(by_file.values())
