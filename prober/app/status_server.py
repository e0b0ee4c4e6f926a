"""`--listen`: where the page of the canary is, and who may look at it. What would stand open is refused here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from prober.app.secrets import read_source
from prober.canary.status.http_server import listening
from prober.definitions.canary import HOW_TO_LISTEN, HOW_TO_NAME, is_name, place_of
from prober.errors import UsageError, install_of
from prober.model.origin import is_loopback, origin_with_port

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from prober.app.options import WatchOptions
    from prober.canary.history_thread import HistoryThread
    from prober.canary.snapshot import Snapshot
    from prober.canary.status.access import Access

SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the page is served, and its lock."""

    taken: socket.socket
    shown: str
    names: tuple[str, ...]
    token: str | None = field(repr=False)
    warning: str | None  # what whoever starts it must know


def place(options: WatchOptions) -> Place | None:
    """Take the place that the page is to have; a page that everybody could read is refused."""
    listen_text, source, name = options.listen, options.page_token, options.behind_proxy
    if listen_text is None:
        for option, value in (("--page-token", source), ("--behind-proxy", name)):
            if value is not None:
                raise UsageError(f"{option} has no page to lock", fix="give --listen 127.0.0.1:9420 too")
        return None
    if options.once:
        raise UsageError("--listen has nothing to show with --once", fix="leave one of them out")
    found = place_of(listen_text)
    if found is None:
        raise UsageError(f"--listen '{listen_text}' is not an address and port", fix=HOW_TO_LISTEN)
    if name is not None and not is_name(name):
        raise UsageError(f"--behind-proxy '{name}' is not a host name", fix=HOW_TO_NAME)
    _extra_installed()
    token = None if source is None else _token(source)
    warning = _warning(found[0], token=token, name=name)
    try:
        taken = listening(*found)
    except OSError as error:
        fix = "choose another port, or end what has it"
        raise UsageError(f"--listen cannot have {listen_text}: {(error.strerror or 'no').lower()}", fix=fix) from None
    host, port = taken.getsockname()[:2]
    shown = f"{origin_with_port('http', host, port)}/"
    names = ("localhost", *([name] if name else []))
    return Place(taken=taken, shown=shown, names=names, token=token, warning=warning)


def page_task(
    place: Place, store: HistoryThread, *, every: float, log: Callable[[str], None]
) -> Callable[[Callable[[], Snapshot]], Awaitable[None]]:
    """Give the task that serves the page at this place while the watch runs."""
    from prober.canary.metrics import Metrics  # noqa: PLC0415 - a watch without a page needs none of it
    from prober.canary.status.site import serve  # noqa: PLC0415

    return partial(
        serve, store=store, access=access_of(place), metrics=Metrics, every=every, place=place.taken, log=log
    )  # fmt: skip


def access_of(place: Place) -> Access:
    """Make the lock of the page."""
    from prober.canary.status.access import Access  # noqa: PLC0415 - a watch without a page needs none of it

    return Access(token=place.token, names=place.names, now=time.monotonic)


def _token(source_text: str) -> str:
    if not source_text.startswith(("env:", "file:")):
        fix = "name where it is stored: a token on the command line shows in `ps`"
        raise UsageError("--page-token must be env:NAME or file:PATH", fix=fix)
    token = read_source(source_text, of="--page-token")
    if len(token) < SHORTEST_TOKEN:
        fix = "make one that cannot be guessed: openssl rand -hex 24"
        raise UsageError(f"--page-token: '{source_text}' is shorter than {SHORTEST_TOKEN} letters", fix=fix)
    return token


def _warning(host: str, *, token: str | None, name: str | None) -> str | None:
    """Say aloud what stands open beyond this machine, and refuse what has no lock at all."""
    if is_loopback(host):
        return None
    if token is None and name is None:
        what = f"--listen {host} would show everyone which routes are open"
        raise UsageError(what, fix="give --page-token env:NAME, or listen on 127.0.0.1 behind a proxy of this machine")
    if token is None:
        return (
            f"WARNING: the page has no lock of its own (--behind-proxy): whoever reaches {host} past the proxy of "
            f"{name} reads which routes are open"
        )
    return "WARNING: the page is served without TLS: the token can be read on the way unless a proxy or a mesh adds it"


def _extra_installed() -> None:
    if find_spec("prometheus_client") is None:
        raise UsageError("--listen needs the extra 'page'", fix=install_of("page"))
