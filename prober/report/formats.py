"""The formats of a report, one entry each: a function from the record, and the exchanges if needed, to text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.report.github import render_github
from prober.report.har import render_har
from prober.report.html.page import render_html
from prober.report.json_format import render_json
from prober.report.junit import render_junit
from prober.report.markdown import render_markdown
from prober.report.ndjson import render_ndjson
from prober.report.prometheus import render_prometheus
from prober.report.sarif import render_sarif
from prober.report.table import render_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.report.exchange import Exchange
    from prober.report.shape import Record

    Exchanges = Callable[[], list[Exchange]]  # made on demand: most formats do not need them

FORMATS: dict[str, Callable[[Record, Exchanges], str]] = {
    "table": lambda record, _: render_table(record),
    "json": lambda record, _: render_json(record),
    "ndjson": lambda record, _: render_ndjson(record),
    "junit": lambda record, _: render_junit(record),
    "sarif": lambda record, _: render_sarif(record),
    "markdown": lambda record, _: render_markdown(record),
    "github": lambda record, _: render_github(record),
    "prometheus": lambda record, _: render_prometheus(record),
    "html": lambda record, exchanges: render_html(record, exchanges()),
    "har": lambda record, exchanges: render_har(record, exchanges()),
}
