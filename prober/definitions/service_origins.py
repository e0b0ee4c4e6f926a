"""Parses `services` of a definition: the origins of each service, and who keeps its doors. Strict; no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.definitions.answer import parse_keeper
from prober.definitions.keys.service import SERVICE
from prober.definitions.service import parse_service
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.definitions.node import Node


def parse_services(node: Node) -> tuple[tuple[str, str], ...]:
    """Parse the origins of each service, in the order of the file; a service may occur several times."""
    return _parse_origins(node.pairs(of="'services'"))


def parse_described_services(node: Node) -> tuple[tuple[str, str], ...]:
    """Parse the origins of each service, where it may be a mapping with more about it."""
    pairs = node.pairs(of="'services'")
    return _parse_origins([(name, s.fields(SERVICE)["url"] if s.is_mapping else s) for name, s in pairs])


def _parse_origins(pairs: Iterable[tuple[str, Node]]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _parse_origin(name, entry))
        for name, origins in pairs
        for entry in origins.one_or_more(of=f"service '{name}'")
    )


def parse_behind(node: Node) -> tuple[tuple[str, str], ...]:
    """Parse who keeps the doors of each service that says so."""
    mappings = [(name, s.fields(SERVICE)) for name, s in node.pairs(of="'services'") if s.is_mapping]
    return tuple((name, parse_keeper(m["behind"], of="'behind'")) for name, m in mappings if "behind" in m)


def _parse_origin(name: str, node: Node) -> str:
    url = node.word(of=f"service '{name}'")
    try:
        parse_service(name, url)
    except UsageError as error:
        raise node.wrong(error.what, fix=error.fix) from None
    return url
