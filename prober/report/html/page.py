"""The report as one page: no script, nothing loaded from anywhere, and a policy that would forbid both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.report.html.entries import entries_of, places_of
from prober.report.html.evidence import bad_evidence, locked_evidence, unseen_evidence
from prober.report.html.filters import filter_rules, filters
from prober.report.html.head import head
from prober.report.html.markup import element, lines, link
from prober.report.html.matrix import matrix
from prober.report.html.run_facts import run_facts
from prober.report.html.shell import document, policy_of, style_sheet
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.report.exchange import Exchange
    from prober.report.shape import Record


def render_html(record: Record, exchanges: Iterable[Exchange]) -> str:
    """Write the page: the sentence, the matrix, the filters, and each finding's evidence."""
    entries = entries_of(record, exchanges)
    places = places_of(entries)
    style = style_sheet() + filter_rules(places)
    evidence = [
        bad_evidence(entries, places),
        unseen_evidence(entries, places),
        locked_evidence(entries, places),
        run_facts(record, entries),
    ]
    main = [
        element("h2", "Routes × credentials", class_="unseen"),  # noqa: RUF001 - times
        filters(entries),
        matrix(entries, places),
        element("p", "Nothing of this kind on this surface.", class_="nothing"),
        element("div", lines(evidence), id="evidence", tabindex="-1"),
    ]
    body = [
        link("evidence", "skip to the evidence", class_="skip"),
        head(record, entries),
        element("main", lines(main)),
    ]
    return document(last_line(record), style, body, policy=policy_of(style))
