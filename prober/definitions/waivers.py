"""Reads waivers: accepted findings, each with an expiry date. Strict; no network, no clock: expiry is judged later."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from prober.definitions.keys.waivers import WAIVER, WAIVERS
from prober.model import Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.definitions.node import Node

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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
        finding=_text(fields, "finding") if "finding" in fields else None,
        surface=_text(fields, "surface") if "surface" in fields else None,
        reason=_text(fields, "reason"),
        owner=_text(fields, "owner"),
        expires=_parse_date(fields["expires"]),
        source=node.source,
    )


def _text(fields: Mapping[str, Node], key: str) -> str:
    """Give text that is not blank."""
    text = fields[key].word(of=f"'{key}'").strip()
    if not text:
        raise fields[key].wrong(f"'{key}' is blank", fix="fill it in")
    return text


def _parse_date(node: Node) -> date:
    text = node.word(of="'expires'")
    fix = "write the last day on which it is valid, as in 2026-12-31"
    if not _DATE.fullmatch(text):
        raise node.wrong(f"'{text}' is not a date", fix=fix)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise node.wrong(f"'{text}' is a date that does not exist", fix=fix) from None
