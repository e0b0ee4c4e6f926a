"""A service may have several origins: of a door that is open at one of them only, that is said. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Finding, Probe, Service


def compare_origins(findings: Iterable[Finding], services: Mapping[str, Service]) -> tuple[Finding, ...]:
    """Say of each leak at which other origin of its service the same probe is locked."""
    every = tuple(findings)
    locked: dict[tuple[str, ...], list[str]] = {}
    for finding in every:
        if finding.verdict is Verdict.LOCKED:
            service = services[finding.probe.request.service]
            locked.setdefault(_same(finding.probe, service), []).append(service.place)

    def with_origins(finding: Finding) -> Finding:
        service = services[finding.probe.request.service]
        there = locked.get(_same(finding.probe, service))
        if finding.verdict is not Verdict.LEAK or not there:
            return finding
        return replace(finding, detail=f"{finding.detail}; at {', '.join(there)} it is locked")

    return tuple(with_origins(finding) for finding in every)


def _same(probe: Probe, service: Service) -> tuple[str, ...]:
    """What is the same of a probe at every origin."""
    route = probe.route
    dressed = probe.variant.name if probe.variant else ""
    doors = (route.surface, route.method, route.path, route.id or "")
    return (service.kind, *doors, probe.credential.name, dressed, probe.procedure or "")
