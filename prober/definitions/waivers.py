"""Reads waivers: accepted findings, each with an expiry date. Strict; no network, no clock: expiry is judged later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.definitions.date import parse_date
from prober.definitions.keys.waivers import WAIVER, WAIVERS
from prober.model import Waiver

if TYPE_CHECKING:
    from prober.definitions.node import Node


def parse_waivers(root: Node) -> tuple[Waiver, ...]:
    """Parse a file of waivers; each names its findings, the reason, an owner and an expiry date."""
    fields = root.fields(WAIVERS)
    waivers: dict[tuple[str, str], Waiver] = {}
    for node in fields["waivers"].items(of="'waivers'"):
        waiver = _parse_waiver(node)
        kind = "surface" if waiver.finding is None else "finding"
        first = waivers.setdefault((kind, waiver.name), waiver)
        if first is not waiver:
            what = f"'{waiver.finding or waiver.surface}' is waived twice (first at {first.source})"
            raise node.wrong(what, fix="keep only one")
    return tuple(waivers.values())


def _parse_waiver(node: Node) -> Waiver:
    fields = node.fields(WAIVER)
    if "finding" in fields and "surface" in fields:
        fix = "keep 'finding' for some of a surface, or 'surface' for all of it"
        raise fields["surface"].wrong("'finding' and 'surface' are both given", fix=fix)
    if "finding" not in fields and "surface" not in fields:
        raise node.wrong("a waiver has neither 'finding' nor 'surface'", fix="add 'finding:' with the id of a finding")
    return Waiver(
        finding=fields["finding"].filled(of="'finding'") if "finding" in fields else None,
        surface=fields["surface"].filled(of="'surface'") if "surface" in fields else None,
        reason=fields["reason"].filled(of="'reason'"),
        owner=fields["owner"].filled(of="'owner'"),
        expires=parse_date(fields["expires"], of="'expires'", meaning="the last day on which it is valid"),
        source=node.source,
    )
