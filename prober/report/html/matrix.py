"""The matrix of routes and credentials: a row for each surface, and its bad routes as rows below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.report.html.entries import (
    BAD,
    MARKS,
    MOST_IN_FULL,
    Group,
    bad_first,
    by_route,
    by_surface,
    filter_classes,
    grouped,
    mark,
    worst_first,
)
from prober.report.html.markup import Markup, element, lines, link, together
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.report.html.entries import Entry

_LEAK, _, *_INCONCLUSIVE = BAD
_EDGE = 5  # columns between two vertical lines


def matrix(entries: Sequence[Entry], surface_classes: Mapping[str, str]) -> Markup:
    """Lay out all probes: a cell shows the worst of its probes, and links to the evidence of that one."""
    names = [column.name for column in bad_first(grouped(entries, _column, _column))]
    columns = {name: "edge" if number % _EDGE == 0 else None for number, name in enumerate(names)}
    heads = [element("th", element("span", name), scope="col", class_=edge) for name, edge in columns.items()]
    head = element("tr", element("th", "surface, route", scope="col", class_="corner"), *heads)
    bodies = [_surface(surface, columns, surface_classes) for surface in worst_first(by_surface(entries))]
    table = element("table", element("thead", head), Markup("\n"), lines(bodies))
    return element(
        "div", table, class_="matrix", tabindex="0", role="region", aria_label="matrix of routes and credentials"
    )


def _column(entry: Entry) -> str:
    """Name the column of a probe; all variants with a credential share one, beside that of the plain request."""
    return entry.finding["credential"] + (" + variants" if entry.finding["variant"] else "")


def _surface(surface: Group, columns: Mapping[str, str | None], surface_classes: Mapping[str, str]) -> Markup:
    """Show leaking routes always, and other bad ones unless the row of the surface says the same of all its routes."""
    routes = worst_first(by_route(surface.entries))
    same_kind = len({route.kind for route in routes}) == 1 and (
        len(routes) > MOST_IN_FULL or surface.kind in _INCONCLUSIVE
    )
    shown_kinds = {_LEAK} if same_kind else {*BAD}
    folds = any(route.kind not in shown_kinds for route in routes)
    rows = [_summary(surface, len(routes), columns, folds=folds)]
    for route in routes:
        name = element(
            "th",
            link(route.worst.anchor, mark(route.kind, alone=True), " ", route.name, page=route.worst.page),
            scope="row",
        )
        classes = filter_classes(route, surface_classes) + ("" if route.kind in shown_kinds else " folded")
        rows.append(element("tr", name, *_cells(route, columns, counted=True), class_=classes))
    return element("tbody", lines(rows), class_=filter_classes(surface, surface_classes))


def _summary(surface: Group, routes: int, columns: Mapping[str, str | None], *, folds: bool) -> Markup:
    """Make the row of a surface; its checkbox unfolds the routes that are folded."""
    number = element("small", count(routes, "route"))
    title = together([mark(surface.kind, alone=True), " ", element("b", surface.name), " ", number])
    label = f"show every route of {surface.name}"
    fold = element("input", type="checkbox", class_="fold", autocomplete="off", aria_label=label)
    name = element("label", fold, title) if folds else element("span", title, class_="whole")
    cells = _cells(surface, columns, counted=False)
    return element("tr", element("th", name, scope="rowgroup"), *cells, class_="surface")


def _cells(row: Group, columns: Mapping[str, str | None], *, counted: bool) -> list[Markup]:
    by_column = {group.name: group for group in grouped(row.entries, _column, _column)}
    return [_cell(by_column.get(column), edge, counted=counted) for column, edge in columns.items()]


def _cell(cell: Group | None, edge: str | None, *, counted: bool) -> Markup:
    """Show the worst of a cell's probes; in the row of a bad route, count them and make the cell a tab stop."""
    if cell is None:
        return element("td", class_=edge)
    worst = cell.worst
    many = len(cell.entries)
    same_kind_count = sum(1 for entry in cell.entries if entry.kind == worst.kind)
    title = f"{worst.kind}: {cell.name}" + (f", {same_kind_count} of {many}" if many > 1 else "")
    show_count = counted and worst.kind in BAD
    number = element("sub", str(same_kind_count)) if show_count and many > 1 else None
    stop = None if show_count else "-1"  # a thousand tab stops help nobody, and the link of the row is one
    sign = link(
        worst.anchor, MARKS[worst.kind], number, page=worst.page,
        class_=f"mark {worst.kind}", title=title, aria_label=title, tabindex=stop,
    )  # fmt: skip
    return element("td", sign, class_=edge)
