"""What a refusal carries besides the refusal: records, a page, fields that no other refusal has. Pure.

A status proves nothing of the body: a handler that answers 401 and the data all the same, or a redirect to sign in that
brings the page along (execution after redirect, CWE-698), is open to every client that reads the body.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.judge.content import content_of
from prober.judge.hidden_fields import hidden_fields_in
from prober.judge.listing import FEWEST_ENTRIES, FEWEST_FIGURES_OF_A_REDIRECT, listing_of
from prober.judge.records import ERROR_KEYS, folded, is_record
from prober.judge.refusal_headers import carried_by_headers
from prober.judge.single_records import WORDS_OF_A_DENIAL

if TYPE_CHECKING:
    from prober.model import Answered

FEWEST_RECORDS = 2  # in JSON or lines: one may be an error in a form of its own
FEWEST_TABLE_ROWS = 3  # of two cells and more: old error pages are laid out in tables
FEWEST_FIELDS = 2  # that no other refusal has: one may be a request's id in a name that we do not know
FEWEST_FIGURES = 10  # that a reader sees: an error page shows a status, a version and a year
LETTERS_OF_A_STUB = 250
LONGEST_STUB = 1500  # letters that a redirect may show: the longest that frameworks write have some 300
LONGEST_ADDITION = 2000  # letters by which one refusal may be longer than every other refusal of its guard
MOST_TIMES = 4  # as long as the longest other one
_SHOWN = 3
MOST_THINGS = 2000  # single records that are remembered of a guard's refusals
_FLIGHT = "x-component"
# Of a request that was not let in; others reject its fields, and list them.
_NOT_LET_IN = frozenset({401, 402, 403, 404, 410, 451})
# Of MCP's answer to a call that failed: it says so by `isError`, and what went wrong in parts of text.
_FAILED_CALL = frozenset({"iserror", "content", "text"})
_OF_ERRORS = ERROR_KEYS | WORDS_OF_A_DENIAL
# Media types whose names of values are the application's own.
_WITH_FIELDS = ("json", "xml", "event-stream", "form-urlencoded")


@dataclass(slots=True, eq=True)
class RefusalBaseline:
    """What the refusals of one guard, and the paths that do not exist, hold: what one more is compared with."""

    _routes_of_field: dict[str, set[str]] = field(default_factory=dict)
    _routes_of_list: dict[str, set[str]] = field(default_factory=dict)  # by the digest of what is listed
    _times_of_thing: dict[str, dict[str, int]] = field(default_factory=dict)  # by digest and route: two of each
    _longest: dict[str, int] = field(default_factory=dict)  # visible letters, by route: the two longest of each guard
    _figures: dict[str, int] = field(default_factory=dict)  # the same of figures
    _routes_of_name: dict[str, set[str]] = field(default_factory=dict)  # by what a text tells: an account, an address
    _routes_of_type: dict[str, set[str]] = field(default_factory=dict)  # by media type

    def add(self, route: str, answered: Answered) -> None:
        """Take in the refusal that this route, or an unknown path, got; any order gives the same baseline."""
        content, listing = content_of(answered), listing_of(answered)
        for name in _data_fields(answered):
            _remember(route, self._routes_of_field.setdefault(name, set()))
        if listing.digest is not None:
            _remember(route, self._routes_of_list.setdefault(listing.digest, set()))
        for thing in listing.things:
            times = self._times_of_thing.get(thing)
            if times is None and len(self._times_of_thing) < MOST_THINGS:
                times = self._times_of_thing[thing] = {}
            if times is not None and (route in times or len(times) < 2):  # noqa: PLR2004 - as of `_remember`
                times[route] = min(2, times.get(route, 0) + 1)
        for name in listing.accounts | listing.people:
            _remember(route, self._routes_of_name.setdefault(name, set()))
        _remember(route, self._routes_of_type.setdefault(content.media_type, set()))
        _remember_most(route, len(content.visible_text), self._longest)
        _remember_most(route, listing.figures, self._figures)

    def has_field(self, name: str, *, besides: str) -> bool:
        """Say whether a refusal of another route has a field of this name."""
        return bool(self._routes_of_field.get(name, set()) - {besides})

    def has_list(self, digest: str | None, *, besides: str) -> bool:
        """Say whether a refusal of another route lists the very same."""
        return digest is not None and bool(self._routes_of_list.get(digest, set()) - {besides})

    def tells_only_here(self, thing: str, route: str) -> bool:
        """Say whether this route's refusals tell of a thing more than once, and no other's do."""
        times = self._times_of_thing.get(thing, {})
        return times.get(route, 0) > 1 and len(times) == 1

    def names(self, name: str, *, besides: str) -> bool:
        """Say whether a refusal of another route tells of this account or this address."""
        return bool(self._routes_of_name.get(name, set()) - {besides})

    def has_type(self, media_type: str, *, besides: str) -> bool:
        """Say whether another route has a refusal of this media type, with which one can be compared."""
        return bool(self._routes_of_type.get(media_type, set()) - {besides})

    def most_figures_of_others(self, route: str) -> int:
        """Give how many figures the refusal of another route shows at most."""
        return max((count for name, count in self._figures.items() if name != route), default=0)

    def longest_of_others(self, route: str) -> int | None:
        """Give how many letters the longest refusal of another route shows, None where there is no other."""
        return max((length for name, length in self._longest.items() if name != route), default=None)


def carried_by(route: str, answered: Answered, baseline: RefusalBaseline, sent: str = "") -> str | None:
    """Name what this refusal carries, None when it is nothing but a refusal, or repeats what was sent."""
    content = content_of(answered)
    in_headers = carried_by_headers(answered)
    if in_headers is not None:
        return in_headers
    if not answered.body.strip() or _FLIGHT in content.media_type:
        return None  # what Next.js answers its own router is judged by what of the page is in it (nextjs_flight)
    fewest = FEWEST_RECORDS if content.documents else FEWEST_TABLE_ROWS
    if content.rows >= fewest:
        return f"{content.rows} records"
    if len(content.documents) > 1 and any(map(is_record, content.documents)):
        return "a record beside the error"
    fields = sorted(name for name in _data_fields(answered) if not baseline.has_field(name, besides=route))
    if len(fields) >= FEWEST_FIELDS:
        more = f" and {len(fields) - _SHOWN} more" if len(fields) > _SHOWN else ""
        return f"fields that no other refusal has ({', '.join(fields[:_SHOWN])}{more})"
    listed = _listed_by(route, answered, baseline) or _told_by(route, answered, baseline, sent)
    if listed is not None:
        return listed
    length, longest = len(content.visible_text), baseline.longest_of_others(route)
    if answered.redirects and length > LONGEST_STUB:
        return f"a page of {length} characters"
    if longest is not None and length > longest * MOST_TIMES and length - longest > LONGEST_ADDITION:
        return f"{length} characters, where the guard's other refusals have at most {longest}"
    return None


def _listed_by(route: str, answered: Answered, baseline: RefusalBaseline) -> str | None:
    """Name what this refusal lists and no other does: the menu of a page and the ways to sign in are in all."""
    listing = listing_of(answered)
    if listing.has_a_person:
        return "somebody's account"
    if listing.has_cards:
        return "an address book or a calendar"
    if any(baseline.tells_only_here(thing, route) for thing in listing.things):
        return "a record that no other refusal tells of"
    is_new = not baseline.has_list(listing.digest, besides=route)
    if is_new and len(listing.records) >= FEWEST_RECORDS:
        return f"{len(listing.records)} records"
    let_in = not (answered.status in _NOT_LET_IN or answered.redirects)
    if is_new and not let_in and len(listing.entries) >= FEWEST_ENTRIES:
        return f"a list of {len(listing.entries)} entries"
    if not let_in and listing.lines:
        return f"a table of {listing.lines} lines"
    is_page = answered.redirects and len(listing.content.visible_text) > LETTERS_OF_A_STUB
    fewest = FEWEST_FIGURES_OF_A_REDIRECT if is_page else FEWEST_FIGURES
    if listing.figures >= fewest and listing.figures > 2 * baseline.most_figures_of_others(route):
        return f"{listing.figures} figures, which no other refusal of the guard shows"
    return None


def _told_by(route: str, answered: Answered, baseline: RefusalBaseline, sent: str) -> str | None:
    """Name whom this refusal tells of and no other does: whom to ask, and where to pay, stands in all."""
    listing = listing_of(answered)
    if any(not baseline.names(account, besides=route) for account in listing.accounts):
        return "the number of a bank account or a card"
    people = (name for name in listing.people if name not in sent and not baseline.names(name, besides=route))
    if baseline.has_type(listing.content.media_type, besides=route) and any(people):
        return "the e-mail address of somebody whom no other refusal names"
    return None


def _remember(route: str, routes: set[str]) -> None:
    """Keep two routes: they tell whether another than any one route is among them."""
    routes.add(route)
    if len(routes) > 2:  # noqa: PLR2004 - the two
        routes.discard(max(routes))


def _remember_most(route: str, value: int, most: dict[str, int]) -> None:
    """Keep the two routes with the largest values, for the same end."""
    if value > most.get(route, -1):
        most[route] = value
        if len(most) > 2:  # noqa: PLR2004 - the two
            del most[min(most, key=lambda name: (most[name], name))]


def _data_fields(answered: Answered) -> frozenset[str]:
    """Give the names of values that an error does not consist of; of a page only hidden fields that hold data."""
    content = content_of(answered)
    if content.is_page:
        return hidden_fields_in(content.text)
    if content.media_type and not any(kind in content.media_type for kind in _WITH_FIELDS):
        return frozenset()
    names = frozenset(name for name, value in content.pairs if value not in (None, "", False, [], {}))
    of_errors = _OF_ERRORS | _FAILED_CALL if ("isError", True) in content.pairs else _OF_ERRORS
    return frozenset(name for name in names if folded(name) not in of_errors)
