"""Writes what was learned beside the user's code: three definitions, and the schemas that their first lines name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from prober.cli.schema import schema_of
from prober.report.redact import harmless

if TYPE_CHECKING:
    from pathlib import Path

    from prober.app.learned_files import LearnedFiles

_FOLDER = ".lockdown"
_KINDS = ("deployment", "profile", "surface")


def save(files: LearnedFiles, home: Path, *, force: bool) -> None:
    """Write the files and say which; a usage error where one is there and may not be replaced."""
    written = files.write(home, force=force)
    (home / _FOLDER).mkdir(exist_ok=True)
    for kind in _KINDS:
        text = json.dumps(schema_of(kind), indent=2, ensure_ascii=False)
        (home / _FOLDER / f"{kind}.json").write_text(f"{text}\n", encoding="utf-8")
    click.echo(f"wrote {', '.join(harmless(str(home / path)) for path in written)}", err=True)
