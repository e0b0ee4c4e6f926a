"""The report as one HTML page: no script, no external resource, and a policy that forbids both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.report.html.entries import entries_of, surface_classes
from prober.report.html.evidence import bad_evidence, locked_evidence, skipped_evidence
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
    """Write the page: the verdict, the filters, the matrix, and the evidence of each finding."""
    entries = entries_of(record, exchanges)
    classes = surface_classes(entries)
    style = style_sheet() + filter_rules(classes)
    evidence = [
        bad_evidence(entries, classes),
        skipped_evidence(entries, classes),
        locked_evidence(entries, classes),
        run_facts(record, entries),
    ]
    main = [
        element("h2", "Routes × credentials", class_="unseen"),  # noqa: RUF001 - times
        filters(entries),
        matrix(entries, classes),
        element("p", "Nothing of this kind on this surface.", class_="nothing"),
        element("div", lines(evidence), id="evidence", tabindex="-1"),
    ]
    body = [
        link("evidence", "skip to the evidence", class_="skip"),
        head(record, entries),
        element("main", lines(main)),
    ]
    return document(last_line(record), style, body, policy=policy_of(style))
