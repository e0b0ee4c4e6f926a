"""Reads a rate limit, as a route's owner declares it: `{max: 10, per: 1h, signal: 429}`. Strict; no network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.definitions.answer import parse_answer
from prober.definitions.keys.answer import LIMIT_TABLE, MOST_REQUESTS
from prober.model import Limit

if TYPE_CHECKING:
    from prober.definitions.node import Node

_SPAN = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_limit(node: Node) -> Limit:
    """Parse a limit; without a signal it is respected and not tested."""
    fields = node.fields(LIMIT_TABLE)
    most = fields["max"].integer(of="'max'")
    if not MOST_REQUESTS.least <= most <= MOST_REQUESTS.most:
        fix = f"write a number from {MOST_REQUESTS.least:g} to {MOST_REQUESTS.most:g}: no other limit can be tested"
        raise fields["max"].wrong(f"'max' is {most}", fix=fix)
    per = fields["per"].word(of="'per'")
    match = _SPAN.fullmatch(per)
    if match is None:
        raise fields["per"].wrong(f"'{per}' is not a duration", fix="write a number and s, m, h or d, as in 1h")
    seconds = int(match[1]) * _UNITS[match[2]]
    signal = parse_answer(fields["signal"]) if "signal" in fields else None
    return Limit(most=most, seconds=float(seconds), signal=signal)
