"""Waivers: what somebody answers for, until a day. Strict; no network, and no clock: which have expired is judged."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from prober.model import Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.definitions.node import Node

_KEYS = ("finding", "surface", "reason", "owner", "expires")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_waivers(root: Node) -> tuple[Waiver, ...]:
    """Parse a file of waivers; each says what it is for, why, who answers for it and until when."""
    fields = root.fields(("waivers",), of="a file of waivers", required=("waivers",))
    found: dict[tuple[str, str], Waiver] = {}
    for node in fields["waivers"].items(of="'waivers'"):
        waiver = _parse_waiver(node)
        kind = "surface" if waiver.finding is None else "finding"
        first = found.setdefault((kind, waiver.name), waiver)
        if first is not waiver:
            what = f"'{waiver.finding or waiver.surface}' is waived twice (first at {first.source})"
            raise node.wrong(what, fix="keep one of them")
    return tuple(found.values())


def _parse_waiver(node: Node) -> Waiver:
    fields = node.fields(_KEYS, of="a waiver", required=("reason", "owner", "expires"))
    if "finding" in fields and "surface" in fields:
        fix = "keep 'finding' for some of a surface, or 'surface' for all of it"
        raise fields["surface"].wrong("'finding' and 'surface' are both given", fix=fix)
    if "finding" not in fields and "surface" not in fields:
        raise node.wrong("a waiver says neither 'finding' nor 'surface'", fix="add 'finding:' with the id of a finding")
    return Waiver(
        finding=_words(fields, "finding") if "finding" in fields else None,
        surface=_words(fields, "surface") if "surface" in fields else None,
        reason=_words(fields, "reason"),
        owner=_words(fields, "owner"),
        expires=_parse_day(fields["expires"]),
        source=node.source,
    )


def _words(fields: Mapping[str, Node], key: str) -> str:
    """Text that says something: a blank one is as good as none."""
    said = fields[key].word(of=f"'{key}'").strip()
    if not said:
        raise fields[key].wrong(f"'{key}' is blank", fix="fill it in")
    return said


def _parse_day(node: Node) -> date:
    said = node.word(of="'expires'")
    fix = "write the last day on which it is valid, as in 2026-12-31"
    if not _DAY.fullmatch(said):
        raise node.wrong(f"'{said}' is no day", fix=fix)
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise node.wrong(f"'{said}' is a day that does not exist", fix=fix) from None
