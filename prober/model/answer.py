"""The answers that a profile expects: their statuses and the facts that they must show. Frozen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model.source import Source

_THROTTLED, _FAILED = 429, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFact:
    """Where a redirect must lead: a path, and those query keys that are given (None: any value)."""

    path: str  # empty: any path of that origin
    query: tuple[tuple[str, str | None], ...] = ()
    origin: str = ""  # another one than the service's own, as in https://sso.example.com

    def __str__(self) -> str:
        pairs = "&".join(f"{key}={'' if value is None else value}" for key, value in self.query)
        place = self.origin + self.path
        return f"{place}?{pairs}" if pairs else place


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFact:
    """A value that the JSON body must have at a path: as canonical JSON, or None for any."""

    path: tuple[str, ...]
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer that a profile expects."""

    statuses: tuple[range, ...]
    location: LocationFact | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[str, ...] = ()
    not_body: tuple[str, ...] = ()
    json: tuple[JsonFact, ...] = ()
    is_refusal: bool = False  # said of a success: it holds nothing, as row-level security or GraphQL refuses
    by: str | None = None  # who in front of the application may give it too: an intermediary's name, or `gateway`
    source: Source

    def allows(self, status: int) -> bool:
        """Whether this status is one of the expected ones."""
        return any(status in span for span in self.statuses)

    def may_be_given_in_front(self, status: int) -> bool:
        """Whether this status may be the refusal of a lock in front: not one that says 'later' or 'broken'."""
        return self.refuses and status < _FAILED and status != _THROTTLED

    @property
    def may_be_kept_in_front(self) -> bool:
        """Whether any of its statuses may be the refusal of a lock in front of the application."""
        return any(self.may_be_given_in_front(status) for span in self.statuses for status in span)

    @property
    def needs_whole_body(self) -> bool:
        """Whether only a body that was read to its end can match, or be said not to hold something."""
        return bool(self.body or self.not_body or self.json)

    @property
    def is_described(self) -> bool:
        """Whether more is said of it than its status, so that whoever gives it is the one that is meant."""
        return bool(self.body or self.json or self.headers or self.location is not None)

    @property
    def refuses(self) -> bool:
        """Whether this answer is a refusal: it is said to be one, or there is no success among its statuses."""
        return self.is_refusal or not any(span.start < 300 and span.stop > 200 for span in self.statuses)  # noqa: PLR2004 - 2xx

    def __str__(self) -> str:
        statuses = " or ".join(_span(span) for span in self.statuses)
        facts = [f"to {self.location}"] if self.location else []
        facts += [f"with {name}: {text}".rstrip(": ") for name, text in self.headers]
        facts += [f"with '{text}' in its body" for text in self.body]
        facts += [f"without '{text}' in its body" for text in self.not_body]
        facts += [f"with json {'.'.join(fact.path) or '$'}{'' if fact.value is None else '=' + fact.value}"
                  for fact in self.json]  # fmt: skip
        facts += [f"by {self.by}"] if self.by else []
        return " ".join((statuses, *facts))


def _span(span: range) -> str:
    return str(span.start) if len(span) == 1 else f"{span.start // 100}xx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The answers expected of one guard to one credential: any of them, or a reason to skip."""

    answers: tuple[Answer, ...]
    skip: str | None
    source: Source

    @property
    def refuses(self) -> bool:
        """Whether only refusals are expected."""
        return all(answer.refuses for answer in self.answers)

    def to_refused_secret(self) -> Promise:
        """Give what is expected of a secret that must be refused: a success with a described body refuses it then.

        So a tool of MCP answers 200 and `insufficient_scope`; without a word on the body, 200 opens the route.
        """
        answers = tuple(
            replace(answer, is_refusal=answer.is_refusal or bool(answer.body or answer.json)) for answer in self.answers
        )
        return replace(self, answers=answers)

    def or_as(self, others: Iterable[Promise]) -> Promise:
        """Expect one of the refusals of these as well: of a place where the guard may not look at all."""
        more = (answer for other in others for answer in other.answers if answer.refuses)
        return replace(self, answers=tuple(dict.fromkeys((*self.answers, *more))))

    def __str__(self) -> str:
        return ", or ".join(str(answer) for answer in self.answers)
