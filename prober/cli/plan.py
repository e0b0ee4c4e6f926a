"""`prober plan`: print what would be sent, and send nothing."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click
from tabulate import tabulate

from prober.app.full_plan import check_definitions
from prober.app.load import load
from prober.app.options import ProbeOptions
from prober.app.prepare import prepare
from prober.cli.command import SectionCommand, option, section
from prober.cli.option_types import Number
from prober.cli.options import and_these, what_to_probe
from prober.cli.read_options import read_options
from prober.model import ExitStatus
from prober.report.wording import count

if TYPE_CHECKING:
    from prober.model import Plan


@click.command("plan", cls=SectionCommand)
@what_to_probe
@and_these(
    *section(
        "Output",
        option("--rate", metavar="N", type=Number(), help="Show how long it takes at this many requests a second."),
        option("--check", is_flag=True, help="Only validate the definitions; no URLs or secrets needed."),
        option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True),
    )
)
def command(*, rate: float | None, check: bool, format_: str, **given: object) -> int:
    """Print what would be sent, and send nothing."""
    options = read_options(ProbeOptions, given)
    if check:
        click.echo(f"the definitions are right: {_counted(check_definitions(options))}")
        return ExitStatus.LOCKED
    plan = prepare(load(options)).plan
    click.echo(_as_json(plan, rate) if format_ == "json" else _as_table(plan, rate))
    return ExitStatus.LOCKED


def _counted(plan: Plan) -> str:
    routes = {probe.route.name for probe in (*plan.probes, *(skip.probe for skip in plan.skips))}
    return f"{count(len(plan.probes), 'probe')} of {count(len(routes), 'route')}, profile {plan.profile.name}"


def _as_table(plan: Plan, rate: float | None) -> str:
    counts = Counter(probe.route.name for probe in plan.probes)
    rows: dict[str, list[str]] = {}
    for probe in plan.probes:
        name = probe.route.name
        if name not in rows:
            rows[name] = [name, probe.route.guard, str(probe.promise), str(counts[name])]
    lines = [tabulate(rows.values(), headers=["route", "guard", "expected", "probes"], maxcolwidths=[44, 18, 34, None])]
    skipped = dict.fromkeys(f"{skip.probe.route.name}: {skip.detail}" for skip in plan.skips)
    lines += ["", *(f"skipped  {line}" for line in skipped)] if skipped else []
    sent = f"{count(len(plan.probes), 'probe')} of {count(len(rows), 'route')}"
    what = f"{sent}, {len(plan.not_found_controls)} paths that do not exist"
    how = f"profile {plan.profile.name}, depth {plan.depth}; {count(len(plan.skips), 'probe')} skipped"
    lines += ["", f"{count(plan.requests, 'request')}: {what}; {how}"]
    lines += [f"at {rate:g} a second: {_spell(plan.requests / rate)}"] if rate else []
    return "\n".join(lines)


def _spell(seconds: float) -> str:
    minutes, rest = divmod(max(round(seconds), 1), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _as_json(plan: Plan, rate: float | None) -> str:
    probes = [
        {"id": probe.id, "method": probe.request.method, "sent": probe.request.target, "guard": probe.route.guard,
         "promised": str(probe.promise), "effect": probe.route.effect, "source": str(probe.route.source)}
        for probe in plan.probes
    ]  # fmt: skip
    skipped = [{"id": skip.probe.id, "reason": skip.reason, "detail": skip.detail} for skip in plan.skips]
    whole = {
        "requests": plan.requests,
        "profile": plan.profile.name,
        "depth": plan.depth,
        "seconds": round(plan.requests / rate, 1) if rate else None,
        "probes": probes,
        "skipped": skipped,
    }
    return json.dumps(whole, indent=1)
