"""The errors that a user can fix. Nothing here prints or exits; the command line maps each to an exit status."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prober.model import Source

T = TypeVar("T")


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
    """A YAML file is wrong, at a known line; `block` is what to paste there, a line each."""

    def __init__(self, what: str, *, fix: str, source: Source, block: Iterable[str] = ()) -> None:
        """Store the place of the mistake."""
        super().__init__(what, fix=fix)
        self.source = source
        self.block = tuple(map(_one_line, block))

    def __str__(self) -> str:
        return "\n".join([f"{self.source}: {self.what}", f"  fix: {self.fix}", *(f"    {line}" for line in self.block)])

    @property
    def mistakes(self) -> tuple[DefinitionError, ...]:
        """Every mistake that it stands for."""
        return (self,)


class ManyMistakesError(DefinitionError):
    """Several mistakes, so that a user can fix them all before the next attempt."""

    def __init__(self, mistakes: tuple[DefinitionError, ...]) -> None:
        """Store the mistakes; what is asked of one error is that of the first."""
        first = mistakes[0]
        super().__init__(first.what, fix=first.fix, source=first.source, block=first.block)
        self._mistakes = mistakes

    def __str__(self) -> str:
        return "\n".join(map(str, self._mistakes))

    @property
    def mistakes(self) -> tuple[DefinitionError, ...]:
        """Every mistake that it stands for."""
        return self._mistakes


class Mistakes:
    """Collects the mistakes of the parts of a definition, of which each is read whatever is wrong with the others."""

    def __init__(self) -> None:
        """Start without a mistake."""
        self._found: list[DefinitionError] = []

    @contextmanager
    def of_part(self) -> Iterator[None]:
        """Read one part within this; its mistakes are kept, and what it would have given is missing."""
        try:
            yield
        except DefinitionError as error:
            self._found += error.mistakes

    def part(self, parse: Callable[[], T], *, otherwise: T) -> T:
        """Give a part; where it is wrong, keep its mistakes and give this in its place."""
        try:
            return parse()
        except DefinitionError as error:
            self.add(error)
            return otherwise

    def add(self, mistake: DefinitionError) -> None:
        """Keep one that is not raised where it is found."""
        self._found += mistake.mistakes

    def raise_any(self) -> None:
        """Raise what was collected: one mistake as itself, several as one error."""
        if self._found:
            raise _as_one(self._found)


def with_mistakes_of(error: DefinitionError, other: Callable[[], object]) -> DefinitionError:
    """Give this mistake together with those that reading another definition raises."""
    mistakes = [error]
    with suppress(UsageError):  # what is not there at all is told once the mistakes are gone
        try:
            other()
        except DefinitionError as also:
            mistakes.append(also)
    return _as_one(one for found in mistakes for one in found.mistakes)


def _as_one(mistakes: Iterable[DefinitionError]) -> DefinitionError:
    """Give each mistake once: one as itself, several as one error, those of a file together and by their lines."""
    unique = tuple({str(one): one for one in mistakes}.values())
    files = list(dict.fromkeys(one.source.file for one in unique))
    every = tuple(sorted(unique, key=lambda one: (files.index(one.source.file), one.source.line)))
    return every[0] if len(every) == 1 else ManyMistakesError(every)


def install_of(extra: str) -> str:
    """Give the fix where an extra is not installed: from a clone, since nobody vouches for a bare name of an index."""
    return f"in a clone of the prober: pip install '.[{extra}]'"


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
