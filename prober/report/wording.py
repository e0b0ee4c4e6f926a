"""Words that several reports share."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Write a number with its noun, as in `1 route` and `1,200 routes`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
