"""The evidence below the matrix: bad findings first and unfolded, locked ones folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Verdict
from prober.report.causes import MOST_FIXES, causes_of
from prober.report.html.entries import BAD, WAIVED, Group, by_route, by_surface, filter_classes, grouped, mark
from prober.report.html.markup import Markup, element, lines, together
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from prober.report.causes import Cause
    from prober.report.exchange import Exchange
    from prober.report.html.entries import Entry

_OWN = frozenset({"user-agent", "accept-encoding", "cache-control"})  # of every request, and in none is evidence


def bad_evidence(entries: Sequence[Entry], surface_classes: Mapping[str, str]) -> Markup | None:
    """Show what is not locked, the worst first: an article for each route; routes that fail alike share one."""
    by_id = {entry.finding["id"]: entry for entry in entries}
    bad = [entry.finding for entry in entries if entry.kind in BAD]
    articles = []
    for cause in causes_of(bad, [entry.finding for entry in entries]):
        routes = [
            Group(name=by_id[route.bad[0]["id"]].route, entries=tuple(by_id[finding["id"]] for finding in route.bad))
            for route in cause.routes
        ]
        articles.append(_many(cause, routes, surface_classes) if routes[1:] else _one(routes[0], surface_classes))
    return element("section", element("h2", "Not locked"), Markup("\n"), lines(articles)) if articles else None


def _one(route: Group, surface_classes: Mapping[str, str]) -> Markup:
    finding = route.worst.finding
    title = _title(route.worst, finding["surface"], route.name)
    return element(
        "article", title, _facts(route), *_results(route, open_=True), class_=filter_classes(route, surface_classes)
    )  # fmt: skip


def _many(cause: Cause, routes: Sequence[Group], surface_classes: Mapping[str, str]) -> Markup:
    """Show once what routes of one cause have in common, and beside a route what differs."""
    finding = cause.worst
    where, _, what = cause.title().partition(": ")
    title = _title(routes[0].worst, where, what)
    pairs = [("why", finding["why"]), *(("fix", fix) for fix in cause.fixes[:MOST_FIXES])]
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in pairs if text]
    folded = []
    for route in routes:
        detail = route.worst.finding["detail"]
        sign = together([mark(route.kind, alone=True), " "]) if route.kind != cause.verdict else None
        other = element("small", detail) if detail != finding["detail"] else None
        name = element("summary", sign, f"{route.worst.finding['surface']}: {route.name}", other)
        folded.append(
            element(
                "details",
                name,
                _facts(route),
                *_results(route, open_=False),
                class_=filter_classes(route, surface_classes),
            )
        )
    group = Group(name=where, entries=tuple(entry for route in routes for entry in route.entries))
    return element(
        "article",
        title,
        element("p", finding["detail"]),
        element("dl", *rows, class_="facts"),
        lines(folded),
        class_=filter_classes(group, surface_classes),
    )


def _title(worst: Entry, where: str, what: str) -> Markup:
    label = element("span", worst.kind, class_=f"word {worst.kind}")
    return element("h3", mark(worst.kind), " ", label, f" {where}: ", element("b", what))


def _facts(route: Group) -> Markup:
    """Show what is the same for all probes of a route."""
    first = route.worst.finding
    expected = dict.fromkeys((entry.finding["promised"], entry.finding["promise_source"]) for entry in route.entries)
    pairs: list[tuple[str, Markup | str]] = [("why", first["why"]), ("fix", first["fix"])]
    pairs += [("expected", _with_source(answer or "nothing", source)) for answer, source in expected]
    pairs.append(("guard", _with_source(first["guard"], first["source"])))
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in pairs if text]
    return element("dl", *rows, class_="facts")


def _with_source(text: str, source: str) -> Markup:
    return together([text, element("small", source)])


def _results(route: Group, *, open_: bool) -> list[Markup]:
    """Group the probes by result; the first probe of each group is unfolded."""
    blocks = []
    for result in grouped(route.entries, lambda entry: (entry.kind, _result_text(entry)), _result_text):
        first = result.entries[0]
        title = element("h4", element("span", first.finding["reason"], class_=first.kind), f" {result.name}")
        blocks += [title, _probes(result.entries, lambda entry: entry.presented, open_=first.anchor if open_ else None)]
    return blocks


def _probes(entries: Iterable[Entry], name: Callable[[Entry], str], *, open_: str | None) -> Markup:
    probes = [_probe(entry, name(entry), open_=entry.anchor == open_) for entry in entries]
    return element("div", lines(probes), class_="probes")


def _result_text(entry: Entry) -> str:
    """Give the result of a probe, with its confirmation, change, age and waiver."""
    finding = entry.finding
    since = f"since {finding['since']}" if finding["since"] else None
    waived = f"waived ({finding['waived']}) by {finding['waiver']}" if finding["waived"] else None
    return "; ".join(
        text for text in (finding["detail"], finding["confirmed"], finding["change"], since, waived) if text
    )


def _probe(entry: Entry, name: str, *, open_: bool) -> Markup:
    """Show one probe: its name, and below it the curl line and the exchange. A link to it unfolds it."""
    evidence = [element("code", entry.finding["curl"], class_="curl")] if entry.finding["curl"] else []
    if entry.exchange:
        evidence.append(_exchange(entry.exchange))
    if not evidence:  # the canary's page shows no curl line to viewers without a token
        evidence.append(element("span", entry.finding["detail"], class_="quiet"))
    content = element("div", *evidence, id=entry.anchor, class_="seen")
    return element("details", element("summary", name), content, open=open_)


def _exchange(exchange: Exchange) -> Markup:
    request = [f"{exchange['method']} {exchange['url']}"]
    request += [f"{name}: {value}" for name, value in exchange["request_headers"] if name.lower() not in _OWN]
    request += ["", exchange["request_body"]] if exchange["request_body"] is not None else []
    if exchange["status"] is None:
        answer, size = [exchange["body"]], "no response"
    else:
        answer = [str(exchange["status"]), *(f"{name}: {value}" for name, value in exchange["response_headers"])]
        answer += ["", exchange["body"]] if exchange["body"] else []
        size = count(exchange["size"], "byte") + ("" if exchange["whole"] else ", not read to the end")
    response = _figure(f"response after {exchange['elapsed_ms']} ms, {size}", answer)
    return element("div", _figure("request", request), response, class_="exchange")


def _figure(caption: str, texts: Iterable[str]) -> Markup:
    return element("figure", element("figcaption", caption), element("pre", "\n".join(texts)))


# --- what is not wrong ------------------------------------------------------------------------------------------------


def skipped_evidence(entries: Sequence[Entry], surface_classes: Mapping[str, str]) -> Markup | None:
    """Show what was skipped, a block for each reason: what is not shown would pass for locked."""
    blocks: list[Markup] = []
    for kind, title in ((WAIVED, "Waived"), (Verdict.SKIPPED.value, "Skipped")):
        groups = grouped((entry for entry in entries if entry.kind == kind), _result_text, _result_text)
        if groups:
            blocks += [element("h2", title), lines(_not_sent(group, surface_classes) for group in groups)]
    return element("section", *blocks) if blocks else None


def _not_sent(group: Group, surface_classes: Mapping[str, str]) -> Markup:
    """List the probes skipped for one reason, each with its curl line for sending it by hand."""
    routes = ", ".join(f"{route.worst.finding['surface']}: {route.name}" for route in by_route(group.entries))
    name = element("summary", mark(group.worst.kind, alone=True), " ", group.name, " ", element("small", routes))
    probes = _probes(group.entries, lambda entry: entry.finding["id"], open_=None)
    return element("details", name, probes, class_=filter_classes(group, surface_classes))


def locked_evidence(entries: Sequence[Entry], surface_classes: Mapping[str, str]) -> Markup | None:
    """Show the locked probes folded, a line for each route."""
    locked = [entry for entry in entries if entry.kind == Verdict.LOCKED]
    if not locked:
        return None
    surfaces = []
    for surface in by_surface(locked):
        routes = lines(map(_locked, by_route(surface.entries)))
        surfaces.append(
            element("section", element("h3", surface.name), routes, class_=filter_classes(surface, surface_classes))
        )
    left_out = "Their exchanges are left out to keep this page small; a report in the format har has them."
    note = None if any(entry.exchange for entry in locked) else element("p", left_out, class_="quiet")
    return element("section", element("h2", "Locked"), note, lines(surfaces))


def _locked(route: Group) -> Markup:
    number = element("small", count(len(route.entries), "probe"))
    name = element("summary", mark(Verdict.LOCKED, alone=True), " ", route.name, " ", number)
    return element("details", name, _facts(route), *_results(route, open_=False))
