"""Does a thing for each of several items, over as many connections as there are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from prober.transport.http import Connection

T = TypeVar("T")


async def spread(
    work: Callable[[T, Connection], Awaitable[None]], items: Iterable[T], connections: Sequence[Connection]
) -> None:
    """Do it for every item; each connection does one at a time, and takes the next when it is done."""
    waiting = iter(items)

    async def through(connection: Connection) -> None:
        for item in waiting:
            await work(item, connection)

    await asyncio.gather(*map(through, connections))
