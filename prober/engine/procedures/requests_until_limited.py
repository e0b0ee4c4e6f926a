"""Does a limit bite, and does a forged address get past it? Bounded; sends through what it is given, one by one.

What counts as limited is told by the caller: a limiter may answer 429, or redirect with a word of its own. The `send`
that is given must not itself send a limited request again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from prober.model import Answered, Request, Unsent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.model import Outcome

    Send = Callable[[Request], Awaitable[Outcome]]

_FORWARDED = "X-Forwarded-For"
_EPOCH = 1_000_000_000  # a reset larger than this is a date, not a number of seconds
_MILLISECONDS = 100_000_000_000  # and one larger than this is a date in milliseconds
_NUMBER = re.compile(r"\s*([0-9]{1,15})(?:\.[0-9]+)?\s*(?:[,;].*)?")  # a longer one is nonsense
# Both spellings of the IETF's drafts: `"name";r=0;t=60`, and `limit=10, remaining=0, reset=60` before.
_FIELD = re.compile(r"\b(?:reset|t)\s*=\s*([0-9]{1,15})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What became of a burst."""

    limited_after: int | None  # requests let through before one was limited: 0 when the first was, None when none was
    evaded: bool  # the one with a forged address was let through after that
    failed: Outcome | None  # nobody answered, so that the burst ended early
    until: float | None  # seconds from the limited answer until the allowance is back, where it says so
    requests: int


async def burst(
    request: Request, send: Send, limited: Callable[[Answered], bool], *, most: int, spoof: Callable[[int], str]
) -> Burst:
    """Send a request until it is limited, `most` + 1 times at most; then once more as from somebody else.

    `spoof` gives an address of TEST-NET-2, 198.51.100.0/24, for the number of requests sent before.
    """
    for passed in range(most + 1):
        outcome = await send(request)
        if not isinstance(outcome, Answered):
            sent = passed + _went_out(outcome)
            return Burst(limited_after=None, evaded=False, failed=outcome, until=None, requests=sent)
        if limited(outcome):
            forged = await send(_as_from(request, spoof(passed + 1)))
            failed = None if isinstance(forged, Answered) else forged
            return Burst(
                limited_after=passed, evaded=isinstance(forged, Answered) and not limited(forged), failed=failed,
                until=_until(outcome), requests=passed + 1 + _went_out(forged),
            )  # fmt: skip
    return Burst(limited_after=None, evaded=False, failed=None, until=None, requests=most + 1)


def _went_out(outcome: Outcome) -> int:
    return 0 if isinstance(outcome, Unsent) else 1


def _as_from(request: Request, address: str) -> Request:
    kept = tuple((name, value) for name, value in request.headers if name.lower() != _FORWARDED.lower())
    return replace(request, headers=(*kept, (_FORWARDED, address)))


def _until(answered: Answered) -> float | None:
    """Read Retry-After (RFC 9110), else x-ratelimit-reset or the IETF's RateLimit; a date by the answer's own Date."""
    for header_value in (answered.header("retry-after"), _reset(answered)):
        number = _NUMBER.fullmatch(header_value or "")
        if number is None:
            then = _date(header_value)
        elif int(number[1]) > _EPOCH:
            then = int(number[1]) / (1000 if int(number[1]) > _MILLISECONDS else 1)
        else:
            return float(number[1])
        now = _date(answered.header("date"))
        if then is not None and now is not None:
            return max(then - now, 0.0)
    return None


def _reset(answered: Answered) -> str | None:
    plain = answered.header("x-ratelimit-reset") or answered.header("ratelimit-reset")
    found = _FIELD.search(answered.header("ratelimit") or "")
    return plain or (found[1] if found else None)


def _date(header_value: str | None) -> float | None:
    try:
        return parsedate_to_datetime(header_value or "").timestamp()
    except (ValueError, OverflowError):
        return None
