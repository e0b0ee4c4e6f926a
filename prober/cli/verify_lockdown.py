"""`verify-lockdown`: the Brain Platform's own check, drop-in: the mode from .env, the URLs from the environment."""

from __future__ import annotations

import sys
from dataclasses import replace
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober import __version__
from prober.cli.command import SectionCommand
from prober.cli.main import exit_with
from prober.cli.options import how_to_probe, what_to_probe
from prober.cli.streams import fill_closed_streams, leave
from prober.definitions.packs import PACKS

if TYPE_CHECKING:
    from prober.app.options import ProbeOptions, SendOptions
    from prober.app.prepare import PreparedRun

DEFAULT_ENV = ".env"
SURFACES = PACKS["brain-platform"].surfaces  # what must be there
VOUCHERS = "voucher-gate"


@click.command("verify-lockdown", cls=SectionCommand, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="verify-lockdown")
@what_to_probe
@how_to_probe
def command(**given: object) -> int:
    """Probe the Brain Platform that the .env in this folder describes.

    BASE_URL and MCP_URL in the environment win over the ports in .env and over prober.yaml; --profile wins over its
    mode. Exit status: 0 locked, 1 leak, 2 no verdict.
    """
    from prober.cli.run_once import run_with  # noqa: PLC0415 - help and completion need none of it

    return run_with(given, prepared_by=_prepare)


def main() -> None:
    """Run the command line `verify-lockdown`."""
    fill_closed_streams()
    leave(exit_with(command, sys.argv[1:], name="verify-lockdown"))


def _prepare(options: ProbeOptions, sending: SendOptions) -> PreparedRun:
    """Fill in what this command takes for granted."""
    from prober.cli.run_once import prepare_run  # noqa: PLC0415 - as above
    from prober.environment.env_file import load_env_file  # noqa: PLC0415 - as above

    file = options.env_file
    if file is None and (options.profile is None or lexists(DEFAULT_ENV)):
        file = DEFAULT_ENV
    surfaces = options.surface
    if not surfaces:
        gated = load_env_file(Path(file)).requires_voucher if file is not None else True
        surfaces = (*SURFACES, *([VOUCHERS] if gated else []))
    prepared = prepare_run(replace(options, env_file=file, surface=surfaces, yielding=frozenset()), sending)
    named = "--profile" if options.profile else file
    click.echo(f"Mode: {_shown(prepared.plan.profile.name)} (from {named})", err=True)
    return prepared


def _shown(mode: str) -> str:
    return mode.upper().replace("-", "_")
