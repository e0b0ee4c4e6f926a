"""The options of `prober watch` that no other command has, each also as PROBER_... in the environment.

Those that `canary:` in prober.yaml has too take their name, type, default and help from its table of keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from prober.cli import completers
from prober.cli.command import option, section
from prober.cli.duration import Duration
from prober.cli.option_types import LINES, Lines
from prober.definitions.keys.canary import CANARY
from prober.definitions.keys.table import Unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.cli.options import P, R
    from prober.definitions.keys.table import Key


def _option(key: Key) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make the option of a key of `canary:`."""
    if key.option is None:
        raise ValueError(key.name)
    source = "SOURCE" in key.option.metavar
    return option(
        f"--{key.option.flag or key.name}",
        metavar=key.option.metavar,
        type=_type_of(key),
        multiple=key.option.multiple,
        default=key.default,
        show_default=key.default is not None,
        help=f"{key.about} SOURCE is env:NAME or file:PATH." if source else key.about,
        shell_complete=completers.sources if source else completers.one_of(key.examples),
    )


def _type_of(key: Key) -> Duration | Lines | click.IntRange | None:
    within = key.range
    if within is None:
        return LINES if key.option and key.option.multiple else None
    if within.unit is Unit.SECONDS:
        return Duration(least=within.least, most=within.most, none_too=within.or_zero)
    return click.IntRange(int(within.least), int(within.most))


OF_THE_WATCH = section(
    "The canary",
    *map(_option, CANARY.keys),
    option("--once", is_flag=True, help="Run once, send any alerts, and exit like `run` (for cron and timers)."),
    option(
        "--report",
        metavar="FORMAT=PATH",
        multiple=True,
        help="Write this report after each run, in any format.",
        shell_complete=completers.reports,
    ),
    option("--verbose", "-v", is_flag=True, help="Log each run's verdict; show tracebacks."),
)
