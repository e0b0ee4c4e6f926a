"""Types of options that click does not have: text that may hold spaces, and a finite number."""

from __future__ import annotations

import math

import click


class Lines(click.types.StringParamType):
    """Text whose environment variable holds one value a line: a header and a glob may have spaces in them."""

    envvar_list_splitter = "\n"


LINES = Lines()


class Number(click.FloatRange):
    """A finite number, more than none; click's own range lets nan through."""

    def __init__(self, least: float = 0.0) -> None:
        """Take any such number, or those from `least`."""
        super().__init__(min=least, min_open=not least)

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a number", param, ctx)
        return number
