"""The formats of a report, one entry each: from the record, and the exchanges where a format shows them, to text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.report.json_format import render_json
from prober.report.table import render_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.report.exchange import Exchange
    from prober.report.record import Record

    Exchanges = Callable[[], list[Exchange]]  # made when a format asks for them: most do not

FORMATS: dict[str, Callable[[Record, Exchanges], str]] = {
    "table": lambda record, _: render_table(record),
    "json": lambda record, _: render_json(record),
}
