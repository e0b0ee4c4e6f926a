"""The report as JSON: every key is always present, and unknown values are null."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.report.shape import Record


def render_json(record: Record) -> str:
    """Write the record as indented JSON, in ASCII so that no log or terminal misreads it."""
    return json.dumps(record, indent=1) + "\n"
