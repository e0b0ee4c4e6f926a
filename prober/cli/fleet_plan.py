"""`prober fleet plan`: what a run over a fleet would send, and what it lacks; sends nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from prober.app.options import SendOptions
from prober.cli.command import SectionCommand
from prober.cli.fleet_options import CLUSTER, FLEET, WHICH
from prober.cli.fleet_run import cluster_of
from prober.cli.options import and_these
from prober.cli.read_options import read_options
from prober.fleet.options import ChoiceOptions
from prober.fleet.plan import FleetPlan, plan_fleet
from prober.fleet.run import load_fleet
from prober.fleet.tasks import WorkerSettings
from prober.fleet.worker import Worker
from prober.model import ExitStatus
from prober.report.wording import count

if TYPE_CHECKING:
    from prober.fleet.run import LoadedFleet

_NAMED = 10  # hosts, and deployments that lack something


@click.command("plan", cls=SectionCommand)
@FLEET
@and_these(*WHICH, *CLUSTER)
def command(*, cluster: str | None, **given: object) -> int:
    """Print how many deployments there are, at which hosts, with how many requests; send nothing.

    Exit status: 2 if a secret is missing, a deployment is wrong, or the fleet is smaller than it expects; else 0.
    """
    loaded = load_fleet(read_options(ChoiceOptions, given))
    inventory = loaded.inventory
    plan = plan_fleet(inventory, Worker(WorkerSettings(sending=SendOptions(), hold_for=loaded.hold_for)))
    click.echo(_shown(plan))
    too_small = inventory.at_least is not None and len(inventory.members) < inventory.at_least
    if too_small:
        click.echo(f"the fleet has {count(len(inventory.members), 'deployment')}, and expects {inventory.at_least:,}")
    lacking = too_small or _lacks(cluster, loaded) or plan.missing or plan.wrong or not plan.deployments
    return ExitStatus.NO_VERDICT if lacking else ExitStatus.LOCKED


def _lacks(cluster: str | None, loaded: LoadedFleet) -> bool:
    """Ask every worker of a cluster for the secrets that the fleet names; True where one is missing."""
    if cluster is None:
        return False

    async def ask() -> dict[str, list[str]]:
        engine = cluster_of(cluster, loaded.files)
        try:
            return await engine.missing(loaded.inventory.sources)
        finally:
            await engine.close()

    lacking = asyncio.run(ask())
    for source, workers in lacking.items():
        click.echo(f"missing  {source}, on {_names(workers)}")
    return bool(lacking)


def _shown(plan: FleetPlan) -> str:
    lines = [f"{host}  {count(number, 'deployment')}" for host, number in list(plan.hosts.items())[:_NAMED]]
    lines += [f"and {count(len(plan.hosts) - _NAMED, 'more host')}"] if len(plan.hosts) > _NAMED else []
    lines += [f"missing  {source}, for {_names(names)}" for source, names in plan.missing.items()]
    lines += [f"wrong    {what}: {_names(names)}" for what, names in plan.wrong.items()]
    where, most = count(len(plan.hosts), "host"), count(plan.requests, "request")
    whole = f"{count(plan.deployments, 'deployment')} at {where}, at most {most}"
    return "\n".join([*lines, "", whole])


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
