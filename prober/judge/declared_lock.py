"""Is the lock of somebody in front the one that a profile describes? Then it counts as the application's own. Pure.

A status alone describes nobody, and a Bearer challenge is what any gateway says. What counts is what tells whose lock
it is: the words of its page, or a header or a location by which that intermediary is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION, GATEWAY, attribute
from prober.model import Answered

if TYPE_CHECKING:
    from prober.model import Answer

_KNOWN_BY_LITTLE = frozenset({GATEWAY, "a Basic-auth wall"})  # so that a header which is expected outweighs it


def is_declared(expected: Answer | None, answered: Answered) -> bool:
    """Say whether somebody in front of the application gave this expected answer, and is the one that is meant."""
    who = attribute(answered)
    if expected is None or who == APPLICATION:
        return False
    if expected.body or expected.json or (expected.headers and who in _KNOWN_BY_LITTLE):
        return True
    described = [*expected.headers, *((("location", expected.location.path),) if expected.location else ())]
    alone = Answered.of(status=answered.status, headers=tuple(described), body=b"", elapsed_ms=0)
    return bool(described) and attribute(alone) == who
