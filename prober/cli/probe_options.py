"""The options of what is planned (`run`, `plan`, `watch` and their kin), an entry each. A table, and nothing else."""

from __future__ import annotations

import click

from prober.cli import completers
from prober.cli.command import option, section
from prober.cli.option_types import LINES
from prober.model import Depth

_TIME = "DURATION"  # as in 5s, 2m or, in seconds, 300

WHAT_TO_PROBE = (
    *section(
        "What to probe",
        option(
            "--deployment",
            metavar="FILE",
            help="The deployment's definition [default: ./prober.yaml, if there].",
            shell_complete=completers.files,
        ),
        option(
            "--profile",
            metavar="NAME|FILE",
            help="The auth mode the deployment should be running in.",
            shell_complete=completers.profiles,
        ),
        option(
            "--env-file",
            metavar="FILE",
            help="Read the mode and the default ports from this .env.",
            shell_complete=completers.files,
        ),
        option(
            "--base-url", metavar="URL", help="URL of the service 'web' (also BASE_URL, where prober.yaml names none)."
        ),
        option(
            "--mcp-url", metavar="URL", help="URL of the service 'mcp' (also MCP_URL, where prober.yaml names none)."
        ),
        option(
            "--service",
            metavar="NAME=URL",
            multiple=True,
            help="URL of another service. Repeatable.",
            shell_complete=completers.services,
        ),
        option(
            "--surface",
            metavar="NAME",
            multiple=True,
            help="Require this group of routes to be present ('all' for every group). Repeatable.",
            shell_complete=completers.surfaces,
        ),
        option(
            "--only",
            metavar="GLOB",
            multiple=True,
            type=LINES,
            help="Run only the matching probes (glob over id, route, path or surface). Repeatable.",
            shell_complete=completers.routes,
        ),
        option(
            "--skip",
            metavar="GLOB",
            multiple=True,
            type=LINES,
            help="Skip the matching probes (glob). Repeatable.",
            shell_complete=completers.routes,
        ),
        option(
            "--depth",
            type=click.Choice([depth.value for depth in Depth]),
            help="How many requests a run may cost [default: standard].",
        ),
        option(
            "--samples",
            metavar="N",
            type=click.IntRange(min=1, max=100),
            default=1,
            show_default=True,
            help="Ask a few routes of each guard N times, over a new connection each, to meet every replica.",
        ),
        option(
            "--source",
            metavar="DIR",
            shell_complete=completers.files,
            help="Also probe every route found in this Next.js source tree, assuming each is guarded.",
        ),
    ),
    *section(
        "What may be sent",
        option(
            "--allow-effects",
            metavar="GLOB",
            multiple=True,
            type=LINES,
            help="Send requests that could change data if the route turns out to be open.",
            shell_complete=completers.routes,
        ),
        option(
            "--hold",
            metavar="NAME=SOURCE",
            multiple=True,
            type=LINES,
            help="Provide a real secret, to check which routes must (not) accept it. SOURCE is env:NAME, file:PATH "
            "or -.",
            shell_complete=completers.held,
        ),
        option(
            "--hold-for",
            metavar="ORIGIN",
            multiple=True,
            type=LINES,
            help="This origin of prober.yaml may have the secrets of --hold and --header. Repeatable.",
        ),
        option(
            "--identify",
            type=click.Choice(["mostly", "always"]),
            default="mostly",
            show_default=True,
            help="Which requests name the prober in their User-Agent: all but those sent as a browser or curl would "
            "send them, or all.",
        ),
        option(
            "--budget", metavar="N", type=click.IntRange(min=1), help="Fail if the plan needs more than N requests."
        ),
    ),
    *section(
        "What fails the run",
        option(
            "--require",
            metavar="GLOB",
            multiple=True,
            type=LINES,
            help="Exit 2 if any of these probes is skipped. No drift of them is tolerated.",
            shell_complete=completers.routes,
        ),
        option(
            "--waivers",
            metavar="FILE",
            help="File of accepted findings, each with an owner and an expiry date.",
            shell_complete=completers.files,
        ),
    ),
)
