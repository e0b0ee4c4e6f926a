"""Secrets that the operator provides: held ones, and headers that pass a wall; each is read from its source."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from prober.bounded_read import is_readable, read_bounded
from prober.errors import UsageError
from prober.model.origin import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.model import Plan, Service

SHORTEST_SECRET = 8
STDIN_PATIENCE = 4.0  # seconds
_MOST_BYTES = 65_536


def read_held(given: tuple[str, ...]) -> dict[str, str]:
    """Read the held secrets, NAME=SOURCE each, from where they are kept."""
    held: dict[str, str] = {}
    for entry in given:
        name, equals, source = entry.partition("=")
        if not equals or not name:
            raise UsageError(
                "--hold is not a NAME=SOURCE", fix="write it as in --hold session-secret=env:NEXTAUTH_SECRET"
            )
        if name in held:
            raise UsageError(f"--hold '{name}' is given twice", fix="remove one of them")
        held[name] = read_source(source, of=f"--hold '{name}'")
        check_held(held, source=source)
    return held


def check_held(held: dict[str, str], *, source: str | None = None) -> dict[str, str]:
    """Refuse a secret that is too short to be taken out of a report."""
    for name, value in held.items():
        if len(value) < SHORTEST_SECRET:
            where = f"'{source}' is" if source else "it is"
            what = f"--hold '{name}': {where} shorter than {SHORTEST_SECRET} letters"
            raise UsageError(what, fix="use a real secret: a shorter one could not be kept out of the report")
    return held


def without_given(file: tuple[str, ...], flags: tuple[str, ...]) -> tuple[str, ...]:
    """Give what prober.yaml names and no option does: the option wins."""
    named = {entry.partition("=")[0] for entry in flags}
    return tuple(entry for entry in file if entry.partition("=")[0] not in named)


def _by_name(service: Service) -> bool:
    return is_loopback(service.host)


def check_way_of_secrets(
    plan: Plan, services: Mapping[str, Service], *, is_here: Callable[[Service], bool] = _by_name
) -> None:
    """Refuse, before the first request, to send a held secret where it could be read on the way.

    `is_here` says whether requests to a service stay on this machine.
    """
    for probe in plan.probes:
        service = services[probe.request.service]
        sent = probe.credential.secret or probe.others
        if sent and service.scheme != "https" and not is_here(service):
            what = f"a held secret would go to service '{service.name}' without TLS, for {probe.id}"
            raise UsageError(what, fix="use https for it, or leave out --hold")


def read_headers(
    option_texts: tuple[str, ...],
    services: Mapping[str, Service],
    cookies: tuple[str, ...] = (),
    *,
    is_here: Callable[[Service], bool] = _by_name,
) -> tuple[tuple[str, str], ...]:
    """Read the headers that pass a platform's wall: their values are secrets, for TLS or loopback only.

    A cookie may pass a wall, but not one of `cookies`: those are the sessions that probes must not have.
    """
    headers: list[tuple[str, str]] = []
    for entry in option_texts:
        name, colon, source = entry.partition(":")
        name = name.strip()
        if not colon or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
            raise UsageError("--header is not 'NAME: SOURCE'", fix="write it as in --header 'x-bypass: env:BYPASS'")
        if name.lower() in {"authorization", "host", "content-length", "transfer-encoding"}:
            what = f"--header '{name}' would change what every probe presents"
            raise UsageError(what, fix="pass the wall by another header, or probe the origin behind it")
        plain = next((s for s in services.values() if s.scheme != "https" and not is_here(s)), None)
        if plain is not None:
            what = f"--header '{name}' would go to service '{plain.name}' without TLS"
            raise UsageError(what, fix="use https for it")
        value = read_source(source.strip(), of=f"--header '{name}'")
        named = {pair.partition("=")[0].strip() for pair in value.split(";")} if name.lower() == "cookie" else set()
        session = next((cookie for cookie in cookies if cookie in named), None)
        if session is not None:
            what = f"--header '{name}' holds '{session}', which would sign every probe in"
            raise UsageError(what, fix="give the wall's own cookie alone")
        headers.append((name, value))
    return tuple(headers)


def read_source(source: str, *, of: str) -> str:
    """Read a secret from env:NAME, file:PATH or - (standard input); never from the command line, which `ps` shows."""
    kind, _, where = source.partition(":")
    if source == "-":
        value = _line_of_stdin(of)
    elif kind == "env" and where:
        if where not in os.environ:
            raise UsageError(f"{of}: the environment has no '{where}'", fix=f"export {where}, or name another source")
        value = os.environ[where]
    elif kind == "file" and where:
        try:
            raw = read_bounded(Path(where), _MOST_BYTES + 1)
            value = raw.decode("utf-8")
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"{of}: cannot read '{where}'", fix="check the path and its permissions") from None
        if len(raw) > _MOST_BYTES:
            raise UsageError(f"{of}: '{where}' is larger than 64 KiB", fix="name a file that holds the secret alone")
    else:
        raise UsageError(f"{of}: the source must be env:NAME, file:PATH or -", fix="name where the value is stored")
    value = value.strip()
    if not value:
        raise UsageError(f"{of}: '{source}' is empty", fix="set it: an empty secret proves nothing")
    if not value.isascii() or not value.isprintable():
        raise UsageError(f"{of}: '{source}' holds what no header can", fix="keep to printable ASCII on one line")
    return value


def _line_of_stdin(of: str) -> str:
    """Read a line of standard input; a pipe that nobody writes to would hang the gate."""
    try:
        handle = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        handle = None
    if handle is not None and not os.isatty(handle) and not is_readable(handle, within=STDIN_PATIENCE):
        what = f"{of}: no line came on standard input in {STDIN_PATIENCE:g} s"
        raise UsageError(what, fix="pipe the secret in, or name env:NAME or file:PATH")
    return sys.stdin.readline(_MOST_BYTES) if sys.stdin else ""


def value_or_source(given: str, *, of: str) -> str:
    """Give the value itself, or what is kept at the source that was named: a URL with a key in it shows in `ps`."""
    return read_source(given, of=of) if given.startswith(("env:", "file:")) else given
