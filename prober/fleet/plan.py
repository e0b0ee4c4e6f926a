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
from prober.model.origin import is_loopback

if TYPE_CHECKING:
    from collections.abc import Hashable

    from prober.fleet.inventory import Inventory, Member
    from prober.fleet.worker import Worker
    from prober.model import Plan, Service

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
    costs = _Costs(worker)
    requests = 0
    for member in inventory.chosen:
        places = tuple(parse_service("web", url) for url in member.urls)
        hosts.update({place.host for place in places})
        lacking = missing_sources(member)
        for source in lacking:
            missing.setdefault(source, []).append(member.name)
        if lacking:
            continue
        try:
            requests += costs.of(member, places)
        except ProberError as error:
            wrong.setdefault(error.what, []).append(member.name)
    return FleetPlan(
        deployments=len(inventory.chosen), requests=requests, hosts=dict(hosts.most_common()), missing=missing,
        wrong=wrong,
    )  # fmt: skip


class _Costs:
    """How many requests each deployment costs; of those that differ in nothing but their hosts, one is planned."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._known: dict[Hashable, int] = {}

    def of(self, member: Member, places: tuple[Service, ...]) -> int:
        """Give the requests of a deployment at these places, at most; what is wrong with it is raised."""
        alike = _alike(member, places)
        known = None if alike is None else self._known.get(alike)
        if known is not None:
            return known
        prepared = self._worker.plan(task_of(member))
        if alike is not None and not prepared.secrets:  # where secrets may go is a matter of the host
            self._known[alike] = prepared.plan.requests
        return prepared.plan.requests


def _alike(member: Member, places: tuple[Service, ...]) -> Hashable | None:
    """Give what two deployments have in common whose plans cost the same; None where no other is like this one."""
    if member.hold or member.held_by_file:
        return None
    hosts = list(dict.fromkeys(place.host for place in places))
    kinds = [_kind_of(host) for host in hosts]
    if None in kinds:
        return None
    shapes = tuple(
        (place.scheme, hosts.index(place.host), place.port, place.base_path, place.socket) for place in places
    )
    names = tuple(service.partition("=")[0] for service in member.services)
    return member.deployment, member.profile, member.depth, member.named, names, tuple(kinds), shapes


def _kind_of(host: str) -> str | None:
    """Name what a plan sees of a host: a name, or an address; None for this machine, which is like no other."""
    if is_loopback(host):
        return None
    return "address" if ":" in host or host.replace(".", "").isdigit() else "name"


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
