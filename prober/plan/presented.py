"""Chooses which credentials each route gets. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from prober.model import Depth, Family
from prober.plan.credential_names import everything_at_once
from prober.plan.credentials import LADDER
from prober.plan.own_credentials import own_credentials
from prober.plan.selection import carriers_of, families_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Carrier, Credential, Profile, Route
    from prober.plan.credential_template import CredentialTemplate
    from prober.plan.credential_values import CredentialValues
    from prober.plan.shares import Share

_COMPARED = frozenset({Family.SECRET, Family.API_KEY})  # guards that compare, often of routes that only write
_SESSIONS = frozenset({Family.COOKIE, Family.BEARER})  # of guards that look for a session or a token


def credentials_at(
    route: Route,
    profile: Profile,
    depth: Depth,
    made: CredentialValues,
    *,
    chosen: bool,
    represents_guard: bool,
    signs: bool,
    is_first: bool,
    share: Share | None = None,
) -> Iterator[Credential]:
    """Give the credentials for this route: `chosen` ones get more than the core, and one of each guard still more.

    A route with a `share` has that of the ladder, beside the core.
    """
    families, carriers = families_of(route, profile), carriers_of(route, profile)
    yield _made(LADDER[0], made)
    if not families and not carriers:
        return
    if depth is Depth.QUICK:
        if chosen:
            yield _all_made(families, made, carriers)
        return
    yield from own_credentials(carriers, made, depth, chosen=chosen, represents_guard=represents_guard)
    if not families:
        return
    of_sessions = not _SESSIONS.isdisjoint(families) and (represents_guard or depth is Depth.DEEP)
    for rung, entry in enumerate(LADDER[1:]):
        by_family = entry.family in families and not entry.sessions_only
        has_key = bool(made.key_headers) and entry.family is Family.API_KEY  # the user says that there are keys
        fits = by_family or (of_sessions and (entry.of_sessions or entry.sessions_only or has_key))
        is_compared = entry.few and entry.family in _COMPARED
        represents = signs if entry.signing_key is not None else represents_guard or (is_compared and is_first)
        has_rung = chosen and (share is None or share.has(rung))
        wanted = _is_wanted(entry, families, depth, chosen=has_rung, represents_guard=represents)
        if fits and (wanted or (has_key and represents_guard and entry.depth is Depth.STANDARD)):
            yield _made(entry, made)


@lru_cache(maxsize=256)
def _made(entry: CredentialTemplate, values: CredentialValues) -> Credential:
    """Make a credential once in a run: a signature costs as much as a request does."""
    return entry.make(values)


@lru_cache(maxsize=64)
def _all_made(families: tuple[Family, ...], values: CredentialValues, carriers: tuple[Carrier, ...]) -> Credential:
    """Make the credential of depth quick once in a run for guards that take the same."""
    return everything_at_once(families, values, carriers)


def _is_wanted(
    entry: CredentialTemplate, families: tuple[Family, ...], depth: Depth, *, chosen: bool, represents_guard: bool
) -> bool:
    first = families[0]
    is_standard, is_deep = entry.depth is Depth.STANDARD, depth is Depth.DEEP
    if entry.once_a_guard:
        # No JWT opens what is compared as text, unless a session opens it too.
        by_secret = first in {Family.SECRET, Family.API_KEY} and Family.COOKIE not in families
        return (represents_guard and not (by_secret and entry.family is Family.BEARER)) or (chosen and is_deep)
    if entry.few:
        return represents_guard and (is_standard or is_deep)
    everywhere = first in entry.core or (is_deep and is_standard)
    of_sessions = (entry.of_sessions or entry.sessions_only) and represents_guard
    return everywhere or ((chosen or of_sessions) and (is_standard or is_deep))
