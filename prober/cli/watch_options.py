"""The options of `prober watch` that no other command has, each also as PROBER_... in the environment."""

from __future__ import annotations

import click

from prober.cli import completers
from prober.cli.history_options import Duration
from prober.cli.options import LINES
from prober.definitions.canary import (
    LEAST_EVERY,
    LEAST_KEEP,
    LEAST_REMIND,
    MOST_CONFIRM,
    MOST_EVERY,
    MOST_KEEP,
    MOST_REMIND,
)

OF_THE_WATCH = (
    click.option(
        "--every",
        type=Duration(least=LEAST_EVERY, most=MOST_EVERY),
        default="5m",
        show_default=True,
        help="From one run's beginning to the next one's.",
        shell_complete=completers.one_of(("1m", "5m", "15m", "1h")),
    ),
    click.option(
        "--once", is_flag=True, help="Run once, tell whom there is to tell, and exit as 'run' does: for timers."
    ),
    click.option(
        "--confirm",
        metavar="N",
        type=click.IntRange(1, MOST_CONFIRM),
        default=2,
        show_default=True,
        help="How many runs in a row find anything but a leak, before it counts; or that it is over.",
    ),
    click.option(
        "--remind",
        type=Duration(least=LEAST_REMIND, most=MOST_REMIND, none_too=True),
        default="6h",
        show_default=True,
        help="Say again what is still open, so often; 0: never.",
        shell_complete=completers.one_of(("1h", "6h", "1d", "0")),
    ),
    click.option(
        "--keep",
        type=Duration(least=LEAST_KEEP, most=MOST_KEEP),
        default="90d",
        show_default=True,
        help="How long to keep runs; changes are kept four times as long.",
        shell_complete=completers.one_of(("30d", "90d", "365d")),
    ),
    click.option(
        "--alert",
        metavar="URL|SOURCE",
        multiple=True,
        type=LINES,
        help="Whom to tell: a webhook's https://..., or a URL of apprise; SOURCE is env:NAME or file:PATH.",
        shell_complete=completers.sources,
    ),
    click.option(
        "--alert-secret",
        metavar="SOURCE",
        help="What webhooks are signed with: env:NAME or file:PATH.",
        shell_complete=completers.sources,
    ),
    click.option(
        "--ping",
        metavar="URL|SOURCE",
        help="Ask for this after each finished run (a dead man's switch).",
        shell_complete=completers.sources,
    ),
    click.option(
        "--listen",
        metavar="ADDRESS:PORT",
        help="Serve a status page and /metrics there, as on 127.0.0.1:9420.",
        shell_complete=completers.one_of(["127.0.0.1:9420"]),
    ),
    click.option(
        "--page-token",
        metavar="SOURCE",
        help="Whoever looks must say this token: env:NAME or file:PATH.",
        shell_complete=completers.sources,
    ),
    click.option(
        "--behind-proxy", metavar="NAME", help="A proxy signs people in, and passes this name on as the host."
    ),
    click.option(
        "--report",
        metavar="FORMAT=PATH",
        multiple=True,
        help="Write this report anew after each run, in any format.",
        shell_complete=completers.reports,
    ),
    click.option("--verbose", "-v", is_flag=True, help="Say what each run came to, and tracebacks."),
)
