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


def _option(key: Key, default: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make the option of a key of `canary:`; `default` is that of a command that has another one."""
    if key.option is None:
        raise ValueError(key.name)
    source = "SOURCE" in key.option.metavar
    return option(
        f"--{key.option.flag or key.name}",
        metavar=key.option.metavar,
        type=_type_of(key),
        multiple=key.option.multiple,
        default=default or key.default,
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


_OF_A_FLEET = {"every": "1h"}  # its other defaults are those of one deployment's watch

OF_A_FLEETS_WATCH = section("The canary", *(_option(key, _OF_A_FLEET.get(key.name)) for key in CANARY.keys))
OF_THE_WATCH = section(
    "The canary",
    *(_option(key) for key in CANARY.keys),
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
