"""The formats of a fleet's report, one entry each: a function from its record to text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.fleet.junit import render_junit
from prober.fleet.markdown import render_markdown
from prober.fleet.metrics import render_prometheus
from prober.fleet.ndjson import render_ndjson
from prober.fleet.page import render_html
from prober.fleet.table import render_table
from prober.report.json_format import render_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.fleet.record import FleetRecord


FORMATS: dict[str, Callable[[FleetRecord], str]] = {
    "table": render_table,
    "json": render_json,
    "ndjson": render_ndjson,
    "junit": render_junit,
    "markdown": render_markdown,
    "html": render_html,
    "prometheus": render_prometheus,
}
