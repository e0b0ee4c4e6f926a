"""Matches waivers with probes. Pure; a waiver that covers a whole surface by accident is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.errors import DefinitionError, nearest
from prober.model import WaiverScope
from prober.plan.globs import pattern_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.model import Probe, Skip, Waiver


def waiver_scopes(waivers: Iterable[Waiver], sent: Sequence[Probe], skips: Iterable[Skip]) -> tuple[WaiverScope, ...]:
    """Give the probes that each waiver matches; `sent` and `skips` are all probes of their surfaces."""
    every, sent_ids = _by_surface((*sent, *(skip.probe for skip in skips))), _by_surface(sent)
    return tuple(_scope(waiver, every, sent_ids) for waiver in waivers)


def _by_surface(probes: Iterable[Probe]) -> dict[str, set[str]]:
    surfaces: dict[str, set[str]] = {}
    for probe in probes:
        surfaces.setdefault(probe.route.surface, set()).add(probe.id)
    return surfaces


def _scope(waiver: Waiver, surfaces: dict[str, set[str]], sent_ids: dict[str, set[str]]) -> WaiverScope:
    if waiver.finding is None:
        matched = surfaces.get(waiver.surface or "", set())
    else:
        pattern = pattern_of(waiver.finding)
        matched = {name for ids in surfaces.values() for name in ids if pattern.fullmatch(name)}
        _refuse_whole_surfaces(waiver, waiver.finding, matched, sent_ids)
    return WaiverScope(waiver=waiver, ids=frozenset(matched), nearest=None if matched else _nearest(waiver, surfaces))


def _nearest(waiver: Waiver, surfaces: dict[str, set[str]]) -> str | None:
    """Give the nearest id of the waiver's surface, or the nearest surface: comparing with all ids takes seconds."""
    named = waiver.finding or waiver.surface or ""
    surface = named.partition(":")[0]
    return nearest(named, surfaces[surface]) if surface in surfaces else nearest(surface, surfaces)


def _refuse_whole_surfaces(waiver: Waiver, glob: str, matched: set[str], sent_ids: dict[str, set[str]]) -> None:
    """Refuse a glob that matches every probe of a surface, unless it is the exact id of its only probe."""
    whole = sorted(name for name, ids in sent_ids.items() if ids <= matched and matched != {glob})
    if whole:
        surfaces = f"'{whole[0]}'" + (f" and of {len(whole) - 1} more" if len(whole) > 1 else "")
        what = f"'{glob}' covers every probe of surface {surfaces}"
        fix = f"name fewer findings, or write 'surface: {whole[0]}' instead of 'finding' to waive all of it"
        raise DefinitionError(what, fix=fix, source=waiver.source)
