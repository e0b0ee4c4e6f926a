"""Every value of JSON documents, at any depth. Pure; nothing recurses: the depth is the deployment's to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import JsonValue


def values_in(documents: Iterable[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Give each value, the documents among them, with the key under which it, or the list that holds it, stands."""
    waiting: list[tuple[str, JsonValue]] = [("", document) for document in documents]
    while waiting:
        key, here = waiting.pop()
        yield key, here
        if isinstance(here, dict):
            waiting.extend(here.items())
        elif isinstance(here, list):
            waiting.extend((key, part) for part in here)
