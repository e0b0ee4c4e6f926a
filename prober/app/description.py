"""Loads the description of an API, from a file, from standard input or from a URL that is asked once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

from prober.bounded_read import read_bounded
from prober.definitions.service import parse_service
from prober.errors import UsageError
from prober.model import Answered, Request
from prober.transport.network import Network, TlsSettings

MOST_BYTES = 8 * 1024 * 1024
_TIMEOUT = 10.0
_OK = 200


def load_description(where: str, cacert: str | None = None) -> str:
    """Load a text of at most 8 MiB: a URL, a file, or `-` for standard input."""
    if where.startswith(("http://", "https://")):
        return _fetch(where, cacert)
    return _text(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input") if where == "-" else _load(where)


def _load(path: str) -> str:
    try:
        raw = read_bounded(Path(path), MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", fix="check the path and its permissions") from None
    return _text(raw, path)


def _text(raw: bytes, where: str) -> str:
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{where} is larger than 8 MiB", fix="give a smaller description")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: byte 0x{raw[error.start]:02x} is not UTF-8", fix="save it as UTF-8") from None


def _fetch(url: str, cacert: str | None) -> str:
    """Ask once for a description, under the limits of every other request; no redirect is followed."""
    from prober.transport.daemon_threads import DaemonThreadPool  # noqa: PLC0415 - httpx costs 200 ms, which a file must not pay
    from prober.transport.http import Connection  # noqa: PLC0415 - the same

    parts = urlsplit(url)
    service = parse_service("openapi", f"{parts.scheme}://{parts.netloc}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii() or not target.isprintable() or " " in target:
        raise UsageError(f"'{url}' is not a URL", fix="write it in printable ASCII")
    network = Network(services={service.name: service}, timeout=_TIMEOUT, tls=TlsSettings(cacert=cacert))
    context = network.tls.context() if service.scheme == "https" else None
    request = Request(
        service=service.name, method="GET", target=target,
        headers=(("User-Agent", "lockdown-prober (discovery)"), ("Accept", "application/json, application/yaml, */*")),
    )  # fmt: skip

    async def ask() -> str:
        asyncio.get_running_loop().set_default_executor(
            DaemonThreadPool()
        )  # a name that is looked up for ever must not hold us
        line = Connection(network, context, most_body=MOST_BYTES + 1)
        try:
            outcome = await line.exchange(request)
        finally:
            await line.close()
        if not isinstance(outcome, Answered):
            raise UsageError(f"no answer from {url}: {outcome.detail}", fix="check the URL, or give a file")
        if outcome.status != _OK:
            raise UsageError(
                f"{url} answered {outcome.status}", fix="give the URL of the description itself, or a file"
            )
        if not outcome.whole:
            raise UsageError(f"{url} is larger than 8 MiB, or was cut short", fix="give a file")
        return _text(outcome.body, url)

    return asyncio.run(ask())
