"""Reads the environments that .env and compose files describe, as each program that uses them does. No network."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from prober.environment.compose_file import load_compose
from prober.environment.dotenv_lines import lines_of, load_text
from prober.environment.readers import bash, compose, next_env
from prober.model import Source
from prober.model.audit import Environment, Gap, Reader, Setting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

# The files that @next/env merges in one folder, later over earlier; a .env of another name is read by itself.
_STACK = (".env", ".env.production", ".env.local", ".env.production.local")
_COMPOSE = {".yml", ".yaml"}
RCLONE = "rclone.conf"


def load_environments(
    paths: Iterable[Path], *, readers: Collection[Reader] = tuple(Reader), production: bool = False
) -> tuple[Environment, ...]:
    """Load each environment: the compose files as one, the .env files that @next/env merges in one folder as one."""
    named = list(dict.fromkeys(paths))
    composed = [path for path in named if path.suffix in _COMPOSE]
    loaded: list[Environment] = []
    for key, group in groupby(sorted((path for path in named if path not in composed), key=_group), key=_group):
        files = sorted(group, key=lambda path: _STACK.index(path.name) if path.name in _STACK else 0)
        if key[1] == RCLONE:
            loaded += [Environment(name=str(path), paths=(str(path),)) for path in files if load_text(path) is not None]
        else:
            loaded.append(_env_files(files, readers, production=production))
    if composed:
        why = _why_production(composed, named=production)
        loaded += load_compose(composed, beside=_beside(composed[0].parent), production=why)
    return tuple(loaded)


def _group(path: Path) -> tuple[str, str]:
    stacked = path.name in _STACK
    return (str(path.parent), "" if stacked else RCLONE if path.name == RCLONE else path.name)


def _why_production(files: Iterable[Path], *, named: bool) -> str | None:
    if named:
        return "--production"
    return next((f"the name of {path.name}" for path in files if "prod" in path.name.lower()), None)


def _beside(folder: Path) -> dict[str, str]:
    """Load the .env that docker compose reads by itself; a file that it refuses counts as empty."""
    path = folder / ".env"
    read = compose.read(load_text(path)) if path.is_file() else None
    return {name: value for name, value in (read or {}).items() if value is not None}


def _env_files(files: list[Path], readers: Collection[Reader], *, production: bool) -> Environment:
    settings: list[Setting] = []
    gaps: list[Gap] = []
    seen: list[Path] = []
    for path in files:
        text = load_text(path)
        if any(path.samefile(other) for other in seen):
            continue  # .env is a link to .env.local: the file is read once
        seen.append(path)
        readings = {reader: read for reader, read in _readings(text).items() if reader in readers}
        for reader, read in readings.items():
            if read is None:
                gaps.append(Gap(what=f"{reader} refuses this file", source=Source(file=str(path), line=1)))
        for line in lines_of(text, file=str(path)):
            if line.name is None:
                gaps.append(Gap(what="this is not NAME=VALUE", source=line.source))
            else:
                settings.append(_setting(line.name, line.value, line.source, readings))
    return Environment(
        name=", ".join(str(path) for path in files),
        settings=tuple(settings),
        paths=tuple(str(path) for path in files),
        gaps=tuple(gaps),
        production=_why_production(files, named=production),
    )


def _readings(text: str) -> dict[Reader, Mapping[str, str | None] | None]:
    return {Reader.COMPOSE: compose.read(text), Reader.BASH: bash.read(text), Reader.NEXT: next_env.read(text)}


def _setting(name: str, plain: str, source: Source, files: Mapping[Reader, Mapping[str, str | None] | None]) -> Setting:
    readings = {reader: read.get(name) for reader, read in files.items() if read is not None}
    value = next((reading for reading in readings.values() if reading is not None), plain)
    return Setting(name=name, value=value, source=source, plain=plain, readings=readings)
