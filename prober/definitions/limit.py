"""Reads a rate limit, as a route's owner declares it: `{max: 10, per: 1h, signal: 429}`. Strict; no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.definitions.answer import parse_answer
from prober.definitions.duration import parse_duration
from prober.definitions.keys.answer import LIMIT_TABLE, MOST_REQUESTS, PER
from prober.model import Limit

if TYPE_CHECKING:
    from prober.definitions.node import Node


def parse_limit(node: Node) -> Limit:
    """Parse a limit; without a signal it is respected and not tested."""
    fields = node.fields(LIMIT_TABLE)
    most = fields["max"].integer(of="'max'")
    if not MOST_REQUESTS.least <= most <= MOST_REQUESTS.most:
        fix = f"write a number from {MOST_REQUESTS.least:g} to {MOST_REQUESTS.most:g}: no other limit can be tested"
        raise fields["max"].wrong(f"'max' is {most}", fix=fix)
    seconds = parse_duration(fields["per"], of="'per'", within=PER)
    signal = parse_answer(fields["signal"]) if "signal" in fields else None
    return Limit(most=most, seconds=seconds, signal=signal)
