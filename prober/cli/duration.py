"""How a duration is written on the command line: as everywhere, seconds or a number with its unit."""

from __future__ import annotations

from typing import SupportsFloat, SupportsIndex

import click

from prober.definitions.duration import HOW, seconds_of

SHORTEST = 0.001  # seconds: what is shorter is no time at all
DAY = 86_400.0


class Duration(click.types.FloatParamType):
    """A duration in seconds: 5, 0.5, 30s, 5m, 6h, 90d."""

    name = "duration"

    def __init__(self, *, least: float, most: float, none_too: bool = False) -> None:
        """Take those from `least` to `most` seconds, and 0 where none is allowed."""
        self._least, self._most, self._none_too = least, most, none_too

    def convert(
        self, value: SupportsFloat | SupportsIndex, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it."""
        seconds = seconds_of(str(value))
        if seconds is None:
            self.fail(f"'{value}' is not a duration: {HOW}", param, ctx)
        if self._none_too and seconds == 0:
            return 0.0
        if not self._least <= seconds <= self._most:
            self.fail(f"'{value}' is not within {self._least:g} to {self._most:g} seconds", param, ctx)
        return seconds


def upto_a_day(*, none_too: bool = False) -> Duration:
    """Make the type of a duration within a run."""
    return Duration(least=SHORTEST, most=DAY, none_too=none_too)
