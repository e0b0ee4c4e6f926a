"""The findings as the page shows them: each with its anchor and its exchange, grouped by surface and by route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import Verdict
from prober.report.grouping import WORST_FIRST, presented_by, route_of, weight_rank
from prober.report.html.markup import Markup, element

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from prober.report.exchange import Exchange
    from prober.report.shape import FindingRecord, Record

WAIVED = "waived"
# The worst first. Each has a letter or a sign, so that the page is readable without colours.
MARKS = {
    Verdict.LEAK.value: "L",
    Verdict.DRIFT.value: "D",
    Verdict.UNPROVEN.value: "?",
    Verdict.UNREACHABLE.value: "×",  # noqa: RUF001 - a cross, not a letter
    WAIVED: "W",
    Verdict.SKIPPED.value: "–",  # noqa: RUF001 - a dash: nothing was sent
    Verdict.LOCKED.value: "✓",
}
MOST_IN_FULL = 3  # routes of one surface that fail alike and still have rows of their own
BAD = tuple(verdict.value for verdict in WORST_FIRST)
_RANK = {kind: place for place, kind in enumerate(MARKS)}

# Characters of exchanges that the page may hold: it must open from a mail and on a phone.
_ROOM_FOR_BAD = 2_000_000
_ROOM_FOR_OTHERS = 600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finding, and where it is shown: at an anchor of this page, unless `page` names another one."""

    anchor: str
    finding: FindingRecord
    exchange: Exchange | None
    page: str = ""

    @property
    def kind(self) -> str:
        """The verdict, or WAIVED: a waived finding is not an ordinary skip."""
        return WAIVED if self.finding["waived"] else self.finding["verdict"]

    @property
    def route(self) -> str:
        """The route's name without its surface, which is shown beside it."""
        return route_of(self.finding).removeprefix(f"{self.finding['surface']}: ")

    @property
    def presented(self) -> str:
        """The credential and the variant that the probe sent."""
        return presented_by(self.finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries that are shown together, under a name."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def worst(self) -> Entry:
        """The first entry of the worst kind."""
        return min(self.entries, key=lambda entry: _RANK[entry.kind])

    @property
    def kind(self) -> str:
        """The worst kind; but a skipped probe does not outweigh probes that are locked."""
        kinds = self.kinds
        return kinds[0] if kinds[0] != Verdict.SKIPPED or kinds[1:] == () else kinds[1]

    @property
    def weight_rank(self) -> int:
        """The place in the order of harm of its worst entry's route; 0 is the worst."""
        kind = self.kind
        return min(weight_rank(entry.finding) for entry in self.entries if entry.kind == kind)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its entries, the worst first."""
        present = {entry.kind for entry in self.entries}
        return tuple(kind for kind in MARKS if kind in present)


def entries_of(record: Record, exchanges: Iterable[Exchange], *, page: str = "") -> tuple[Entry, ...]:
    """Number the findings and add their exchanges while they fit; `page` is the page that shows the evidence."""
    shown_exchanges = _exchanges_that_fit(record, exchanges)
    return tuple(
        Entry(anchor=f"f{number}", finding=finding, exchange=shown_exchanges.get(finding["id"]), page=page)
        for number, finding in enumerate(record["findings"])
    )


def _exchanges_that_fit(record: Record, exchanges: Iterable[Exchange]) -> dict[str, Exchange]:
    """Choose the exchanges of the bad findings while they fit, and of the others all or none.

    The exchanges come in the order of the findings; no more of them are held than fit.
    """
    verdicts = {finding["id"]: finding["verdict"] for finding in record["findings"]}
    fitting: dict[str, Exchange] = {}
    others: dict[str, Exchange] = {}
    room, room_for_others = _ROOM_FOR_BAD, _ROOM_FOR_OTHERS
    for exchange in exchanges:
        if verdicts[exchange["id"]] in BAD:
            if room > 0:
                fitting[exchange["id"]] = exchange
                room -= _size(exchange)
        elif room_for_others >= 0:
            others[exchange["id"]] = exchange
            room_for_others -= _size(exchange)
            if room_for_others < 0:
                others.clear()
    return fitting | others


def _size(exchange: Exchange) -> int:
    headers = (*exchange["request_headers"], *exchange["response_headers"])
    texts = (exchange["url"], exchange["request_body"] or "", exchange["body"])
    return sum(len(name) + len(value) for name, value in headers) + sum(map(len, texts))


def grouped(entries: Iterable[Entry], key: Callable[[Entry], Hashable], name: Callable[[Entry], str]) -> list[Group]:
    """Group entries by key, in the order of the plan."""
    groups: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return [Group(name=name(group[0]), entries=tuple(group)) for group in groups.values()]


def by_surface(entries: Iterable[Entry]) -> list[Group]:
    """Group entries by surface."""
    return grouped(entries, lambda entry: entry.finding["surface"], lambda entry: entry.finding["surface"])


def by_route(entries: Iterable[Entry]) -> list[Group]:
    """Group entries by route."""
    return grouped(entries, lambda entry: (entry.finding["surface"], entry.route), lambda entry: entry.route)


def worst_first(groups: Iterable[Group]) -> list[Group]:
    """Sort groups by their worst kind and then, where that is bad, by what an open route of them gives away."""
    return sorted(groups, key=lambda group: (_RANK[group.kind], group.weight_rank if group.kind in BAD else 0))


def bad_first(groups: Iterable[Group]) -> list[Group]:
    """Sort the groups with bad entries by their worst kind, and leave the others in the order of the plan."""
    return sorted(groups, key=lambda group: _RANK[group.kind] if group.kind in BAD else len(BAD))


def mark(kind: str, *, alone: bool = False) -> Markup:
    """Make the sign of a kind: hidden from screen readers where the word is beside it, else labelled."""
    if alone:
        return element("span", MARKS[kind], class_=f"mark {kind}", role="img", aria_label=kind, title=kind)
    return element("span", MARKS[kind], class_=f"mark {kind}", aria_hidden="true")


def surface_classes(entries: Iterable[Entry]) -> dict[str, str]:
    """Give each surface a CSS class; a name from a definition never becomes part of the style."""
    return {group.name: f"s{number}" for number, group in enumerate(by_surface(entries))}


def filter_classes(group: Group, surface_classes: Mapping[str, str]) -> str:
    """List the CSS classes that the filters select by: the surfaces and the kinds of a group."""
    classes = dict.fromkeys(surface_classes[surface.name] for surface in by_surface(group.entries))
    return " ".join(("of", *classes, *group.kinds))
