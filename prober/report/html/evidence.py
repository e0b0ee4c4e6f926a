"""The evidence beneath the matrix: what is bad stands open and first, what is locked is folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Verdict
from prober.report.html.entries import (
    BAD,
    WAIVED,
    by_route,
    by_surface,
    count,
    filter_classes,
    grouped,
    mark,
    worst_first,
)
from prober.report.html.markup import Markup, element, lines, together
from prober.report.table import MOST_IN_FULL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from prober.report.exchange import Exchange
    from prober.report.html.entries import Entry, Group

_OWN = frozenset({"user-agent", "accept-encoding", "cache-control"})  # of every request, and in none is evidence


def bad_evidence(entries: Sequence[Entry], places: Mapping[str, str]) -> Markup | None:
    """Show what is not locked, the worst first: a route each, but where many fail alike, these in one."""
    bad = [entry for entry in entries if entry.kind in BAD]
    articles = []
    for group in worst_first(grouped(bad, _alike, lambda entry: entry.finding["surface"])):
        routes = by_route(group.entries)
        if len(routes) > MOST_IN_FULL:
            articles.append(_many(group, routes, places))
        else:
            articles += [_one(route, places) for route in routes]
    return element("section", element("h2", "Not locked"), Markup("\n"), lines(articles)) if articles else None


def _alike(entry: Entry) -> tuple[str, ...]:
    """Say what stands together: an open door stands alone, and what proves nothing does so for a whole service."""
    finding = entry.finding
    if entry.kind == Verdict.LEAK:
        return (entry.kind, finding["surface"], entry.route)
    if entry.kind == Verdict.DRIFT:
        return (entry.kind, finding["surface"], finding["reason"])
    return (entry.kind, finding["service"], finding["reason"])


def _one(route: Group, places: Mapping[str, str]) -> Markup:
    finding = route.worst.finding
    title = _title(route.worst, finding["surface"], route.name)
    return element(
        "article", title, _facts(route), *_ways(route, open_=True), class_=filter_classes(route, places)
    )  # fmt: skip


def _many(group: Group, routes: Sequence[Group], places: Mapping[str, str]) -> Markup:
    """Tell once what many routes do; what one of them does otherwise is said beside it."""
    finding = group.worst.finding
    where = finding["surface"] if group.worst.kind == Verdict.DRIFT else finding["service"]
    title = _title(group.worst, where, f"{finding['reason']} on {count(len(routes), 'route')}")
    folded = []
    for route in routes:
        detail = route.worst.finding["detail"]
        other = element("small", detail) if detail != finding["detail"] else None
        name = element("summary", f"{route.worst.finding['surface']}: {route.name}", other)
        folded.append(
            element("details", name, _facts(route), *_ways(route, open_=False), class_=filter_classes(route, places))
        )
    return element(
        "article", title, element("p", finding["detail"]), lines(folded), class_=filter_classes(group, places)
    )


def _title(worst: Entry, where: str, what: str) -> Markup:
    word = element("span", worst.kind, class_=f"word {worst.kind}")
    return element("h3", mark(worst.kind), " ", word, f" {where}: ", element("b", what))


def _facts(route: Group) -> Markup:
    """Say once for a route what is the same for all its probes."""
    first = route.worst.finding
    promised = dict.fromkeys((entry.finding["promised"], entry.finding["promise_source"]) for entry in route.entries)
    pairs: list[tuple[str, Markup | str]] = [("why", first["why"]), ("fix", first["fix"])]
    pairs += [("promised", _with_source(answer or "nothing", source)) for answer, source in promised]
    pairs.append(("guard", _with_source(first["guard"], first["source"])))
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in pairs if text]
    return element("dl", *rows, class_="facts")


def _with_source(text: str, source: str) -> Markup:
    return together([text, element("small", source)])


def _ways(route: Group, *, open_: bool) -> list[Markup]:
    """Put the probes together that went the same way; the first of each shows its exchange."""
    blocks = []
    for way in grouped(route.entries, lambda entry: (entry.kind, _told(entry)), _told):
        first = way.entries[0]
        title = element("h4", element("span", first.finding["reason"], class_=first.kind), f" {way.name}")
        blocks += [title, _probes(way.entries, lambda entry: entry.presented, open_=first.anchor if open_ else None)]
    return blocks


def _probes(entries: Iterable[Entry], name: Callable[[Entry], str], *, open_: str | None) -> Markup:
    probes = [_probe(entry, name(entry), open_=entry.anchor == open_) for entry in entries]
    return element("div", lines(probes), class_="probes")


def _told(entry: Entry) -> str:
    """What came of a probe, and what is known of it from elsewhere."""
    finding = entry.finding
    since = f"since {finding['since']}" if finding["since"] else None
    waived = f"waived ({finding['waived']}) by {finding['waiver']}" if finding["waived"] else None
    return "; ".join(
        said for said in (finding["detail"], finding["confirmed"], finding["change"], since, waived) if said
    )


def _probe(entry: Entry, name: str, *, open_: bool) -> Markup:
    """Show one probe: below its name the curl line and the exchange. It opens when it is led to."""
    shown = [element("code", entry.finding["curl"], class_="curl")] if entry.finding["curl"] else []
    if entry.exchange:
        shown.append(_exchange(entry.exchange))
    if not shown:  # the canary's page hides the way in from who has not signed in
        shown.append(element("span", entry.finding["detail"], class_="quiet"))
    seen = element("div", *shown, id=entry.anchor, class_="seen")
    return element("details", element("summary", name), seen, open=open_)


def _exchange(exchange: Exchange) -> Markup:
    request = [f"{exchange['method']} {exchange['url']}"]
    request += [f"{name}: {value}" for name, value in exchange["request_headers"] if name.lower() not in _OWN]
    request += ["", exchange["request_body"]] if exchange["request_body"] is not None else []
    if exchange["status"] is None:
        answer, size = [exchange["body"]], "no answer"
    else:
        answer = [str(exchange["status"]), *(f"{name}: {value}" for name, value in exchange["response_headers"])]
        answer += ["", exchange["body"]] if exchange["body"] else []
        size = count(exchange["size"], "byte") + ("" if exchange["whole"] else ", not read to its end")
    came_back = _figure(f"came back in {exchange['elapsed_ms']} ms, {size}", answer)
    return element("div", _figure("sent", request), came_back, class_="exchange")


def _figure(caption: str, texts: Iterable[str]) -> Markup:
    return element("figure", element("figcaption", caption), element("pre", "\n".join(texts)))


# --- what is not wrong ------------------------------------------------------------------------------------------------


def unseen_evidence(entries: Sequence[Entry], places: Mapping[str, str]) -> Markup | None:
    """Show what was not looked at, a block for each reason: silence must never mean locked."""
    blocks: list[Markup] = []
    for kind, title in ((WAIVED, "Waived"), (Verdict.SKIPPED.value, "Not looked at")):
        groups = grouped((entry for entry in entries if entry.kind == kind), _told, _told)
        if groups:
            blocks += [element("h2", title), lines(_not_sent(group, places) for group in groups)]
    return element("section", *blocks) if blocks else None


def _not_sent(group: Group, places: Mapping[str, str]) -> Markup:
    """List the probes of one reason, each with its curl line: somebody may want to send it by hand."""
    routes = ", ".join(f"{route.worst.finding['surface']}: {route.name}" for route in by_route(group.entries))
    name = element("summary", mark(group.worst.kind, alone=True), " ", group.name, " ", element("small", routes))
    probes = _probes(group.entries, lambda entry: entry.finding["id"], open_=None)
    return element("details", name, probes, class_=filter_classes(group, places))


def locked_evidence(entries: Sequence[Entry], places: Mapping[str, str]) -> Markup | None:
    """Fold what was answered as promised, a line for each route."""
    locked = [entry for entry in entries if entry.kind == Verdict.LOCKED]
    if not locked:
        return None
    surfaces = []
    for surface in by_surface(locked):
        routes = lines(map(_locked, by_route(surface.entries)))
        surfaces.append(element("section", element("h3", surface.name), routes, class_=filter_classes(surface, places)))
    left_out = "For the size of this page their exchanges are left out; a report in the format har has them."
    note = None if any(entry.exchange for entry in locked) else element("p", left_out, class_="quiet")
    return element("section", element("h2", "Locked"), note, lines(surfaces))


def _locked(route: Group) -> Markup:
    number = element("small", count(len(route.entries), "probe"))
    name = element("summary", mark(Verdict.LOCKED, alone=True), " ", route.name, " ", number)
    return element("details", name, _facts(route), *_ways(route, open_=False))
