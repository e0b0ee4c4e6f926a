"""Targets in the format of Prometheus' service discovery (file_sd and http_sd): read from a file, or asked of a URL."""

from __future__ import annotations

import urllib.request
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit

from prober.bounded_read import read_bounded
from prober.definitions.document import parse_plain
from prober.errors import DefinitionError, UsageError
from prober.model import Source
from prober.model.origin import is_loopback
from prober.transport.daemon_threads import DaemonThreadPool

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from pathlib import Path
    from typing import IO

    from prober.model import JsonValue

MOST_BYTES = 16 * 1024 * 1024  # 10,000 targets with a dozen labels each take 3 MiB
MOST_TARGETS = 100_000
PATIENCE = 15.0  # seconds

Target = tuple[str, dict[str, str]]  # a URL, and its labels


def is_url(text: str) -> bool:
    """Say whether targets are asked of a URL, and not read from a file."""
    return text.startswith(("http://", "https://"))


def load_targets(where: str, folder: Path) -> list[Target]:
    """Load the targets of a file, relative to the folder, or of a URL; none is an error."""
    text = _fetched(where) if is_url(where) else _read(folder / where)
    label = _shown(where) if is_url(where) else str(folder / where)
    targets = parse_targets(parse_plain(text, file=label, unique=True), file=label)
    if not targets:
        raise DefinitionError("there is no target", fix="see why the list is empty", source=Source(file=label, line=1))
    return targets


def parse_targets(document: JsonValue, *, file: str) -> list[Target]:
    """Parse a list of groups, each with `targets` and `labels`; labels that begin with '__' are Prometheus' own.

    No label gives a part of a URL: a target is a URL itself, or a host and port, over TLS but on this machine.
    """
    source = Source(file=file, line=1)
    if not isinstance(document, list):
        raise DefinitionError(
            "the targets are not a list", fix="write [{targets: [...], labels: {...}}]", source=source
        )
    found: list[Target] = []
    for group in document:
        targets = group.get("targets") if isinstance(group, dict) else None
        labels = group.get("labels") or {} if isinstance(group, dict) else None
        if not isinstance(targets, list) or not isinstance(labels, dict):
            what = "an entry has no list of 'targets', or 'labels' that are not a mapping"
            raise DefinitionError(what, fix="write {targets: [...], labels: {...}}", source=source)
        if not all(isinstance(target, str) for target in targets):
            raise DefinitionError("a target is not text", fix="write each as a URL, or as host:port", source=source)
        kept = {name: str(value) for name, value in labels.items() if not name.startswith("__")}
        if len(found) + len(targets) > MOST_TARGETS:
            what = f"there are more than {MOST_TARGETS:,} targets"
            raise DefinitionError(what, fix="split them into several fleets", source=source)
        found += [(_url(target), {"instance": _place(target), **kept}) for target in map(str, targets)]
    return found


def _url(target: str) -> str:
    if "://" in target:
        return target
    try:
        host = urlsplit(f"//{target}").hostname or ""
    except ValueError:
        host = ""  # it is refused with the services of its deployment
    return f"{'http' if is_loopback(host) else 'https'}://{target}"


def _place(target: str) -> str:
    """Name a target without its scheme, for names that are made of it."""
    return target.partition("://")[2].rstrip("/") or target


def _read(path: Path) -> str:
    try:
        raw = read_bounded(path, MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", fix="check the path under 'sd'") from None
    return _text(raw, str(path))


def _fetched(url: str) -> str:
    """Ask a URL: no proxy, no redirect, no password, and TLS but on this machine; all of it within a bound of time."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(f"the targets' URL '{_shown(url)}' is none", fix="write it as https://host[:port]/path")
    if parts.scheme != "https" and not is_loopback(host):
        raise UsageError(f"the targets at {_shown(url)} would come without TLS", fix="use https")
    if parts.username is not None:
        raise UsageError("the URL of the targets holds a user or a password", fix="use a URL that needs none")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())

    def ask() -> bytes:
        with opener.open(urllib.request.Request(url), timeout=PATIENCE) as answer:  # noqa: S310 - http(s) alone
            raw: bytes = answer.read(MOST_BYTES + 1)
            if answer.length and len(raw) <= MOST_BYTES:  # what was announced and did not come
                raise IncompleteRead(raw, answer.length)
            return raw

    try:  # a daemon thread: the timeout above is one of each read, and an answer may come byte by byte
        raw = DaemonThreadPool().submit(ask).result(PATIENCE)
    except (OSError, ValueError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()
        reason = f"no end within {PATIENCE:g} s" if isinstance(error, TimeoutError) else getattr(error, "reason", error)
        reason = f"{error.code} {reason}" if isinstance(error, HTTPError) else reason
        reason = "the answer broke off" if isinstance(error, IncompleteRead) else reason
        what = f"no targets from {_shown(url)}: {str(reason) or type(error).__name__}"
        raise UsageError(what, fix="see whether it answers from here") from None
    return _text(raw, _shown(url))


def _shown(url: str) -> str:
    """Give a URL without its query, which may hold a token, and without what a terminal would obey."""
    return ascii(url.partition("?")[0])[1:-1]


def _text(raw: bytes, label: str) -> str:
    source = Source(file=label, line=1)
    if len(raw) > MOST_BYTES:
        raise DefinitionError("the targets are larger than 16 MiB", fix="split them into several lists", source=source)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DefinitionError("the targets are not UTF-8", fix="save them as UTF-8", source=source) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follow nothing: where targets come from is what the user wrote."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Refuse each redirect; urllib then reports its status as an error."""
