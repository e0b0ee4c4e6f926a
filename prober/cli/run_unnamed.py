"""`prober run --base-url URL` where nothing else is named: it says what it does, and that is what `check` does."""

from __future__ import annotations

import asyncio
from os.path import lexists

import click

from prober.app.options import ProbeOptions, SendOptions
from prober.cli.read_options import read_options
from prober.definitions.shipped import DEFAULT_FILE, profile_names
from prober.errors import UsageError, listed
from prober.model import ExitStatus
from prober.report.redact import harmless


def names_nothing(given: dict[str, object]) -> bool:
    """Say whether all that is known is a URL: no mode, no surface, and no file beside it."""
    options = read_options(ProbeOptions, given)
    files = (options.deployment, options.profile, options.env_file, options.source)
    names = (options.mcp_url, *options.service, *options.surface, *options.only, *options.skip, *options.hold)
    return options.base_url is not None and not any((*files, *names)) and not lexists(DEFAULT_FILE)


def run_without_a_name(given: dict[str, object]) -> int:
    """Recognise an application that comes with the prober, which has modes to choose from; else check what is there."""
    from prober.app.check import CheckOptions  # noqa: PLC0415 - few runs need it
    from prober.app.learn import NoVerdictError  # noqa: PLC0415 - see above
    from prober.app.recognise import recognised  # noqa: PLC0415 - see above
    from prober.cli.check import check  # noqa: PLC0415 - see above

    options = read_options(ProbeOptions, given)
    url = str(options.base_url)
    try:
        pack = asyncio.run(recognised(url, read_options(SendOptions, given)))
    except NoVerdictError as error:
        click.echo(f"NO VERDICT: {error.what}", err=True)
        return ExitStatus.NO_VERDICT
    if pack is not None:
        what = f"{harmless(url)} answers as {pack} does, and no profile is given ({listed(profile_names())})"
        raise UsageError(what, fix="give --profile NAME, or --env-file FILE to read the mode from")
    what = "no profile, no surface and no prober.yaml here, and the answers are of none of the applications that come"
    click.echo(f"{what} with the prober: doing what `prober check {harmless(url)}` does", err=True)
    return check(CheckOptions(url=url, depth=options.depth), given)
