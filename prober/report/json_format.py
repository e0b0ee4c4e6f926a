"""The report as JSON: every key is always present, and unknown values are null."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def render_json(record: Mapping[str, object]) -> str:
    """Write a record as indented JSON, in ASCII so that no log or terminal misreads it."""
    return json.dumps(record, indent=1) + "\n"
