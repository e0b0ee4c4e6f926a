"""JSON that a deployment wrote: a text as JSON, and every value of it at any depth. Pure; the walk does not recurse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import JsonValue


def document_or_none(text: str) -> JsonValue:
    """Read a text as JSON; None where it is none, or is nested too deep to read."""
    try:
        document: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document


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
