"""The text of `prober explain`: a route in full, or many routes on one screen. Makes text of a plan; prints nothing."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from prober.engine.procedures.registry import procedure_named
from prober.model import Kind
from prober.report.curl import curl
from prober.report.summary import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from prober.model import Plan, Probe, Profile, Promise

_WIDTH = 80
_MOST_IN_FULL = 3  # probes of a route that are explained one by one unless all are asked for
_MOST_NAMED = 8  # credentials or variants, before the rest is a count
_NO_BREAK = "\u00a0"
_EFFECTS = {
    "none": "nothing",
    "trace": "it leaves a small trace even where all is well",
    "repeats": "what happens anyway; it is sent once",
    "acts": "it could change data or cost money",
}


def explain_routes(probes: Sequence[Probe], plan: Plan) -> list[str]:
    """Give the lines that say what is expected of many routes, by guard."""
    routes = {probe.route.name: probe.route for probe in probes}
    surfaces = list(dict.fromkeys(route.surface for route in routes.values()))
    prefix = f"{surfaces[0]}: " if len(surfaces) == 1 else ""
    where = surfaces[0] if prefix else f"{len(surfaces)} surfaces"
    lines = [f"{where}: {len(routes)} routes, {len(probes)} probes in profile {plan.profile.name}"]
    expected: dict[tuple[str, str], list[str]] = {}
    for probe in probes:
        names = expected.setdefault((probe.route.guard, _expected(probe.promise)), [])
        if probe.route.name not in {name for known in expected.values() for name in known}:
            names.append(probe.route.name)
    for (guard, answer), names in expected.items():
        if names:
            lines += field_lines(f"guard {guard}", f"expects {answer}", wide=0)
            lines += _listed([name.removeprefix(prefix) for name in names])
    worst = min(routes.values(), key=lambda route: route.weight.rank)
    return [*lines, "", "why a route matters, its fix and a curl line, or all of them (--verbose):",
            f"  prober explain '{worst.name}'"]  # fmt: skip


def explain_route(probes: Sequence[Probe], plan: Plan, profiles: Mapping[str, Profile], *, verbose: bool) -> list[str]:
    """Give the lines about one route; `verbose` adds the bug that each probe catches."""
    route = probes[0].route
    service = next(service for service in plan.services if service.name == route.service)
    behind = f"{service.behind} in front of the application may refuse in its place" if service.behind else None
    inert = ", and so it is sent in an inert form" if route.inert else ""
    lines = [f"{route.name}  ({route.source})"]
    lines += field_lines("why", route.why)
    lines += field_lines("fix", route.fix)
    lines += field_lines("guard", route.guard)
    lines += field_lines("behind", behind) if behind else []
    lines += field_lines("effect", f"{route.effect}: if the route is open, {_EFFECTS[route.effect]}{inert}")
    lines.append(f"  reproduce  {curl(probes[0], service)}")
    lines += ["", "expected without credentials" if probes[0].credential.kind is Kind.ANONYMOUS else "expected"]
    names_by_promise: dict[str, list[str]] = {}
    for profile in profiles.values():
        promise = profile.promise(route.guard, probes[0].credential)
        if promise is not None:
            names_by_promise.setdefault(f"{_expected(promise)}  ({promise.source})", []).append(profile.name)
    for text, names in names_by_promise.items():
        who = "every profile" if len(names) == len(profiles) else ", ".join(names)
        lines += field_lines(who, text, wide=18)
    if verbose or len(probes) <= _MOST_IN_FULL:
        lines += ["", f"what is sent in profile {plan.profile.name}, and the bug that it catches"]
        for probe in probes:
            name, catches, source = _catches(probe)
            lines += field_lines(name, f"{catches} ({source})" if source else catches, wide=26)
        return lines
    lines += ["", f"what is sent in profile {plan.profile.name} (--verbose: the bug that each catches)"]
    credentials = _once(_catches(probe)[0] for probe in probes if probe.variant is None)
    variants = _once(probe.variant.name for probe in probes if probe.variant is not None)
    for kind, names in (("credentials", credentials), ("variants", variants)):
        lines += field_lines(kind, f"{len(names)}: {listed(names, most=_MOST_NAMED)}", wide=11) if names else []
    return lines


def _once(names: Iterable[str]) -> list[str]:
    """Give each name once, in the order of the plan."""
    return list(dict.fromkeys(names))


def field_lines(name: str, text: str, *, wide: int = 9) -> list[str]:
    """Write a name and a text beside it, wrapped."""
    lead = f"  {name:<{wide}}"
    return textwrap.wrap(lead + "  " + text, _WIDTH, subsequent_indent=" " * (wide + 4), break_on_hyphens=False)


def _listed(names: Iterable[str]) -> list[str]:
    """Write names as a list that is never broken within a name."""
    text = ", ".join(name.replace(" ", _NO_BREAK) for name in names)
    wrapped = textwrap.wrap(text, _WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 4, break_on_hyphens=False)
    return [line.replace(_NO_BREAK, " ") for line in wrapped]


def _expected(promise: Promise) -> str:
    return promise.skip or str(promise)


def _catches(probe: Probe) -> tuple[str, str, str]:
    """Name what a probe presents, the bug that it catches, and where that bug was seen."""
    if probe.procedure is not None:
        procedure = procedure_named(probe.procedure)
        return probe.procedure, f"{procedure.catches}. {procedure.about}", procedure.source
    if probe.variant is not None:
        return f"+ {probe.variant.name}", probe.variant.catches, probe.variant.source
    if probe.credential.kind is Kind.HELD:
        must = "must open it" if probe.credential.name in probe.route.admits else "must not open it"
        return probe.credential.name, f"{must}: {probe.credential.catches}", ""
    return probe.credential.name, probe.credential.catches, probe.credential.source
