"""In which order a plan is sent: what is harmless first, and what may act in chains that end with the first grant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.engine.client import DANGEROUS
from prober.judge.controls import SAFE_METHODS
from prober.judge.served import may_have_acted
from prober.judge.verdicts import ends_chain
from prober.model import NotFoundControl, Probe

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from prober.judge.observations import Observations
    from prober.model import Outcome, Plan

Entry = Probe | NotFoundControl
Unit = tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """A plan in the order of sending. What may act waits for all the rest."""

    reads: tuple[Unit, ...]  # first what is telling
    writes: tuple[Unit, ...] = ()  # that only their definition calls inert
    acting: tuple[Unit, ...] = ()
    telling: frozenset[Entry] = frozenset()  # without whose answers a write's grant cannot be told from a refusal


def may_act(entry: Probe | NotFoundControl) -> bool:
    """Say whether an open route, or a server that takes anything anywhere, might do something with this request."""
    if isinstance(entry, NotFoundControl):
        return entry.request.method not in SAFE_METHODS
    return entry.route.effect in DANGEROUS and entry.request.method != "OPTIONS"


def is_bounded(entry: Probe | NotFoundControl) -> bool:
    """Say whether grants of this request are counted: it may act, or is a write that only its definition calls inert.

    A store that takes anything makes a record of each.
    """
    return may_act(entry) or entry.request.method not in SAFE_METHODS


def is_granted(entry: Probe | NotFoundControl, outcome: Outcome, observations: Observations) -> bool:
    """Say whether a request that may act was granted, for all that is known so far."""
    if isinstance(entry, NotFoundControl):
        return may_have_acted(entry, outcome)
    return ends_chain(entry, outcome, observations.controls_for_stopping(entry.request.service))


def units_of(plan: Plan) -> Units:
    """Give the units of a plan.

    The paths that do not exist come first of all, and the open routes after them; those of a service that are asked by
    a method that may act stay together, as do the probes of a route that may act, or that is written to.
    """
    paths: list[Unit] = []
    dangerous_paths: dict[str, list[Entry]] = {}
    for path in plan.not_found_controls:
        if may_act(path):
            dangerous_paths.setdefault(path.request.service, []).append(path)
        else:
            paths.append((path,))
    opened: list[Unit] = []
    guarded: list[Unit] = []
    acting: dict[tuple[str, str], list[Entry]] = {}
    writes: dict[tuple[str, str], list[Entry]] = {}
    for probe in plan.probes:
        if probe.procedure is not None:
            continue
        route = (probe.request.service, probe.route.name)
        if probe.route.effect in DANGEROUS:
            acting.setdefault(route, []).append(probe)
        elif probe.route.method not in SAFE_METHODS:
            writes.setdefault(route, []).append(probe)
        else:
            (guarded if probe.promise.refuses else opened).append((probe,))
    return Units(
        reads=(*paths, *map(tuple, dangerous_paths.values()), *opened, *guarded),
        writes=tuple(map(tuple, writes.values())),
        acting=tuple(map(tuple, acting.values())),
        telling=frozenset((*plan.not_found_controls, *(probe for unit in opened for probe in unit))),
    )


def only_to(services: AbstractSet[str], units: Units) -> Units:
    """Give what goes to these services."""
    reads, writes, acting = (
        tuple(unit for unit in part if unit[0].request.service in services)
        for part in (units.reads, units.writes, units.acting)
    )
    telling = frozenset(entry for entry in units.telling if entry.request.service in services)
    return Units(reads=reads, writes=writes, acting=acting, telling=telling)
