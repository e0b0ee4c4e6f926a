"""`prober selftest`: open every door and raise every wall in the demo, and see that this installation says so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from prober.app.selftest import try_cases
from prober.cli.completers import cases
from prober.cli.demo import extra_installed
from prober.model import Depth, ExitStatus

if TYPE_CHECKING:
    from prober.app.selftest import Judge


@click.command("selftest")
@click.option(
    "--depth",
    type=click.Choice([depth.value for depth in Depth]),
    default=Depth.STANDARD.value,
    show_default=True,
    help="Up to which depth: 'deep' has every door, and takes some minutes.",
)
@click.option(
    "--only",
    metavar="GLOB",
    multiple=True,
    help="Only the cases of these names; a door's name means it in every mode.",
    shell_complete=cases,
)
@click.option("--verbose", "-v", is_flag=True, help="Name each case that passes, too.")
def command(depth: str, only: tuple[str, ...], *, verbose: bool) -> int:
    """Prove that this installation still catches each defect, wall and dead stack it knows."""
    extra_installed()
    from prober.judge.verdicts import judge  # noqa: PLC0415 - with what it needs, 100 ms that --help need not pay

    return selftest(judge, depth=Depth(depth), only=only, verbose=verbose)


def selftest(
    judge: Judge, *, depth: Depth = Depth.STANDARD, only: tuple[str, ...] = (), verbose: bool = False
) -> ExitStatus:
    """Run every case up to this depth with this judge; 0 when each is caught, 1 when one is missed."""
    started = time.monotonic()
    missed, section, count = 0, "", 0
    for tried in try_cases(judge, depth=depth, only=only):
        case = tried.case
        if case.section != section:
            section = case.section
            click.echo(f"\n{section}")
        count += 1
        if tried.missed:
            missed += 1
            click.echo(f"  MISSED  {case.name}: {tried.missed}\n          {case.about}")
        elif verbose:
            click.echo(f"  caught  {case.name}: {case.about}")
    if not count:
        fix = "see 'prober selftest --depth deep --verbose' for the names; rare ones need --depth deep"
        click.echo(f"error: no case up to depth {depth} has such a name\n  fix: {fix}", err=True)
        return ExitStatus.USAGE
    seconds = time.monotonic() - started
    if missed:
        click.echo(f"\nMISSED: {missed} of {count} cases ({seconds:.0f} s): do not trust this installation")
        return ExitStatus.LEAK
    click.echo(f"\nall {count} cases caught ({seconds:.0f} s)")
    return ExitStatus.LOCKED
