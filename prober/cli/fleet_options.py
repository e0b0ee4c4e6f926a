"""The options that the commands of `prober fleet` share, each also as PROBER_... in the environment."""

from __future__ import annotations

import click

from prober.cli import completers
from prober.cli.command import option, section
from prober.cli.option_types import LINES, Number
from prober.definitions.keys.fleet import RATE
from prober.fleet.formats import FORMATS

FLEET = click.argument("fleet", metavar="FLEET", shell_complete=completers.files)

WHICH = section(
    "Which deployments",
    option("--only", metavar="GLOB", multiple=True, type=LINES,
           help="Only the deployments with such a name. Repeatable."),
    option("--label", metavar="NAME=VALUE", multiple=True, type=LINES,
           help="Only the deployments with this label. Repeatable: all of them."),
    option("--shard", metavar="I/N", help="Only part I of N; 'prober fleet merge' joins their reports."),
    option("--hold-for", metavar="ORIGIN", multiple=True, type=LINES,
           help="This origin of a prober.yaml or a target may have the fleet's secrets. Repeatable."),
)  # fmt: skip

CLUSTER = section(
    "Where and how fast",
    option("--cluster", metavar="ADDRESS", help="Use the workers of this Dask scheduler (tls://HOST:PORT)."),
)

PACE = (
    *section(
        "Where and how fast",
        option("--at-once", metavar="N", type=click.IntRange(1, 1000), default=32, show_default=True,
               help="Deployments that are probed at a time; one for each host."),
        option("--processes", metavar="N", type=click.IntRange(1, 256), help="Worker processes [default: one a core]."),
        option("--host-rate", metavar="N", type=Number(RATE.least),
               help="Requests a second to one host, where the fleet gives none."),
        option("--total-rate", metavar="N", type=Number(RATE.least),
               help="Requests a second to all hosts together."),
    ),
    *CLUSTER,
)  # fmt: skip

JOURNAL = section(
    "What is kept",
    option("--journal", metavar="FILE", shell_complete=completers.files,
           help="Note which deployments were begun, and what they came to, to go on after a crash."),
    option("--resume", is_flag=True,
           help="Go on with the journal: what is done stays; what was begun and may act is lost."),
    option("--again", metavar="NAME", multiple=True, type=LINES,
           help="Probe this lost deployment again, although its probes may act. Repeatable."),
    option("--records", metavar="DIR", shell_complete=completers.files,
           help="Have the workers write the full report of each deployment there, as NAME.json.gz."),
)  # fmt: skip

SHOWN = section(
    "Report",
    option("--format", "format_", type=click.Choice(list(FORMATS)), default="table", show_default=True,
           help="What to print."),
    option("--report", metavar="FORMAT=PATH", multiple=True, help="Also write this report, in any format."),
    option("--quiet", "-q", is_flag=True, help="Print the last line only."),
    option("--no-color", is_flag=True, help="Do not colour the output (also NO_COLOR)."),
)  # fmt: skip
