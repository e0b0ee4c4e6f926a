"""Who answered: the application, or a known intermediary in its place. Pure.

An intermediary is recognised by what only it sends; what looks like nobody is the application's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from prober.judge.intermediaries import INTERMEDIARIES
from prober.judge.signatures import ERROR_PAGE_HEAD, no_json
from prober.model.intermediary_names import GATEWAY, NEVER_A_LOCK, IntermediaryName

if TYPE_CHECKING:
    from prober.judge.intermediary import Intermediary
    from prober.model import Answered

APPLICATION = "application"
_GATEWAY_STATUSES = frozenset({502, 504})
_UNAVAILABLE = 503
_THROTTLED = 429
# What only the applications say when they refuse: the Brain Platform's own codes, and JSON-RPC, which no proxy speaks.
APPLICATION_WORDS = (b'"not_signed_in"', b"auth_not_configured", b'"admin_required"', b'"jsonrpc"')


def attribute(answered: Answered) -> str:
    """Name who answered: an intermediary, some gateway, or the application."""
    found = _known(answered)
    if found:
        return found.name
    if answered.status in _GATEWAY_STATUSES:
        return GATEWAY
    if answered.status == _UNAVAILABLE and not _says_why(answered):
        return GATEWAY  # a bare 503: an application that means it says why
    return APPLICATION


def is_signed_by(answered: Answered, name: str) -> bool:
    """Say whether this intermediary gave the answer, which another entry of the table may describe more closely.

    A Basic wall names nobody but in its `Server`: nginx's, Apache's and Caddy's are known by that.
    """
    who = attribute(answered)
    if who == name:
        return True
    if who in NEVER_A_LOCK:
        return False
    known = next((entry for entry in INTERMEDIARIES if entry.name == name), None)
    if known is None:
        return False
    if who == IntermediaryName.BASIC_AUTH_WALL and name.lower() in (answered.header("server") or "").lower():
        return True
    return any(sign(answered) for sign in known.signs)


def is_limit(answered: Answered) -> bool:
    """Say whether somebody in front refused it for a limit that may have bitten, and so passed nothing on."""
    found = _known(answered)
    return found is not None and found.limit is not None and found.limit(answered)


@lru_cache(maxsize=8192)
def _known(answered: Answered) -> Intermediary | None:
    """Find the intermediary; the client asks for it when an answer comes, and the judge once more."""
    return next((known for known in INTERMEDIARIES if any(sign(answered) for sign in known.signs)), None)


def _says_why(answered: Answered) -> bool:
    """In JSON; or it would have, had it not been asked for its head only."""
    return isinstance(answered.json, dict) or (not answered.body and not no_json(answered))


def forget_answers() -> None:
    """Let go of the answers that were attributed: some of one run's are of no use to the next."""
    _known.cache_clear()


def advice_on(name: str) -> str:
    """Say what the operator can do about an intermediary."""
    return next(
        (known.advice for known in INTERMEDIARIES if known.name == name), "see why it could not reach the application"
    )


def is_throttle(answered: Answered) -> bool:
    """Say whether this answer asks for patience, whoever gave it."""
    return answered.status == _THROTTLED


def speaks_as_application(answered: Answered) -> bool:
    """Say whether the body is in words that only the applications themselves use, never something in front of them."""
    return any(word in answered.body[:ERROR_PAGE_HEAD] for word in APPLICATION_WORDS)
