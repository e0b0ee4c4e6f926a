"""Pairs waivers with the probes that they mean. Pure; a waiver that covers a surface by accident is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.errors import DefinitionError, nearest
from prober.model import WaiverScope
from prober.plan.globs import pattern_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.model import Probe, Waiver


def covers(waivers: Iterable[Waiver], sent: Sequence[Probe], skipped: Sequence[Probe]) -> tuple[WaiverScope, ...]:
    """Say which of these probes, all that there are of their surfaces, each waiver means."""
    every, looked_at = _by_surface((*sent, *skipped)), _by_surface(sent)
    return tuple(_cover(waiver, every, looked_at) for waiver in waivers)


def _by_surface(probes: Iterable[Probe]) -> dict[str, set[str]]:
    surfaces: dict[str, set[str]] = {}
    for probe in probes:
        surfaces.setdefault(probe.route.surface, set()).add(probe.id)
    return surfaces


def _cover(waiver: Waiver, surfaces: dict[str, set[str]], looked_at: dict[str, set[str]]) -> WaiverScope:
    if waiver.finding is None:
        meant = surfaces.get(waiver.surface or "", set())
    else:
        pattern = pattern_of(waiver.finding)
        meant = {name for ids in surfaces.values() for name in ids if pattern.fullmatch(name)}
        _refuse_whole_surfaces(waiver, waiver.finding, meant, looked_at)
    return WaiverScope(waiver=waiver, ids=frozenset(meant), nearest=None if meant else _nearest(waiver, surfaces))


def _nearest(waiver: Waiver, surfaces: dict[str, set[str]]) -> str | None:
    """Guess which id of its surface was meant, or else which surface: to compare with every id of all takes seconds."""
    said = waiver.finding or waiver.surface or ""
    surface = said.partition(":")[0]
    return nearest(said, surfaces[surface]) if surface in surfaces else nearest(surface, surfaces)


def _refuse_whole_surfaces(waiver: Waiver, glob: str, meant: set[str], looked_at: dict[str, set[str]]) -> None:
    """Refuse a glob that leaves nothing of a surface to fail; who spells out the id of its only probe knows that."""
    whole = sorted(name for name, ids in looked_at.items() if ids <= meant and meant != {glob})
    if whole:
        named = f"'{whole[0]}'" + (f" and of {len(whole) - 1} more" if len(whole) > 1 else "")
        what = f"'{glob}' covers every probe of surface {named}"
        fix = f"name fewer findings, or write 'surface: {whole[0]}' in place of 'finding' where all of it is meant"
        raise DefinitionError(what, fix=fix, source=waiver.source)
