"""The canary's page tried as strangers would try it: the prober's own lock has to hold as well as anybody's."""

from __future__ import annotations

import asyncio
import base64
import itertools
import secrets
import tempfile
import time
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from prober.app.options import WatchOptions
from prober.app.status_server import place
from prober.canary.history import History
from prober.canary.history_thread import HistoryThread
from prober.canary.metrics import Metrics
from prober.canary.snapshot import Snapshot
from prober.canary.status.access import GROUPS, GUESSES_FOR, MOST_GUESSES, Access
from prober.canary.status.http_server import listening
from prober.canary.status.site import serve
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
PATHS = ("/", "/metrics", "/runs/x", "/live.js", "/favicon.ico", "/nowhere")
OK, UNAUTHORIZED, MISDIRECTED, TOO_MANY = 200, 401, 421, 429

STRANGE = (
    "", "evil.example", "localhost.evil.example", "canary.example.com.evil.example", "127.0.0.1.evil.example",
    "evil-canary.example.com", "evil.canary.example.com", "canary.example.co", "localhos",
    "localhost:80.evil.example", "[::1].evil.example", "127.0.0.1:evil.example",
)  # fmt: skip


def page_cases() -> Iterator[tuple[str, str, Callable[[], str | None]]]:
    """Give each by its name, what it is about, and what tries it and says why it was missed."""
    yield (
        "page-without-token",
        "The page and /metrics refuse clients without the token, in whatever form it is sent.",
        partial(_tried, _locked),
    )
    yield "page-guessed-token", "Tokens cannot be guessed one after the other.", partial(_tried, _guessing)
    yield (
        "page-by-another-name",
        "A page without a token answers to its own names only: a browser may be led to it by another (DNS rebinding).",
        partial(_tried, _renamed),
    )
    yield "page-for-everybody", "Without a lock it is served on this machine only.", _everybody


def _tried(case: Callable[[], Coroutine[None, None, str | None]]) -> str | None:
    return asyncio.run(case())


async def _locked() -> str | None:
    token = secrets.token_hex(16)
    later = itertools.count(step=GUESSES_FOR + 1)  # of guesses in a minute only so many are heard: these are all heard
    async with _page(token=token, clock=lambda: float(next(later))) as ask:
        for path in PATHS:
            for authorization, target in _wrong(token, path):
                if (status := await ask(target, authorization)) != UNAUTHORIZED:
                    return f"{path} answered {status} to {authorization or 'nothing'}"
        for authorization in (f"Bearer {token}", f"Basic {base64.b64encode(f'x:{token}'.encode()).decode()}"):
            for path in ("/", "/metrics"):
                if (status := await ask(path, authorization)) != OK:
                    return f"{path} answered {status} to the right token"
    return None


def _wrong(token: str, path: str) -> list[tuple[str | None, str]]:
    def basic(authorization: str) -> str:
        return "Basic " + base64.b64encode(authorization.encode()).decode()

    authorization = (
        None, "Bearer", "Bearer ", "Bearer bogus", f"Bearer {token[:-1]}", f"Bearer {token}0", token, f"Token {token}",
        basic("admin:admin"), basic(f"{token}:"), basic(":"), "Basic !",
    )  # fmt: skip
    return [*((one, path) for one in authorization), (None, f"{path}?token={token}")]


async def _guessing() -> str | None:
    token = secrets.token_hex(16)
    async with _page(token=token) as ask:
        for number in range(MOST_GUESSES):
            if (status := await ask("/", f"Bearer {number}")) != UNAUTHORIZED:
                return f"guess {number + 1} was answered {status}"
        if (status := await ask("/", f"Bearer {token}")) != OK:
            return f"the right token was answered {status} after {MOST_GUESSES} wrong ones of others"
        for number in range(MOST_GUESSES, MOST_GUESSES * GROUPS + 1):
            if (status := await ask("/", f"Bearer {number}")) == TOO_MANY:
                return None
    return f"{MOST_GUESSES * GROUPS} wrong tokens were heard in a minute"


async def _renamed() -> str | None:
    async with _page(token=None, names=("localhost", "canary.example.com")) as ask:
        for host in STRANGE:
            for path in ("/", "/metrics", "/runs/x"):
                if (status := await ask(path, host=host)) not in {MISDIRECTED, 400}:
                    return f"{path} answered {status} by the name '{host}'"
        for host in ("127.0.0.1:9420", "localhost:9420", "[::1]:9420", "canary.example.com"):
            if (status := await ask("/", host=host)) != OK:
                return f"/ answered {status} by its own name '{host}'"
    return None


def _everybody() -> str | None:
    for address in ("0.0.0.0:0", "[::]:0"):
        try:
            taken = place(WatchOptions(history="", listen=address))
        except UsageError:
            continue
        if taken is not None:
            taken.taken.close()
        return f"it would be served on {address}"
    return None


@asynccontextmanager
async def _page(
    *, token: str | None, names: tuple[str, ...] = ("localhost",), clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[_Visitor]:
    """Serve a page, and give what asks for something of it and gives the status."""
    with tempfile.TemporaryDirectory() as folder:
        store = HistoryThread(History.to_write(str(Path(folder) / "history.db")))
        taken = listening("127.0.0.1", 0)
        port: int = taken.getsockname()[1]
        access = Access(token=token, names=names, now=clock)
        serving = asyncio.ensure_future(
            serve(
                _now,
                store=store,
                access=access,
                metrics=Metrics,
                every=60.0,
                place=taken,
                log=lambda _: None,
            )
        )
        try:
            yield _Visitor(port)
        finally:
            serving.cancel()
            await asyncio.wait({serving})
            await store.close(within=5.0)


class _Visitor:
    """Asks for something of the page at a port, and is told the status."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __call__(self, target: str, authorization: str | None = None, *, host: str = "127.0.0.1") -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        credential = "" if authorization is None else f"Authorization: {authorization}\r\n"
        writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{credential}\r\n".encode())
        line = await reader.readline()
        writer.close()
        return int(line.split(b" ")[1]) if line.count(b" ") > 1 else 0


def _now() -> Snapshot:
    at = time.time()
    return Snapshot(
        at=at, started=at, next_run=None, record=None, states={}, last_finished=None, last_locked=None, finished=0,
        crashed=0, missed=0,
    )  # fmt: skip
