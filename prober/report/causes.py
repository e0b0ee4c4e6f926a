"""What is not locked, grouped by cause and ordered by harm, for every format. Judges nothing.

Routes share a cause where one fix is likely to close them: several requests to one path (an MCP endpoint), one guard
with one fix that lets in the same credential first, a drift that a surface shows for the same reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from prober.model import Verdict
from prober.report.grouping import UNKNOWN, WORST_FIRST, by_route, result_groups, service_sentences, weight_rank

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from prober.report.grouping import ResultGroup
    from prober.report.shape import FindingRecord, Record

MOST_FIXES = 3  # fixes of one cause that are shown, that of the worst route first
_Link: TypeAlias = tuple[str, ...]  # routes that share one have one cause


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRoute:
    """A route that is not locked: its bad findings, and all that it was presented with."""

    name: str
    bad: tuple[FindingRecord, ...]
    probed: tuple[FindingRecord, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of its verdicts."""
        return next(verdict for verdict in WORST_FIRST if any(f["verdict"] == verdict for f in self.bad))

    @property
    def worst(self) -> FindingRecord:
        """The first finding of the worst verdict."""
        return next(finding for finding in self.bad if finding["verdict"] == self.verdict)

    @property
    def rank(self) -> tuple[int, int]:
        """Its place in the order of harm: by its verdict, then by its weight."""
        return (WORST_FIRST.index(self.verdict), weight_rank(self.worst))

    def results(self, *, shorten: bool = True) -> tuple[ResultGroup, ...]:
        """Group its bad findings by what happened, the worst verdict first."""
        ranked = sorted(self.bad, key=lambda finding: WORST_FIRST.index(Verdict(finding["verdict"])))
        return result_groups(ranked, self.probed if shorten else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Routes that one fix is likely to close, the worst first."""

    routes: tuple[BadRoute, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of its routes."""
        return self.routes[0].verdict

    @property
    def worst(self) -> FindingRecord:
        """The finding by which it is explained."""
        return self.routes[0].worst

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The surfaces of its routes."""
        return tuple(dict.fromkeys(route.worst["surface"] for route in self.routes))

    @property
    def fixes(self) -> tuple[str, ...]:
        """The fixes of its routes, that of the worst first."""
        return tuple(dict.fromkeys(route.worst["fix"] for route in self.routes))

    def count(self, verdict: Verdict) -> int:
        """Count the routes whose worst verdict this is."""
        return sum(1 for route in self.routes if route.verdict is verdict)

    def title(self) -> str:
        """Name the route, or say how many routes of which surface are concerned and what they have in common."""
        if len(self.routes) == 1:
            return self.routes[0].name
        where, worst = ", ".join(self.surfaces), self.worst
        number = self.count(self.verdict)
        if self.verdict is not Verdict.LEAK:
            return f"{where}: {worst['reason']} on {number} route{'' if number == 1 else 's'}{self._more()}"
        open_routes = "1 route is" if number == 1 else f"{number} routes are"
        return f"{where}: {open_routes} open to anyone{self._more()} (guard {worst['guard']})"

    def _more(self) -> str:
        more = len(self.routes) - self.count(self.verdict)
        return f", {more} more not locked" if more else ""


def causes(record: Record) -> tuple[Cause, ...]:
    """Group what is not locked by cause, the worst first; a service that failed as a whole is left out."""
    failed_services = service_sentences(record)
    bad = [
        finding
        for finding in record["findings"]
        if finding["verdict"] in WORST_FIRST
        and not (finding["verdict"] in UNKNOWN and finding["service"] in failed_services)
    ]
    return causes_of(bad, record["findings"])


def causes_of(bad: Iterable[FindingRecord], probed: Iterable[FindingRecord]) -> tuple[Cause, ...]:
    """Group these bad findings by cause, the worst first; `probed` is all that was sent to their routes."""
    sent = by_route(finding for finding in probed if finding["verdict"] != Verdict.SKIPPED)
    routes = [
        BadRoute(name=name, bad=tuple(findings), probed=tuple(sent.get(name, ())))
        for name, findings in by_route(bad).items()
    ]
    open_paths = {_path(route.worst) for route in routes if route.verdict is Verdict.LEAK}
    groups = _connected([(route, frozenset(_links(route, open_paths))) for route in routes])
    ranked = [sorted(group, key=lambda route: route.rank) for group in groups]
    return tuple(Cause(routes=tuple(group)) for group in sorted(ranked, key=lambda group: group[0].rank))


def _links(route: BadRoute, open_paths: Container[_Link]) -> Iterable[_Link]:
    """Name what a route has in common with others of the same cause."""
    worst = route.worst
    if route.verdict in UNKNOWN:
        yield ("unknown", route.verdict, worst["service"], worst["reason"])
        return
    yield _path(worst)
    if route.verdict is Verdict.LEAK:
        let_in = (worst["credential"], worst["variant"] or "")
        yield ("guard", worst["service"], worst["guard"], worst["fix"], worst["reason"], *let_in)
    elif _path(worst) not in open_paths:  # else the open path explains the drift, and must not tie others to it
        yield ("drift", worst["surface"], worst["reason"])


def _path(finding: FindingRecord) -> _Link:
    return ("path", finding["service"], finding["path"].partition("?")[0])


def _connected(routes: Iterable[tuple[BadRoute, frozenset[_Link]]]) -> list[list[BadRoute]]:
    """Put routes together that share a link, directly or through others; keep the order of the plan."""
    groups: list[tuple[frozenset[_Link], list[BadRoute]]] = []
    for route, own_links in routes:
        links, members, others = own_links, [route], []
        for group in groups:
            if group[0] & own_links:
                links, members = links | group[0], [*group[1], *members]
            else:
                others.append(group)
        groups = [*others, (links, members)]
    return [members for _, members in groups]
