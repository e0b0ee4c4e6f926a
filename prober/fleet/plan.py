"""What a fleet's run would send, deployment by deployment; sends nothing."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prober.definitions.service import parse_service
from prober.errors import ProberError
from prober.fleet.dispatch import task_of
from prober.judge.controls import SAFE_METHODS
from prober.model import Depth, Effect

if TYPE_CHECKING:
    from prober.fleet.inventory import Inventory, Member
    from prober.fleet.worker import Worker
    from prober.model import Plan

COMPARED = "known-email"  # the held secret without which no times are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """What a run would send, to whom, and what it lacks."""

    deployments: int
    requests: int
    hosts: dict[str, int]  # deployments by host, the most first
    missing: dict[str, list[str]]  # names of deployments by the secret's source that is not there
    wrong: dict[str, list[str]]  # names of deployments by what is wrong with them


def plan_fleet(inventory: Inventory, worker: Worker) -> FleetPlan:
    """Plan every chosen deployment; a wrong one is named, and hides none of the others."""
    hosts: Counter[str] = Counter()
    missing: dict[str, list[str]] = {}
    wrong: dict[str, list[str]] = {}
    requests = 0
    for member in inventory.chosen:
        hosts.update({parse_service("web", url).host for url in member.urls})
        lacking = missing_sources(member)
        for source in lacking:
            missing.setdefault(source, []).append(member.name)
        if lacking:
            continue
        try:
            requests += worker.plan(task_of(member)).plan.requests
        except ProberError as error:
            wrong.setdefault(error.what, []).append(member.name)
    return FleetPlan(
        deployments=len(inventory.chosen), requests=requests, hosts=dict(hosts.most_common()), missing=missing,
        wrong=wrong,
    )  # fmt: skip


def missing_sources(member: Member) -> list[str]:
    """Name the sources of a deployment's secrets that are not here; what they hold is not looked at."""
    sources = (entry.partition("=")[2] for entry in (*member.hold, *member.held_by_file))
    return [source for source in sources if not is_there(source)]


def is_there(source: str) -> bool:
    """Say whether a secret's source is here and not empty."""
    kind, _, where = source.partition(":")
    if kind == "env":
        return bool(os.environ.get(where, "").strip())
    path = Path(where)
    return path.is_file() and path.stat().st_size > 0


def compares_times(member: Member) -> bool:
    """Say whether a deployment's times may be compared: its machine must then be busy with nothing else."""
    held = {entry.partition("=")[0] for entry in (*member.hold, *member.held_by_file)}
    return member.depth == Depth.DEEP and COMPARED in held


def is_repeatable(worker: Worker, member: Member) -> bool:
    """Say whether probing a deployment a second time does nothing that the first time has not done."""
    try:
        return is_harmless(worker.plan(task_of(member)).plan)
    except ProberError:
        return True  # it cannot be planned, so that nothing has been sent and nothing will be


def is_harmless(plan: Plan) -> bool:
    """Say whether a plan holds nothing that acts, repeats, leaves a trace or uses a limit up."""
    requests = [*(probe.request for probe in plan.probes), *(path.request for path in plan.not_found_controls)]
    return all(request.method in SAFE_METHODS for request in requests) and all(
        probe.route.effect is Effect.NONE and probe.procedure is None and probe.route.limit is None
        for probe in plan.probes
    )
