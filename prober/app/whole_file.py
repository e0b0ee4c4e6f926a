"""Writes a file whole or not at all, for its owner alone: a report names open routes."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file in the place of an earlier one; raises OSError, and then nothing is left beside it."""
    import tempfile  # noqa: PLC0415 - a run that writes no file need not pay for it

    raw = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(raw)
        Path(name).replace(path)  # which replaces a link that was put there since, and does not follow it
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
