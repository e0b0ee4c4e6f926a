"""The addresses of a name, and which of them take a connection from here. Sends nothing but the handshake of TCP."""

from __future__ import annotations

import socket
from concurrent.futures import Future, wait
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
MOST_ADDRESSES = 8
PATIENCE = 3.0  # seconds, for the name and then for all of its addresses at once


def addresses_of(host: str, port: int, *, family: int = socket.AF_UNSPEC) -> tuple[str, ...]:
    """Give a name's addresses in the order of the system, at most eight; none where it does not resolve in time."""

    def resolve() -> tuple[str, ...]:
        found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))

    future = _started(resolve)
    wait([future], timeout=PATIENCE)
    failed = not future.done() or future.exception() is not None
    return () if failed else future.result()[:MOST_ADDRESSES]


def reachable(addresses: Iterable[str], port: int) -> tuple[str, ...]:
    """Give those of the addresses that take a connection from here."""

    def connect(address: str) -> bool:
        with socket.create_connection((address, port), timeout=PATIENCE):
            return True

    futures = {address: _started(partial(connect, address)) for address in addresses}
    wait(futures.values(), timeout=PATIENCE + 0.5)
    return tuple(address for address, future in futures.items() if future.done() and future.exception() is None)


def _started(work: Callable[[], T]) -> Future[T]:
    """Do it in a thread that nobody waits for at the end: a resolver may hang for half a minute."""
    future: Future[T] = Future()

    def do() -> None:
        try:
            future.set_result(work())
        except OSError as error:
            future.set_exception(error)

    Thread(target=do, name="prober-address", daemon=True).start()
    return future
