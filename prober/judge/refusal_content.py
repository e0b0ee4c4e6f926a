"""What a refusal carries besides the refusal: records, a page, fields that no other refusal has. Pure.

A status proves nothing of the body: a handler that answers 401 and the data all the same, or a redirect to sign in that
brings the page along (execution after redirect, CWE-698), is open to every client that reads the body.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.judge.content import ERROR_KEYS, content_of, folded

if TYPE_CHECKING:
    from prober.model import Answered

FEWEST_RECORDS = 2  # in JSON or lines: one may be an error in a form of its own
FEWEST_TABLE_ROWS = 3  # of two cells and more: old error pages are laid out in tables
FEWEST_FIELDS = 2  # that no other refusal has: one may be a request's id in a name that we do not know
LONGEST_STUB = 1500  # letters that a redirect may show: the longest that frameworks write have some 300
LONGEST_ADDITION = 2000  # letters by which one refusal may be longer than every other refusal of its guard
MOST_TIMES = 4  # as long as the longest other one
_SHOWN = 3
_FLIGHT = "x-component"
_WITH_FIELDS = ("json", "xml", "event-stream")  # media types whose names of values are the application's own


@dataclass(slots=True, eq=True)
class RefusalBaseline:
    """What the refusals of one guard, and the paths that do not exist, hold: what one more is compared with."""

    _routes_of_field: dict[str, set[str]] = field(default_factory=dict)
    _longest: dict[str, int] = field(default_factory=dict)  # visible letters, by route: the two longest of each guard

    def add(self, route: str, answered: Answered) -> None:
        """Take in the refusal that this route, or an unknown path, got; any order gives the same baseline."""
        content = content_of(answered)
        for name in _data_fields(answered):
            routes = self._routes_of_field.setdefault(name, set())
            routes.add(route)
            if len(routes) > 2:  # noqa: PLR2004 - two tell whether another than any one route has it
                routes.discard(max(routes))
        length = len(content.visible_text)
        if length > self._longest.get(route, -1):
            self._longest[route] = length
            if len(self._longest) > 2:  # noqa: PLR2004 - the same
                del self._longest[min(self._longest, key=lambda name: (self._longest[name], name))]

    def has_field(self, name: str, *, besides: str) -> bool:
        """Say whether a refusal of another route has a field of this name."""
        return bool(self._routes_of_field.get(name, set()) - {besides})

    def longest_of_others(self, route: str) -> int | None:
        """Give how many letters the longest refusal of another route shows, None where there is no other."""
        return max((length for name, length in self._longest.items() if name != route), default=None)


def carried_by(route: str, answered: Answered, baseline: RefusalBaseline) -> str | None:
    """Name what this refusal carries, None when it is nothing but a refusal."""
    content = content_of(answered)
    if not answered.body.strip() or _FLIGHT in content.media_type:
        return None  # what Next.js answers its own router is judged by what of the page is in it (nextjs_flight)
    fewest = FEWEST_RECORDS if content.documents else FEWEST_TABLE_ROWS
    if content.rows >= fewest:
        return f"{content.rows} records"
    fields = sorted(name for name in _data_fields(answered) if not baseline.has_field(name, besides=route))
    if len(fields) >= FEWEST_FIELDS:
        more = f" and {len(fields) - _SHOWN} more" if len(fields) > _SHOWN else ""
        return f"fields that no other refusal has ({', '.join(fields[:_SHOWN])}{more})"
    length, longest = len(content.visible_text), baseline.longest_of_others(route)
    if answered.redirects and length > LONGEST_STUB:
        return f"a page of {length} characters"
    if longest is not None and length > longest * MOST_TIMES and length - longest > LONGEST_ADDITION:
        return f"{length} characters, where the guard's other refusals have at most {longest}"
    return None


def _data_fields(answered: Answered) -> frozenset[str]:
    """Give the names of values that an error does not consist of; only of JSON and XML, since pages have many names."""
    content = content_of(answered)
    if content.media_type and not any(kind in content.media_type for kind in _WITH_FIELDS):
        return frozenset()
    names = (name for name, value in content.pairs if value not in (None, "", False, [], {}))
    return frozenset(name for name in names if folded(name) not in ERROR_KEYS)
