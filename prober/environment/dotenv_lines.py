"""Reads the lines of a .env file: what each sets, and where. Nothing is expanded; no network."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from prober.bounded_read import read_bounded
from prober.errors import UsageError
from prober.model import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One binding; without a name where the line is not NAME=VALUE."""

    name: str | None
    value: str
    source: Source


def load_text(path: Path, *, fix: str = "check the path and its permissions") -> str:
    """Load at most 1 MiB of UTF-8."""
    try:
        raw = read_bounded(path, _MOST_BYTES + 1)
        text = raw[: _MOST_BYTES + 1].decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or 'no file'}", fix=fix) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8", fix="save the file as UTF-8") from None
    if len(raw) > _MOST_BYTES:
        raise UsageError(f"{path} is larger than 1 MiB", fix="give the deployment's .env")
    return text


def lines_of(text: str, *, file: str) -> Iterator[Line]:
    """Parse the text, in order; comments are left out."""
    from dotenv.parser import parse_stream  # noqa: PLC0415 - few runs read a .env file

    for line in parse_stream(StringIO(text)):
        text_of_line = line.original.string  # with the blank lines before it
        blank = text_of_line[: len(text_of_line) - len(text_of_line.lstrip())]
        first = line.original.line + blank.count("\n")
        source = Source(file=file, line=first)
        if line.error:
            yield Line(name=None, value="", source=source)
        elif line.key is not None:
            yield Line(name=line.key, value=line.value or "", source=source)
