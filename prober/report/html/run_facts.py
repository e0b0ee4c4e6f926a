"""The end of the page: waivers, the comparison with an earlier run, and the counts of each surface."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.report.html.entries import MARKS, by_surface, mark
from prober.report.html.markup import Markup, element, lines
from prober.report.questions import NOT_ASKED, PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.report.html.entries import Entry
    from prober.report.shape import BaselineRecord, QuestionRecord, Record, WaiverRecord

_NEEDS_ATTENTION = frozenset({"expired", "unmatched"})  # waivers that need a change


def run_facts(record: Record, entries: Sequence[Entry]) -> Markup:
    """Show waivers, comparison and counts, and name the surfaces that were not probed."""
    tool = f"{record['tool']['name']} {record['tool']['version']}, exit status {record['exit_status']}"
    parts = [
        element("h2", "The run"),
        _waivers(record["waivers"]),
        _baseline(record["baseline"]) if record["baseline"] else None,
        _questions(record["questions"]),
        _counts(entries),
        _surfaces("Not served here", record["not_served"], "Require one with --surface NAME, or in prober.yaml."),
        _surfaces("Not tried", record["untried"], "Their service has no URL: give --base-url, --mcp-url or --service."),
        element("p", tool, class_="quiet"),
    ]
    return element("section", lines(parts))


def _counts(entries: Sequence[Entry]) -> Markup:
    kinds = [kind for kind in MARKS if any(entry.kind == kind for entry in entries)]
    rows = []
    for surface in by_surface(entries):
        counts = Counter(entry.kind for entry in surface.entries)
        rows.append([surface.name, *(str(counts[kind] or "") for kind in kinds)])
    return _table("Probes of each surface", ["surface", *kinds], rows)


def _waivers(waivers: Iterable[WaiverRecord]) -> Markup | None:
    names = ["state", "for", "waived", "reason", "owner", "expires", "defined in"]
    rows = [
        [
            waiver["state"].upper() if waiver["state"] in _NEEDS_ATTENTION else waiver["state"],
            waiver["finding"] or f"surface {waiver['surface']}",
            f"{waiver['waived']} of {waiver['probes']}",
            *(waiver["reason"], waiver["owner"], waiver["expires"], waiver["source"]),
        ]
        for waiver in waivers
    ]
    return _table("Waivers", names, rows) if rows else None


def _baseline(baseline: BaselineRecord) -> Markup:
    names = ["opened", "closed", "changed", "new", "gone", "known"]
    counts = [baseline[name] for name in ("opened", "closed", "changed", "new", "gone", "known")]
    caption = (
        f"Compared with run {baseline['run']} of {baseline['started_at']} ({baseline['profile']}, {baseline['depth']})"
    )
    return _table(caption, [*names, "fails on"], [[*(str(number) for number in counts), baseline["fail_on"]]])


def _questions(questions: Iterable[QuestionRecord]) -> Markup | None:
    rows = [[one["route"], one["answers"] or NOT_ASKED, one["found_in"]] for one in questions]
    return _table(PUBLIC, ["route", "answers", "found in"], rows) if rows else None


def _surfaces(title: str, names: Sequence[str], hint: str) -> Markup | None:
    return element("p", element("b", f"{title}: "), f"{', '.join(names)}. {hint}") if names else None


def _table(caption: str, names: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """Lay out a small table; the first cell of a row is its heading."""
    head = element("tr", *(element("th", _sign(name), scope="col") for name in names))
    body = [
        element("tr", element("th", first, scope="row"), *(element("td", text) for text in rest))
        for first, *rest in rows
    ]
    table = element("table", element("caption", caption), element("thead", head), element("tbody", lines(body)))
    return element("div", table, class_="counts", tabindex="0", role="region", aria_label=caption)


def _sign(name: str) -> Markup | str:
    return element("span", mark(name), f" {name}") if name in MARKS else name
