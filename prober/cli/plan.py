"""`prober plan`: print what would be sent, and send nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import click
from tabulate import tabulate

from prober.app.load import Chosen, Wishes, choose, choose_from, load_deployment
from prober.cli.options import Number, what_to_probe
from prober.cli.run import wishes_of
from prober.definitions.builtin import load_surfaces
from prober.model import ExitStatus


@click.command("plan")
@what_to_probe
@click.option("--rate", metavar="N", type=Number(), help="Say how long it takes at so many requests a second.")
@click.option("--check", is_flag=True, help="Check the definitions only: no service need be named, no secret be there.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(**options: object) -> int:
    """Print what would be sent, and send nothing."""
    if options["check"]:
        click.echo(_checked(wishes_of(options)))
        return ExitStatus.LOCKED
    chosen = choose(wishes_of(options))
    rate = None if options["rate"] is None else float(str(options["rate"]))
    click.echo(_as_json(chosen, rate) if options["format_"] == "json" else _as_table(chosen, rate))
    return ExitStatus.LOCKED


def _checked(wishes: Wishes) -> str:
    """Plan the surfaces that are declared and all of the user's own; a service without a URL is given one."""
    file, folder = load_deployment(wishes.deployment)
    surfaces = load_surfaces(folder / path for path in file.probes)
    shipped = {surface.name for surface in load_surfaces()}
    own = [surface.name for surface in surfaces if surface.name not in shipped]
    declared = wishes.surface or file.surfaces
    named = {name for name, _ in file.services}
    unnamed = sorted({name for surface in surfaces for name in surface.services} - named)
    whole = replace(
        file,
        surfaces=(*declared, *own) if declared else (),
        services=(*file.services, *((name, "http://localhost") for name in unnamed)),
        hold=(),
    )
    plan = choose_from(replace(wishes, surface=()), whole, folder, held={}).plan
    routes = {probe.route.name for probe in (*plan.probes, *(skip.probe for skip in plan.skips))}
    return f"the definitions are right: {len(plan.probes)} probes of {len(routes)} routes, profile {plan.profile.name}"


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
