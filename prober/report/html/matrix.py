"""Routes and credentials: the first thing that one sees. A surface is a line, and its bad routes are lines below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.report.html.entries import (
    BAD,
    MARKS,
    Group,
    bad_first,
    by_route,
    by_surface,
    count,
    filter_classes,
    grouped,
    mark,
    worst_first,
)
from prober.report.html.markup import Markup, element, lines, link, together
from prober.report.table import MOST_IN_FULL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.report.html.entries import Entry

_LEAK, _, *_SAY_NOTHING = BAD
_EDGE = 5  # columns between two lines for the eye to go along


def matrix(entries: Sequence[Entry], places: Mapping[str, str]) -> Markup:
    """Lay out every probe: a cell is the worst of its probes, and leads to that one's evidence."""
    names = [column.name for column in bad_first(grouped(entries, _column, _column))]
    columns = {name: "edge" if number % _EDGE == 0 else None for number, name in enumerate(names)}
    heads = [element("th", element("span", name), scope="col", class_=edge) for name, edge in columns.items()]
    head = element("tr", element("th", "surface, route", scope="col", class_="corner"), *heads)
    bodies = [_surface(surface, columns, places) for surface in worst_first(by_surface(entries))]
    table = element("table", element("thead", head), Markup("\n"), lines(bodies))
    return element(
        "div", table, class_="matrix", tabindex="0", role="region", aria_label="matrix of routes and credentials"
    )


def _column(entry: Entry) -> str:
    """Name the column of a probe; the many variants of a request stand in one, beside that of the plain request."""
    return entry.finding["credential"] + (" + variants" if entry.finding["variant"] else "")


def _surface(surface: Group, columns: Mapping[str, str | None], places: Mapping[str, str]) -> Markup:
    """Show each open door; and what else is bad, but where the line of the surface says it of all its routes."""
    routes = worst_first(by_route(surface.entries))
    alike = len({route.kind for route in routes}) == 1 and (len(routes) > MOST_IN_FULL or surface.kind in _SAY_NOTHING)
    shown = {_LEAK} if alike else {*BAD}
    folds = any(route.kind not in shown for route in routes)
    rows = [_summary(surface, len(routes), columns, folds=folds)]
    for route in routes:
        name = element(
            "th",
            link(route.worst.anchor, mark(route.kind, alone=True), " ", route.name, page=route.worst.page),
            scope="row",
        )
        place = filter_classes(route, places) + ("" if route.kind in shown else " folded")
        rows.append(element("tr", name, *_cells(route, columns, counted=True), class_=place))
    return element("tbody", lines(rows), class_=filter_classes(surface, places))


def _summary(surface: Group, routes: int, columns: Mapping[str, str | None], *, folds: bool) -> Markup:
    """The line of a surface; the box in it unfolds those of its routes that are not shown yet."""
    number = element("small", count(routes, "route"))
    said = together([mark(surface.kind, alone=True), " ", element("b", surface.name), " ", number])
    label = f"show every route of {surface.name}"
    fold = element("input", type="checkbox", class_="fold", autocomplete="off", aria_label=label)
    name = element("label", fold, said) if folds else element("span", said, class_="whole")
    cells = _cells(surface, columns, counted=False)
    return element("tr", element("th", name, scope="rowgroup"), *cells, class_="surface")


def _cells(row: Group, columns: Mapping[str, str | None], *, counted: bool) -> list[Markup]:
    by_column = {group.name: group for group in grouped(row.entries, _column, _column)}
    return [_cell(by_column.get(column), edge, counted=counted) for column, edge in columns.items()]


def _cell(cell: Group | None, edge: str | None, *, counted: bool) -> Markup:
    """Show the worst of some probes; for a route, count the ways through it, and let the tabulator stop at it."""
    if cell is None:
        return element("td", class_=edge)
    worst = cell.worst
    many = len(cell.entries)
    alike = sum(1 for entry in cell.entries if entry.kind == worst.kind)
    title = f"{worst.kind}: {cell.name}" + (f", {alike} of {many}" if many > 1 else "")
    told = counted and worst.kind in BAD
    number = element("sub", str(alike)) if told and many > 1 else None
    stop = None if told else "-1"  # a thousand stops of the tabulator help nobody, and the row's own link is one
    sign = link(
        worst.anchor, MARKS[worst.kind], number, page=worst.page,
        class_=f"mark {worst.kind}", title=title, aria_label=title, tabindex=stop,
    )  # fmt: skip
    return element("td", sign, class_=edge)
