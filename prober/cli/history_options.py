"""What `watch` and `history` share: where the history is, and how a length of time is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, SupportsFloat, SupportsIndex, TypeVar

import click

from prober.cli import completers
from prober.definitions.duration import HOW, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")
HISTORY = "prober-history.db"


class Duration(click.types.FloatParamType):
    """A length of time with its unit, in seconds: 30s, 5m, 6h, 90d."""

    name = "duration"

    def __init__(self, *, least: float, most: float, none_too: bool = False) -> None:
        """Take those from `least` to `most` seconds, and a plain 0 where none is allowed."""
        self._least, self._most, self._none_too = least, most, none_too

    def convert(
        self, value: SupportsFloat | SupportsIndex, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it."""
        said = str(value)
        if self._none_too and said == "0":
            return 0.0
        seconds = seconds_of(said)
        if seconds is None:
            self.fail(f"'{value}' is not a duration: {HOW}", param, ctx)
        if not self._least <= seconds <= self._most:
            self.fail(f"'{value}' is not within {self._least:g} to {self._most:g} seconds", param, ctx)
        return seconds


def history_option(function: Callable[P, R]) -> Callable[P, R]:
    """Add the option that says where the history is."""
    return click.option(
        "--history", metavar="PATH|URL|SOURCE", default=HISTORY, show_default=True, envvar="PROBER_HISTORY",
        help="A file of SQLite, or postgresql://...; SOURCE is env:NAME or file:PATH.", shell_complete=completers.files,
    )(function)  # fmt: skip
