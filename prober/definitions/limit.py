"""How often a route may be asked, as its owner declares it: `{max: 10, per: 1h, signal: 429}`. Strict; no network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.definitions.answer import parse_answer
from prober.model import Limit

if TYPE_CHECKING:
    from prober.definitions.node import Node

_MOST_LIMIT = 200
_SPAN = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_limit(node: Node) -> Limit:
    """Parse a limit; without a signal it can be respected, and not tried out."""
    fields = node.fields(("max", "per", "signal"), of="'limit'", required=("max", "per"))
    most = fields["max"].integer(of="'max'")
    if not 1 <= most <= _MOST_LIMIT:
        raise fields["max"].wrong(f"'max' is {most}", fix=f"a limit of 1 to {_MOST_LIMIT} can be tried out")
    said = fields["per"].word(of="'per'")
    found = _SPAN.fullmatch(said)
    if found is None:
        raise fields["per"].wrong(f"'{said}' is no span of time", fix="write a number and s, m, h or d, as in 1h")
    seconds = int(found.group(1)) * _UNITS[found.group(2)]
    signal = parse_answer(fields["signal"]) if "signal" in fields else None
    return Limit(most=most, seconds=float(seconds), signal=signal)
