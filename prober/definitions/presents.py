"""Reads what a guard is presented with: kinds of credential, and places of its own. Strict; no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.definitions.answer import HEADER_NAME
from prober.definitions.keys.presents import CARRIER, NOT_A_CARRIER, NOTHING, PASSWORDS
from prober.model import Carrier, Family, Place
from prober.model.carrier import AUTHORIZATION, NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.definitions.node import Node

_PLACES = tuple(Place)


def parse_presents(node: Node) -> tuple[tuple[Family, ...], tuple[Carrier, ...]]:
    """Parse the kinds of credential that a guard takes, and the places of its own where it looks for one."""
    entries = node.one_or_more(of="'presents'")
    words = (*Family, *PASSWORDS, NOTHING)
    families: list[Family] = []
    carriers: list[Carrier] = []
    for entry in entries:
        if entry.is_mapping:
            _add(carriers, _parse_carrier(entry), entry)
            continue
        if entry.text not in words and HEADER_NAME.fullmatch(entry.text) and entry.text != entry.text.lower():
            raise entry.wrong(f"'{entry.text}' is not a kind of credential", fix=f"write {{header: {entry.text}}}")
        name = entry.name(words, of="'presents'", kind="a kind of credential")
        if name == NOTHING and len(entries) > 1:
            raise node.wrong(
                "'nothing' cannot be combined with other kinds of credential", fix="remove one or the other"
            )
        if name in PASSWORDS:
            _add(carriers, Carrier(place=Place(name), name=NOBODY), entry)
        elif name in families:
            raise entry.wrong(f"'{name}' is given twice", fix="remove one of them")
        elif name != NOTHING:
            families.append(Family(name))
    return tuple(families), tuple(carriers)


def _add(carriers: list[Carrier], carrier: Carrier, node: Node) -> None:
    if carrier.label in {other.label for other in carriers}:
        raise node.wrong(f"'{carrier.label}' is given twice", fix="remove one of them")
    carriers.append(carrier)


def _parse_carrier(node: Node) -> Carrier:
    """Parse one place: a header, a scheme or both, or one of a query parameter, a cookie and a user of Basic."""
    fields = node.fields(CARRIER)
    places = [place for place in _PLACES if place in fields]
    scheme = _word(fields, "scheme") if "scheme" in fields else ""
    if scheme and places not in ([], [Place.HEADER]):
        raise fields["scheme"].wrong(f"'scheme' and '{places[0]}' are both given", fix="keep only one")
    if len(places) > 1:
        fix = "write a list with an entry for each"
        raise fields[places[1]].wrong(f"'{places[0]}' and '{places[1]}' are both given", fix=fix)
    if not places:
        return Carrier(place=Place.HEADER, name=AUTHORIZATION, scheme=scheme)
    place = places[0]
    name = _word(fields, place)
    if place is Place.HEADER and name.lower() in NOT_A_CARRIER:
        fix = NOT_A_CARRIER[name.lower()]
        raise fields[place].wrong(f"'{name}' cannot carry a credential", fix=fix)
    return Carrier(place=place, name=name, scheme=scheme)


def _word(fields: Mapping[str, Node], key: str) -> str:
    word = fields[key].word(of=f"'{key}'")
    if key in PASSWORDS:
        if not word.isascii() or not word.isprintable() or ":" in word:
            raise fields[key].wrong(f"'{word}' is not a user's name", fix="use printable ASCII without ':'")
    elif not HEADER_NAME.fullmatch(word):
        what = {"header": "a header name", "cookie": "the name of a cookie", "scheme": "a scheme"}.get(
            key, "a parameter"
        )
        raise fields[key].wrong(f"'{word}' is not {what}", fix="use letters, digits, '-' and '_'")
    return word
