"""Required probes: no option narrows them away, and no other profile than prober.yaml's lets them in. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.plan.globs import matches, names_of_probe

if TYPE_CHECKING:
    from prober.model import Probe
    from prober.plan.options import PlanOptions


def is_required(probe: Probe, options: PlanOptions) -> bool:
    """Say whether a glob of the required probes means this one."""
    return bool(options.required) and any(matches(glob, names_of_probe(probe)) for glob in options.required)


def as_required(probe: Probe, options: PlanOptions) -> Probe:
    """Hold a required probe to the profile of prober.yaml, where the profile of the run does not promise a refusal."""
    held_to = options.required_by
    promised_refusal = bool(probe.promise.answers) and probe.promise.refuses
    if held_to is None or promised_refusal or probe.credential.name in probe.route.admits:
        return probe
    promise = held_to.promise(probe.route.guard, probe.credential)
    if promise is None or not promise.answers or not promise.refuses or not is_required(probe, options):
        return probe
    return replace(probe, promise=promise)
