"""The globs of the command line: only `*` and `?`, so that an id with its [brackets] is a glob of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Plan, Probe, Route


def names_of_route(route: Route) -> tuple[str, ...]:
    """Give the names by which a glob may match a route."""
    return (route.name, f"{route.method} {route.path}", route.path, route.surface)


def names_of_probe(probe: Probe) -> tuple[str, ...]:
    """Give the names by which a glob may match a probe."""
    return (probe.id, *names_of_route(probe.route))


def matches(glob: str, names: Iterable[str]) -> bool:
    """Say whether a glob matches one of these names."""
    pattern = pattern_of(glob)
    return any(pattern.fullmatch(name) for name in names)


def ids_matching(globs: Iterable[str], plan: Plan) -> frozenset[str]:
    """Give the ids of a plan's probes, skipped ones too, that any of these globs means."""
    patterns = [pattern_of(glob) for glob in globs]
    probes = (*plan.probes, *(skip.probe for skip in plan.skips)) if patterns else ()
    named = ((probe.id, names_of_probe(probe)) for probe in probes)
    return frozenset(name for name, names in named if any(p.fullmatch(n) for p in patterns for n in names))


def pattern_of(glob: str) -> re.Pattern[str]:
    """Compile a glob into a pattern for whole names."""
    return re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in glob), re.DOTALL)


def check_globs(globs: Iterable[str], probes: Iterable[Probe], *, option: str) -> None:
    """Refuse a glob that matches nothing: a typo would leave a route unprobed, or a finding ignored."""
    wanted = tuple(globs)
    names_by_probe = [names_of_probe(probe) for probe in probes] if wanted else []
    for glob in wanted:
        if not any(matches(glob, names) for names in names_by_probe):
            all_names = {name for names in names_by_probe for name in names}
            fix = did_you_mean(glob, all_names, otherwise="see the ids in 'prober plan'")
            raise UsageError(f"{option} '{glob}' matches no probe", fix=fix)
