"""The options of how requests are sent (`run`, `watch`, `fleet run`), an entry each. A table, and nothing else."""

from __future__ import annotations

import click

from prober.cli import completers
from prober.cli.command import option, section
from prober.cli.duration import upto_a_day
from prober.cli.option_types import LINES, Number

_TIME = "DURATION"  # as in 5s, 2m or, in seconds, 300

HOW_TO_SEND = (
    *section(
        "Time and load",
        option(
            "--timeout",
            type=upto_a_day(),
            metavar=_TIME,
            default="10s",
            show_default=True,
            help="How long to wait for a complete response.",
        ),
        option(
            "--deadline",
            type=upto_a_day(),
            metavar=_TIME,
            default="5m",
            show_default=True,
            help="When the whole run stops.",
        ),
        option(
            "--wait",
            type=upto_a_day(none_too=True),
            metavar=_TIME,
            default="0",
            show_default=True,
            help="How long to wait for the deployment to come up.",
        ),
        option(
            "--attempts",
            metavar="N",
            type=click.IntRange(1, 10),
            default=3,
            show_default=True,
            help="Attempts per request while the application does not respond.",
        ),
        option(
            "--concurrency",
            metavar="N",
            type=click.IntRange(1, 64),
            help="Maximum requests in flight [default: 8 on this machine, else 8 to 32 by the plan's size].",
        ),
        option(
            "--rate",
            metavar="N",
            type=Number(),
            help="Maximum requests per second [default: none; 10 in `prober watch`, but on this machine].",
        ),
    ),
    *section(
        "Network",
        option(
            "--header",
            metavar="'NAME: SOURCE'",
            multiple=True,
            type=LINES,
            help="Send this with every request, to pass a platform's wall; SOURCE is env:NAME, file:PATH or -.",
        ),
        option(
            "--cacert",
            metavar="FILE",
            help="Trust the certificate authorities in this file.",
            shell_complete=completers.files,
        ),
        option("--cert", metavar="FILE", help="Client certificate (mTLS).", shell_complete=completers.files),
        option(
            "--key",
            metavar="FILE",
            help="Private key for --cert, if it is in a separate file.",
            shell_complete=completers.files,
        ),
        option("--insecure", is_flag=True, help="Do not verify TLS. The report says so."),
        option("--proxy", metavar="URL", help="Use this proxy. HTTP(S)_PROXY is ignored."),
        option(
            "--resolve",
            metavar="HOST:PORT:ADDR",
            multiple=True,
            type=LINES,
            help="Connect to ADDR for HOST:PORT (like curl --resolve), e.g. to bypass a CDN.",
        ),
        option(
            "--address",
            type=click.Choice(["all", "first"]),
            default="all",
            show_default=True,
            help="Of a name with several addresses: ask all (at most 8) or the first.",
        ),
        option("--ipv4", is_flag=True, help="Use IPv4 only."),
        option("--ipv6", is_flag=True, help="Use IPv6 only."),
    ),
    *section(
        "What fails the run",
        option(
            "--tolerate",
            type=click.Choice(["drift"]),
            help="'drift': drift does not fail the run (a leak always does).",
        ),
        option("--require-coverage", is_flag=True, help="Exit 1 if --source has a route that no probe covers."),
        option("--release", metavar="TEXT", help="The deployed release [default: read from an open route]."),
    ),
)

OF_ONE_DEPLOYMENT = frozenset({"rate", "resolve", "require_coverage", "release"})  # options that mean one deployment
