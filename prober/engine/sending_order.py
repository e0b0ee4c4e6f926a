"""In which order a plan is sent: what is harmless first, and what may act in chains that end with the first grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.engine.client import DANGEROUS
from prober.judge.controls import SAFE_METHODS
from prober.judge.served import may_have_acted
from prober.judge.verdicts import ends_chain
from prober.model import NotFoundControl, Probe

if TYPE_CHECKING:
    from prober.judge.observations import Observations
    from prober.model import Outcome, Plan

Unit = tuple[Probe | NotFoundControl, ...]


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


def units_of(plan: Plan) -> tuple[list[Unit], list[Unit]]:
    """Give what is sent first, and what may act, which waits for it.

    The paths that do not exist come first of all; those of a service that are asked by a method that may act stay
    together, as do the probes of a route that may act, or that is written to.
    """
    harmless: list[Unit] = []
    chains: dict[tuple[str, str], list[Probe | NotFoundControl]] = {}
    for path in plan.not_found_controls:
        if may_act(path):
            chains.setdefault((path.request.service, ""), []).append(path)
        else:
            harmless.append((path,))
    harmless += (tuple(chain) for chain in chains.values())
    chains.clear()
    writes: dict[tuple[str, str], list[Probe | NotFoundControl]] = {}
    for probe in plan.probes:
        if probe.procedure is not None:
            continue
        route = (probe.request.service, probe.route.name)
        if probe.route.effect in DANGEROUS:
            chains.setdefault(route, []).append(probe)
        elif probe.route.method not in SAFE_METHODS:
            writes.setdefault(route, []).append(probe)
        else:
            harmless.append((probe,))
    harmless += (tuple(chain) for chain in writes.values())
    return harmless, [tuple(chain) for chain in chains.values()]
