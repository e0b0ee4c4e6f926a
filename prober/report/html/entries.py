"""The findings as the page shows them: each with its anchor and its exchange, put together by surface and by route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import Verdict
from prober.report.grouping import WORST_FIRST, route_of
from prober.report.html.markup import Markup, element

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from prober.report.exchange import Exchange
    from prober.report.shape import FindingRecord, Record

WAIVED = "waived"
# The worst first. A letter or a sign for each, so that nobody needs to tell colours apart.
MARKS = {
    Verdict.LEAK.value: "L",
    Verdict.DRIFT.value: "D",
    Verdict.UNPROVEN.value: "?",
    Verdict.UNREACHABLE.value: "×",  # noqa: RUF001 - a cross, and no letter
    WAIVED: "W",
    Verdict.SKIPPED.value: "–",  # noqa: RUF001 - a dash: nothing was sent
    Verdict.LOCKED.value: "✓",
}
BAD = tuple(verdict.value for verdict in WORST_FIRST)
_WORST = {kind: place for place, kind in enumerate(MARKS)}

# Letters of exchanges that the page has room for: it is to be opened from a mail, and on a phone.
_ROOM_FOR_BAD = 2_000_000
_ROOM_FOR_OTHERS = 600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finding, and where it is shown: at an anchor of this page, unless another one is named."""

    anchor: str
    finding: FindingRecord
    exchange: Exchange | None
    page: str = ""

    @property
    def kind(self) -> str:
        """The verdict; what is waived is no ordinary skip."""
        return WAIVED if self.finding["waived"] else self.finding["verdict"]

    @property
    def route(self) -> str:
        """The route's name without its surface, which is told beside it."""
        return route_of(self.finding).removeprefix(f"{self.finding['surface']}: ")

    @property
    def presented(self) -> str:
        """What the probe presented."""
        variant = self.finding["variant"]
        return self.finding["credential"] + (f" + {variant}" if variant else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries that stand together, under a name."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def worst(self) -> Entry:
        """The first of the worst."""
        return min(self.entries, key=lambda entry: _WORST[entry.kind])

    @property
    def kind(self) -> str:
        """The kind of the worst; but one skipped probe does not outweigh those that were answered as promised."""
        kinds = self.kinds
        return kinds[0] if kinds[0] != Verdict.SKIPPED or kinds[1:] == () else kinds[1]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are in it, the worst first."""
        there = {entry.kind for entry in self.entries}
        return tuple(kind for kind in MARKS if kind in there)


def entries_of(record: Record, exchanges: Iterable[Exchange], *, page: str = "") -> tuple[Entry, ...]:
    """Number the findings, and lay their exchanges beside them as far as there is room; `page` shows the evidence."""
    kept = _kept(record, {exchange["id"]: exchange for exchange in exchanges})
    return tuple(
        Entry(anchor=f"f{number}", finding=finding, exchange=kept.get(finding["id"]), page=page)
        for number, finding in enumerate(record["findings"])
    )


def _kept(record: Record, exchanges: Mapping[str, Exchange]) -> dict[str, Exchange]:
    """Keep the exchanges of the bad findings while there is room, and those of the others all or not at all."""
    kept: dict[str, Exchange] = {}
    others: dict[str, Exchange] = {}
    room = _ROOM_FOR_BAD
    for finding in record["findings"]:
        exchange = exchanges.get(finding["id"])
        if exchange is None:
            continue
        if finding["verdict"] not in BAD:
            others[finding["id"]] = exchange
        elif room > 0:
            kept[finding["id"]] = exchange
            room -= _letters(exchange)
    return kept | others if sum(map(_letters, others.values())) <= _ROOM_FOR_OTHERS else kept


def _letters(exchange: Exchange) -> int:
    headers = (*exchange["request_headers"], *exchange["response_headers"])
    texts = (exchange["url"], exchange["request_body"] or "", exchange["body"])
    return sum(len(name) + len(value) for name, value in headers) + sum(map(len, texts))


def grouped(entries: Iterable[Entry], key: Callable[[Entry], Hashable], name: Callable[[Entry], str]) -> list[Group]:
    """Put together what has the same key, in the order of the plan."""
    found: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        found.setdefault(key(entry), []).append(entry)
    return [Group(name=name(group[0]), entries=tuple(group)) for group in found.values()]


def by_surface(entries: Iterable[Entry]) -> list[Group]:
    """Put together what is of one surface."""
    return grouped(entries, lambda entry: entry.finding["surface"], lambda entry: entry.finding["surface"])


def by_route(entries: Iterable[Entry]) -> list[Group]:
    """Put together what is of one route."""
    return grouped(entries, lambda entry: (entry.finding["surface"], entry.route), lambda entry: entry.route)


def worst_first(groups: Iterable[Group]) -> list[Group]:
    """Sort by the worst that is in each, and keep the order otherwise."""
    return sorted(groups, key=lambda group: _WORST[group.kind])


def bad_first(groups: Iterable[Group]) -> list[Group]:
    """Sort by the worst as far as it is bad; all else keeps the order of the plan."""
    return sorted(groups, key=lambda group: _WORST[group.kind] if group.kind in BAD else len(BAD))


def mark(kind: str, *, alone: bool = False) -> Markup:
    """Make the sign of a kind: for the eye only, where the word stands beside it, and else with its name."""
    if alone:
        return element("span", MARKS[kind], class_=f"mark {kind}", role="img", aria_label=kind, title=kind)
    return element("span", MARKS[kind], class_=f"mark {kind}", aria_hidden="true")


def count(number: int, noun: str) -> str:
    """Count things in words."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def places_of(entries: Iterable[Entry]) -> dict[str, str]:
    """Give each surface the class that stands for it: a name of somebody's never becomes part of the style."""
    return {group.name: f"s{number}" for number, group in enumerate(by_surface(entries))}


def filter_classes(group: Group, places: Mapping[str, str]) -> str:
    """Name what the filters look at: of which surfaces it is, and which kinds are in it."""
    surfaces = dict.fromkeys(places[surface.name] for surface in by_surface(group.entries))
    return " ".join(("of", *surfaces, *group.kinds))
