"""`prober run`: probe a deployment, print the report, give the exit status."""

from __future__ import annotations

import click

from prober.cli.command import SectionCommand
from prober.cli.options import how_to_probe, what_to_probe
from prober.cli.uncollected import uncollected


@click.command("run", cls=SectionCommand)
@what_to_probe
@how_to_probe
def command(**given: object) -> int:
    """Check that a live deployment refuses unauthenticated requests on every route."""
    with uncollected():
        from prober.cli.run_once import run_with  # noqa: PLC0415 - help and completion need none of it
        from prober.cli.run_unnamed import names_nothing, run_without_a_name  # noqa: PLC0415 - the same

    return run_without_a_name(given) if names_nothing(given) else run_with(given)
