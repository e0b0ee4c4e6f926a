"""The report as JSON: every key is always present, and unknown values are null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.report.indented import indented

if TYPE_CHECKING:
    from collections.abc import Mapping


def render_json(record: Mapping[str, object]) -> str:
    """Write a record as indented JSON, in ASCII so that no log or terminal misreads it."""
    return indented(record) + "\n"
