"""The table of docs/effects.md of what a well-formed body holds in its token's place."""

from __future__ import annotations

import json

from prober.plan.body_keys import BODY_KEYS, WELL_FORMED


def body_key_table() -> str:
    """Write a row for each entry: its name, its value in JSON, its depth, the bug that it catches, and its source."""
    rows = ["| credential | token | from depth | catches | source |", "|---|---|---|---|---|"]
    for entry in (WELL_FORMED, *BODY_KEYS):
        value = "left out" if not entry.in_json else f"`{json.dumps(entry.in_json[0])}`"
        shown = "made up" if entry is WELL_FORMED else value
        rows.append(f"| `{entry.name}` | {shown} | `{entry.depth}` | {entry.catches} | {entry.source} |")
    return "\n".join(rows)
