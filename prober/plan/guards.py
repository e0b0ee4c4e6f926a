"""Refuses a profile that does not say how the guards of the routes answer, all of them at once. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.errors import DefinitionError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Profile, Route

_OPEN_GUARD = "public"


def check_guards(routes: Iterable[Route], profile: Profile) -> None:
    """Raise one error for every guard that the profile lacks, with the lines to paste into it."""
    lacking: dict[str, list[Route]] = {}
    for route in routes:
        if route.guard not in profile.guards:
            lacking.setdefault(route.guard, []).append(route)
    if not lacking:
        return
    first = next(iter(lacking.values()))[0]
    where = profile.source.file
    if len(lacking) > 1:
        what = f"profile '{profile.name}' does not say how {len(lacking)} guards answer: {', '.join(lacking)}"
        fix = f"add these under 'guards' in {where}, each with what a client without credentials gets"
        block = [_line(guard, guarded, profile) for guard, guarded in lacking.items()]
        raise DefinitionError(what, fix=fix, source=first.source, block=block)
    what = f"profile '{profile.name}' does not say how guard '{first.guard}' answers"
    near = nearest(first.guard, profile.guards)
    fix = f"add '{first.guard}' under 'guards' in {where}" + (f" (or did you mean '{near}'?)" if near else "")
    raise DefinitionError(what, fix=fix, source=first.source)


def _line(guard: str, routes: list[Route], profile: Profile) -> str:
    """Write the line of a guard with the usual refusal, and the routes that it is about."""
    status = 200 if guard == _OPEN_GUARD else 401
    more = f" and {len(routes) - 1} more" if routes[1:] else ""
    near = nearest(guard, profile.guards)
    meant = f"; or is it '{near}'?" if near else ""
    return f"{guard}: {status}  # {routes[0].method} {routes[0].path}{more}{meant}"
