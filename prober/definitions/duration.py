"""Reads a duration, everywhere in the same way: seconds, or a number and its unit, as in 300, 30s, 5m, 6h, 90d."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.definitions.keys.shapes import shortest

if TYPE_CHECKING:
    from prober.definitions.keys.table import Range
    from prober.definitions.node import Node

HOW = "write seconds (300) or a number with its unit (30s, 5m, 6h, 90d)"
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd]?)")


def seconds_of(text: str) -> float | None:
    """Give a duration in seconds; None for any other text."""
    match = _DURATION.fullmatch(text)
    return float(match[1]) * _UNITS[match[2]] if match else None


def parse_duration(node: Node, *, of: str, within: Range) -> float:
    """Parse a duration within a range, in seconds; and a plain 0 where the range allows it."""
    text = node.word(of=of)
    if within.or_zero and text == "0":
        return 0.0
    seconds = seconds_of(text)
    if seconds is None:
        raise node.wrong(f"{of}: '{text}' is not a duration", fix=HOW)
    if not within.least <= seconds <= within.most:
        what = f"{of}: '{text}' is not within {shortest(within.least)} to {shortest(within.most)}"
        raise node.wrong(what, fix="write a duration within this range")
    return seconds
