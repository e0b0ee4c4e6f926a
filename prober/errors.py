"""The errors that a user can fix. Nothing here prints or exits; the command line maps each to an exit status."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Source


class ProberError(Exception):
    """An error that the user can fix: what is wrong, and the fix as one imperative."""

    def __init__(self, what: str, *, fix: str) -> None:
        """Store both texts; neither ends in a full stop."""
        super().__init__(what)
        self.what = _one_line(what)
        self.fix = _one_line(fix)

    def __str__(self) -> str:
        return f"error: {self.what}\n  fix: {self.fix}"


def _one_line(text: str) -> str:
    """Escape line breaks and control characters: a message has two lines, whatever it quotes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class UsageError(ProberError):
    """The command line or the environment asks for something impossible."""


class DefinitionError(ProberError):
    """A YAML file is wrong, at a known line."""

    def __init__(self, what: str, *, fix: str, source: Source) -> None:
        """Store the place of the mistake."""
        super().__init__(what, fix=fix)
        self.source = source

    def __str__(self) -> str:
        return f"{self.source}: {self.what}\n  fix: {self.fix}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the known name nearest to this word, or None if none is near."""
    lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), lower, n=1)
    return lower[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """Give the fix for an unknown name: the nearest known one, or else `otherwise`."""
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else otherwise


def listed(names: Iterable[str]) -> str:
    """List the known names, for the end of a message."""
    return f"there are {', '.join(sorted(names))}"


class RefusedError(ProberError):
    """The deployment is a leak before the first request: its mode lets everybody in, and it is not on this machine."""
