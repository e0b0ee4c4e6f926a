"""Moments as the history keeps them (UTC, ISO 8601, to the second), and durations as people say them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def stamp(seconds: float) -> str:
    """Write a moment of the wall clock down, as in 2026-11-22T03:12:00Z; such texts sort as they follow each other."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def seconds_of(at: str) -> float:
    """Read such a moment back."""
    return datetime.fromisoformat(at).timestamp()


def time_text(at: str) -> str:
    """Say it to people, as in 2026-11-22 03:12 UTC."""
    return f"{at[:10]} {at[11:16]} UTC"


def between(begin: str, end: str) -> int:
    """Give how many seconds lie between two moments; a clock that was set back makes none."""
    return max(round(seconds_of(end) - seconds_of(begin)), 0)


def lasted(seconds: float) -> str:
    """Say how long, in the two largest units that are not nothing: 1 h 20 min."""
    parts: list[str] = []
    rest = max(round(seconds), 0)
    for size, unit in _STEPS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(filter(None, parts[:2])) or "0 s"
