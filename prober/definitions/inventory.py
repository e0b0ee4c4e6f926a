"""Reads an inventory: the routes that a deployment has, as somebody accepted them. Strict; no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.definitions.date import parse_date
from prober.definitions.keys.inventory import ACCEPTED, INVENTORY
from prober.model import Inventory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.definitions.node import Node

FILE = "lockdown.lock.yaml"  # beside prober.yaml


def parse_inventory(root: Node) -> Inventory:
    """Parse an inventory; a route is there or absent, never both."""
    fields = root.fields(INVENTORY)
    accepted = fields["accepted"].fields(ACCEPTED)
    there, absent = _routes(fields, "there"), _routes(fields, "absent")
    for name, node in absent.items():
        if name in there:
            raise node.wrong(f"'{name}' is under 'there' and under 'absent'", fix="keep only one")
    return Inventory(
        there=frozenset(there),
        absent=frozenset(absent),
        at=parse_date(accepted["at"], of="'at'", meaning="the day on which it was accepted").isoformat(),
        by=accepted["by"].filled(of="'by'"),
        release=accepted["release"].filled(of="'release'") if "release" in accepted else None,
        file=root.source.file,
    )


def _routes(fields: Mapping[str, Node], key: str) -> dict[str, Node]:
    routes: dict[str, Node] = {}
    for node in fields[key].items(of=f"'{key}'") if key in fields else ():
        name = node.filled(of="a route")
        if name in routes:
            raise node.wrong(f"'{name}' is listed twice", fix="keep only one")
        routes[name] = node
    return routes
