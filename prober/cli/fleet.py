"""`prober fleet`: many deployments at a time. Each command is a module of its own, imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import click

from prober.cli.main import LateGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

FLEET_COMMANDS = {
    "plan": "prober.cli.fleet_plan",
    "run": "prober.cli.fleet_run",
    "merge": "prober.cli.fleet_merge",
    "watch": "prober.cli.fleet_watch",
}


class FleetGroup(LateGroup):
    """The commands of a fleet, by the same table as all others."""

    modules: ClassVar[Mapping[str, str]] = FLEET_COMMANDS


@click.group("fleet", cls=FleetGroup)
def command() -> None:
    """Probe every deployment that a file lists, many at a time, and say which are locked.

    Exit status: 1 if any deployment leaks or drifts; else 2 if any has no verdict, or the fleet is empty or smaller
    than it expects; else 0.
    """
