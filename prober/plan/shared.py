"""Keeps one of each value that many probes of a plan hold: a deep plan has some hundred thousand of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

T = TypeVar("T", bound="Hashable")


class Shared:
    """The values of one plan, each of them once."""

    def __init__(self) -> None:
        """Start with none."""
        self._known: defaultdict[type, dict[Hashable, Hashable]] = defaultdict(dict)

    def one(self, value: T) -> T:
        """Give the value that is kept for all that are equal to this one."""
        kept = self._known[type(value)].setdefault(value, value)
        return kept if isinstance(kept, type(value)) else value
