"""Which probes are not sent, and why. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Depth, Reason, Skip
from prober.plan.globs import matches, names_of_route

if TYPE_CHECKING:
    from prober.model import Probe
    from prober.plan.options import PlanOptions


def skip_of(probe: Probe, options: PlanOptions) -> Skip | None:
    """Say why a probe is not sent: its mode, its effect or the depth; None where it is."""
    route = probe.route
    if probe.promise.skip:
        return Skip(probe=probe, reason=Reason.NOT_IN_THIS_MODE, detail=probe.promise.skip)
    if probe.needs_permission and not any(matches(glob, names_of_route(route)) for glob in options.allow_effects):
        return Skip(probe=probe, reason=Reason.EFFECT, detail=_why(probe))
    if options.depth is Depth.QUICK and not route.quick:
        detail = "it leaves a trace even if the route is locked, and depth quick leaves none"
        return Skip(probe=probe, reason=Reason.EFFECT, detail=detail)
    return None


def _why(probe: Probe) -> str:
    sends = f"(--allow-effects '{probe.route.path}' sends it)"
    if not probe.is_beyond_inert:
        return f"this request could change data and has no harmless form {sends}"
    return f"the inert form shows only how a body that is not valid is refused; a valid one could change data {sends}"


def no_held_secret(probe: Probe, name: str) -> Skip:
    """Skip a probe whose held secret was not given."""
    return Skip(probe=probe, reason=Reason.NO_HELD_SECRET, detail=f"no held secret '{name}' was given")
