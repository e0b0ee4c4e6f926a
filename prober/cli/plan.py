"""`prober plan`: print what would be sent, and send nothing."""

from __future__ import annotations

import json

import click
from tabulate import tabulate

from prober.cli.choose import Chosen, choose
from prober.cli.options import Number, what_to_probe
from prober.cli.run import wishes_of
from prober.model import ExitStatus


@click.command("plan")
@what_to_probe
@click.option("--rate", metavar="N", type=Number(), help="Say how long it takes at so many requests a second.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(**options: object) -> int:
    """Print what would be sent, and send nothing."""
    chosen = choose(wishes_of(options))
    rate = None if options["rate"] is None else float(str(options["rate"]))
    click.echo(_as_json(chosen, rate) if options["format_"] == "json" else _as_table(chosen, rate))
    return ExitStatus.LOCKED


def _as_table(chosen: Chosen, rate: float | None) -> str:
    plan = chosen.plan
    rows: dict[str, list[str]] = {}
    for probe in plan.probes:
        rows.setdefault(probe.route.name, [probe.route.guard, str(probe.promise), "0"])
        rows[probe.route.name][2] = str(int(rows[probe.route.name][2]) + 1)
    body = [[name, *cells] for name, cells in rows.items()]
    lines = [tabulate(body, headers=["route", "guard", "a stranger gets", "probes"], maxcolwidths=[44, 18, 34, None])]
    skipped = dict.fromkeys(f"{skip.probe.route.name}: {skip.detail}" for skip in plan.skips)
    lines += ["", *(f"skipped  {line}" for line in skipped)] if skipped else []
    what = f"{len(plan.probes)} probes of {len(rows)} routes, {len(plan.nowhere)} paths that do not exist"
    how = f"profile {plan.profile.name}, depth {plan.depth}; {len(plan.skips)} probes skipped"
    lines += ["", f"{plan.requests} requests: {what}; {how}"]
    lines += [f"at {rate:g} a second: {_spell(plan.requests / rate)}"] if rate else []
    return "\n".join(lines)


def _spell(seconds: float) -> str:
    minutes, rest = divmod(max(round(seconds), 1), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _as_json(chosen: Chosen, rate: float | None) -> str:
    plan = chosen.plan
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
