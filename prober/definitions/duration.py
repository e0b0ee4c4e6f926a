"""How a length of time is written: a number and its unit, as in 30s, 5m, 6h, 90d."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.definitions.node import Node

HOW = "write it as 30s, 5m, 6h or 90d"
DAY = 86_400.0
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd])")


def seconds_of(text: str) -> float | None:
    """Read it, in seconds; None where it is none."""
    found = _DURATION.fullmatch(text)
    return float(found.group(1)) * _UNITS[found.group(2)] if found else None


def parse_duration(node: Node, *, of: str, least: float, most: float, none_too: bool = False) -> float:
    """Parse one from `least` to `most` seconds, and a plain 0 where none is allowed."""
    said = node.text
    if none_too and said == "0":
        return 0.0
    seconds = seconds_of(said)
    if seconds is None:
        raise node.wrong(f"{of} is {node.shown}, which is no length of time", fix=HOW)
    if not least <= seconds <= most:
        raise node.wrong(
            f"{of} is {node.shown}, which is not within {least:g} to {most:g} seconds", fix="choose another"
        )
    return seconds
