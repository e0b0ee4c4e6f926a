"""`prober accept`: which routes a deployment has, written down for review."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from prober.app.accept import accept
from prober.cli.completers import files
from prober.definitions.shipped import DEFAULT_FILE
from prober.model import ExitStatus


@click.command("accept")
@click.argument("report", metavar="REPORT", shell_complete=files)
@click.option(
    "--deployment",
    metavar="FILE",
    default=DEFAULT_FILE,
    shell_complete=files,
    help="The inventory is written next to this file [default: ./prober.yaml].",
)
@click.option("--by", metavar="NAME", default=getpass.getuser, help="Who accepts it [default: the user's name].")
def command(report: str, deployment: str, by: str) -> ExitStatus:
    """Write which routes are there, and which are not, from a report that `--report json=REPORT` wrote.

    A route that is absent in `lockdown.lock.yaml` may be missing (`skipped: not-deployed`); one that answers is judged
    all the same. What was not probed stays as it is in the file.
    """
    made, earlier = accept(report, folder=Path(deployment).parent, by=by)
    before = earlier.absent if earlier else frozenset()
    click.echo(f"{made.file}: {len(made.there)} routes are there, {len(made.absent)} are absent")
    for mark, names in (("+", made.absent - before), ("-", before - made.absent)):
        for name in sorted(names):
            click.echo(f"  {mark} absent: {name}")
    click.echo("Review the file and commit it.")
    return ExitStatus.LOCKED
