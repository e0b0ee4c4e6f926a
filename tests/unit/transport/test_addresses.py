"""The addresses of a name: in order, each once, bounded; and which of them take a connection."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from prober.transport import addresses
from prober.transport.addresses import MOST_ADDRESSES, addresses_of, reachable

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.integration


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], list[str]]], None]:
    def use(answer: Callable[[], list[str]]) -> None:
        def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in answer()]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return use


def fails() -> list[str]:
    raise socket.gaierror(-2, "unknown")


def hangs() -> list[str]:
    time.sleep(1.5)
    return ["10.0.0.1"]


def test_addresses_are_given_once_and_in_order(resolver: Callable[..., None]) -> None:
    resolver(lambda: ["10.0.0.2", "10.0.0.1", "10.0.0.2"])
    assert addresses_of("app.test", 80) == ("10.0.0.2", "10.0.0.1")


def test_there_are_no_more_than_eight(resolver: Callable[..., None]) -> None:
    resolver(lambda: [f"10.0.0.{number}" for number in range(1, 40)])
    assert len(addresses_of("app.test", 80)) == MOST_ADDRESSES == 8


@pytest.mark.parametrize("answer", [fails, hangs])
def test_a_name_that_does_not_resolve_in_time_has_none(
    answer: Callable[[], list[str]], resolver: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "PATIENCE", 0.2)
    resolver(answer)
    assert addresses_of("app.test", 80) == ()


def test_only_what_takes_a_connection_is_reachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert reachable(["127.0.0.4", "127.0.0.1"], port) == ("127.0.0.1",)
    assert reachable([], 80) == ()
