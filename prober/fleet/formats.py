"""The formats of a fleet's report, one entry each: a function from its record to text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.fleet.ndjson import render_ndjson
from prober.fleet.table import render_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.fleet.record import FleetRecord


def render_json(record: FleetRecord) -> str:
    """Write the whole report."""
    return json.dumps(record, indent=1) + "\n"


FORMATS: dict[str, Callable[[FleetRecord], str]] = {
    "table": render_table,
    "json": render_json,
    "ndjson": render_ndjson,
}
