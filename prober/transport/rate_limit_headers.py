"""What a response says of its rate limit: Retry-After, x-ratelimit-* and the IETF's RateLimit fields."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import Answered

_EPOCH = 1_000_000_000  # a reset larger than this is a date, not a number of seconds
_NUMBER = re.compile(r"[0-9]{1,15}")  # a longer number is invalid, and overflows a float
# Both forms of the IETF's drafts: `"name";r=9;t=60`, and the older `limit=10, remaining=9, reset=60`.
_FIELD = re.compile(r"\b(limit|remaining|reset|q|r|t)\s*=\s*([0-9]{1,15})")


def requested_pause(answer: Answered, *, wall: float) -> float | None:
    """Give the seconds that a throttled response asks to wait; None if it does not say."""
    retry_after = (answer.header("retry-after") or "").strip()
    if _NUMBER.fullmatch(retry_after):
        return float(retry_after)
    if retry_after:
        try:
            return max(parsedate_to_datetime(retry_after).timestamp() - wall, 0.0)
        except (ValueError, OverflowError):
            pass  # neither seconds nor a date: ignored
    allowance = allowance_of(answer, wall=wall)
    return max(allowance[2], 1.0) if allowance else None


def allowance_of(answer: Answered, *, wall: float) -> tuple[int | None, int, float] | None:
    """Read (limit, remaining, seconds to the reset) from x-ratelimit-* or the IETF's RateLimit fields."""
    remaining = _number(answer, "x-ratelimit-remaining", "ratelimit-remaining")
    reset = _number(answer, "x-ratelimit-reset", "ratelimit-reset")
    limit = _number(answer, "x-ratelimit-limit", "ratelimit-limit")
    if remaining is None:
        fields_text = f"{answer.header('ratelimit-policy') or ''} {answer.header('ratelimit') or ''}"
        fields = {name: int(number) for name, number in _FIELD.findall(fields_text)}
        limit = fields.get("limit", fields.get("q"))
        remaining = fields.get("remaining", fields.get("r"))
        reset = fields.get("reset", fields.get("t"))
    if remaining is None or reset is None:
        return None
    return limit, remaining, float(max(reset - wall, 0) if reset > _EPOCH else reset)


def _number(answer: Answered, *names: str) -> int | None:
    return next((number for name in names if (number := _as_number(answer.header(name))) is not None), None)


def _as_number(text: str | None) -> int | None:
    match = _NUMBER.match(text.strip()) if text else None
    return int(match.group()) if match else None
