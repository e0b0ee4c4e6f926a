"""A variant is judged by its difference from the plain request: it is right when it opens nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.fingerprint import fingerprint
from prober.judge.match import json_of
from prober.judge.soft import soft_refusal

if TYPE_CHECKING:
    from prober.judge.controls import ServiceControls
    from prober.model import Answered, Probe

# Where Next.js sends a client's router for data: a redirect, although the status is 200.
_REDIRECTS = ("x-nextjs-redirect",)


def is_nothing_new(probe: Probe, answered: Answered, controls: ServiceControls) -> bool:
    """Say whether a success of this variant shows what every stranger may see: no more than that is behind the door."""
    if probe.request.method == "OPTIONS":
        return not isinstance(json_of(answered), (dict, list))  # a list of methods is what OPTIONS is for
    if any(answered.header(name) for name in _REDIRECTS):
        return True
    if probe.request.method == "HEAD":
        beside = controls.beside(
            probe
        )  # there is no body to compare: a service that says 200 to everything says nothing
        return beside is not None and beside.answered.status == answered.status
    if soft_refusal(probe, answered, controls):
        return True
    # The path that a header names, or that the spelling leads to, may be an open one.
    return any(
        fingerprint(answered, target).is_like(page) for target in _targets(probe) for page in controls.open_pages
    )


def _targets(probe: Probe) -> set[str]:
    return {probe.request.target, probe.place}
