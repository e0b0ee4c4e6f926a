"""Reads the environment of each service from docker compose files. Lenient where compose is; no network.

A value that compose would take from elsewhere (the shell, a file that is not here, `extends`) is a gap, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prober.definitions.document import parse_foreign
from prober.environment.dotenv_lines import lines_of, load_text
from prober.environment.readers import compose
from prober.errors import UsageError
from prober.model import Source
from prober.model.audit import Environment, Gap, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from prober.definitions.node import Node

_ELSEWHERE = ("extends",)


@dataclass(slots=True, kw_only=True)
class _Service:
    """One service in all the files, later ones over earlier."""

    source: Source
    given: dict[str, tuple[str | None, Source]] = field(default_factory=dict)
    env_files: list[tuple[Path, bool, Source]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    replicas: tuple[int, Source] | None = None


def load_compose(
    paths: Sequence[Path], *, beside: Mapping[str, str], production: str | None = None
) -> tuple[Environment, ...]:
    """Load the files as `docker compose -f A -f B` merges them; `beside` is the .env that compose reads by itself."""
    services: dict[str, _Service] = {}
    gaps: list[Gap] = []
    for path in paths:
        root = parse_foreign(load_text(path), file=str(path)).merged()
        if "include" in root:
            gaps.append(Gap(what="'include' takes services from another file", source=root["include"].source))
        for name, node in (root["services"].merged() if "services" in root else {}).items():
            service = services.setdefault(name, _Service(source=node.source))
            _read_service(node, service, folder=paths[0].parent)
    if not services:
        fix = "give a docker compose file, or a file of NAME=VALUE lines"
        raise UsageError(f"{paths[0]} has no services", fix=fix)
    label = ", ".join(str(path) for path in paths)
    return tuple(
        replace(
            _environment(service, beside, tuple(gaps)),
            name=f"{label}: service {name}",
            shared=tuple(str(path) for path in paths),
            production=production,
        )
        for name, service in services.items()
    )


def _read_service(node: Node, service: _Service, *, folder: Path) -> None:
    fields = node.merged()
    for name in _ELSEWHERE:
        if name in fields:
            service.gaps.append(Gap(what=f"'{name}' takes settings from elsewhere", source=fields[name].source))
    for name in ("environment", "env_file"):
        if name in fields and fields[name].tag is not None:
            service.gaps.append(Gap(what=f"'{fields[name].tag}' changes what is merged", source=fields[name].source))
            return
    if "env_file" in fields:
        _read_env_files(fields["env_file"], service, folder)
    if "environment" in fields:
        service.given.update(_environment_of(fields["environment"]))
    deploy = fields["deploy"].merged() if "deploy" in fields else {}
    replicas = deploy.get("replicas") or fields.get("scale")
    if replicas is not None and replicas.text.isdecimal():
        service.replicas = (int(replicas.text), replicas.source)


def _read_env_files(node: Node, service: _Service, folder: Path) -> None:
    for entry in node.one_or_more(of="'env_file'"):
        form = entry.merged()
        path = form.get("path", entry)
        if "format" in form:
            service.gaps.append(Gap(what="'format' reads a file in another way", source=form["format"].source))
        elif path.text:
            required = "required" not in form or form["required"].text != "false"
            service.env_files.append((folder / path.text, required, path.source))


def _environment_of(node: Node) -> dict[str, tuple[str | None, Source]]:
    """Read both forms: a mapping, where a key without a value is taken from the shell, and a list."""
    if node.is_mapping:
        return {name: (None if entry.is_null else entry.text, entry.source) for name, entry in node.merged().items()}
    given: dict[str, tuple[str | None, Source]] = {}
    for entry in node.items(of="'environment'") if node.is_list else []:
        name, equals, value = entry.text.partition("=")
        given[name.strip()] = (value if equals else None, entry.source)
    return given


def _environment(service: _Service, beside: Mapping[str, str], gaps: tuple[Gap, ...]) -> Environment:
    settings: list[Setting] = []
    missing: list[Gap] = [*gaps, *service.gaps]
    read: list[str] = []
    for path, required, source in service.env_files:
        if not path.is_file():
            if required:
                missing.append(Gap(what=f"env_file '{path.name}' is not here", source=source))
            continue
        text = load_text(path)
        values = compose.read(text, beside)
        if values is None:
            missing.append(Gap(what="docker compose refuses this file", source=Source(file=str(path), line=1)))
            continue
        read.append(str(path))
        lines = {line.name: line.source for line in lines_of(text, file=str(path)) if line.name is not None}
        settings += [
            Setting(name=key, value=value, source=lines.get(key, Source(file=str(path), line=1)))
            for key, value in values.items()
        ]
    settings += [_setting(key, text, source, beside) for key, (text, source) in service.given.items()]
    return Environment(
        name="",
        settings=tuple(settings),
        gaps=tuple(missing),
        paths=tuple(read),
        replicas=service.replicas,
    )


def _setting(name: str, text: str | None, source: Source, beside: Mapping[str, str]) -> Setting:
    if text is None:
        return Setting(name=name, value=beside.get(name), source=source, literal=False)
    unknown: list[str] = []

    def missing(wanted: str) -> str:
        unknown.append(wanted)
        return ""

    try:
        value: str | None = compose.substitute(text, beside, missing=missing)
    except compose.RefusedError:
        value = None
    return Setting(
        name=name,
        value=None if unknown else value,
        source=source,
        fallback=compose.fallback(text),
        literal="$" not in text.replace("$$", ""),
    )
