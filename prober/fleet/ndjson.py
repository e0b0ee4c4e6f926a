"""The report of a fleet as lines of JSON: a line for each deployment as it is done, and the line of the run last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.fleet.record import deployment_record

if TYPE_CHECKING:
    from prober.fleet.record import FleetRecord
    from prober.fleet.tally import Tally


def result_line(tally: Tally, name: str) -> str:
    """Write one deployment as one line, with its end."""
    return json.dumps({"type": "deployment", **deployment_record(tally, name)}) + "\n"


def run_line(record: FleetRecord) -> str:
    """Write the facts of the whole run as one line, with its end: a stream without it was cut off."""
    return (
        json.dumps({"type": "fleet", **{k: v for k, v in record.items() if k not in {"deployments", "names"}}}) + "\n"
    )


def render_ndjson(record: FleetRecord) -> str:
    """Write every line."""
    lines = [json.dumps({"type": "deployment", **deployment}) + "\n" for deployment in record["deployments"]]
    return "".join([*lines, run_line(record)])
