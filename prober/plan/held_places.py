"""Where a held secret is presented: by its name and value, the route's guard, and what prober.yaml names. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.errors import DefinitionError
from prober.model import Carrier, Family, Place
from prober.plan.credential_values import API_KEY_HEADERS
from prober.plan.held_secrets import (
    HELD,
    held_credential,
    is_cookie_pair,
    names_a_key,
    names_a_session,
    names_a_token,
    session_headers,
)
from prober.plan.selection import carriers_of, families_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Credential, Profile, Route
    from prober.plan.credential_values import CredentialValues

_KEY_HEADERS, _COOKIES = "key-headers", "cookies"
_SHIPPED = frozenset(entry.name for entry in HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPlaces:
    """A route, and what is known of the places where its guard looks for a credential."""

    route: Route
    profile: Profile
    made: CredentialValues
    base_path: str = ""

    def refused(self, name: str, value: str | None) -> Iterator[tuple[Credential, bool]]:
        """Give a secret that the route must refuse in each place where its guard may look, one place at a time.

        With each, whether the guard is known to look there, so that it must refuse the secret as one that it knows.
        """
        usual = held_credential(name, value, cookies=self.made.cookies, base_path=self.base_path)
        carriers = self._carriers
        if value is not None:
            self._check_is_told(name, value)
        others = () if value is None else tuple(self._other_places(name, value))
        known = next((place for place, _ in others if self._looks_first(place)), None)
        yield usual, not carriers and known is None
        for carrier in carriers:
            yield self._in_carrier(carrier, name, value), True
        for place, headers in others:
            yield replace(usual, name=f"{name}@{place}", headers=headers), not carriers and place == known

    def accepted(self, name: str, value: str | None) -> Credential:
        """Carry a secret that the route must accept in all places where its guard looks, at once."""
        usual = bool(self._families)
        others = () if value is None or not usual else (headers for _, headers in self._other_places(name, value))
        return held_credential(
            name, value, cookies=self.made.cookies, base_path=self.base_path, carriers=self._carriers, besides=usual,
            more=tuple(pair for headers in others for pair in headers),
        )  # fmt: skip

    @property
    def _families(self) -> tuple[Family, ...]:
        return families_of(self.route, self.profile)

    @property
    def _carriers(self) -> tuple[Carrier, ...]:
        return carriers_of(self.route, self.profile)

    def _in_carrier(self, carrier: Carrier, name: str, value: str | None) -> Credential:
        """Make the credential in one place of a guard's own; a cookie that is given with its name has it once."""
        own = f"{carrier.name}="
        if carrier.place is Place.COOKIE and value is not None and is_cookie_pair(value) and value.startswith(own):
            value = value.removeprefix(own).partition(";")[0]
        made = held_credential(name, value, cookies=(), base_path=self.base_path, carriers=(carrier,), besides=False)
        return replace(made, name=f"{name}@{carrier.label}")

    def _other_places(self, name: str, value: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        """Give the places besides the usual one, where the guard or prober.yaml says that a credential may be there."""
        by_its_name = name in _SHIPPED
        if names_a_session(name) or (not by_its_name and is_cookie_pair(value)):
            return
        declared, is_key = bool(self.made.key_headers), names_a_key(name)
        looks = declared or is_key or Family.API_KEY in self._families
        if (declared and is_key) if by_its_name else looks:
            yield _KEY_HEADERS, tuple((header, value) for header in (*API_KEY_HEADERS, *self.made.key_headers))
        if not by_its_name and Family.COOKIE in self._families and self.made.cookies_named:
            yield _COOKIES, session_headers(value, self.made.cookies)

    def _looks_first(self, place: str) -> bool:
        """Say whether the guard's own kind of credential, or prober.yaml, names this place."""
        first = next(iter(self._families), None)
        by_key = first is Family.API_KEY or bool(self.made.key_headers)
        return first is Family.COOKIE if place == _COOKIES else by_key

    def _check_is_told(self, name: str, value: str) -> None:
        """Refuse to ask where it is not known that the secret is presented at all: its refusal would prove nothing."""
        if self._is_told(name, value):
            return
        guard = self.route.guard
        what = (
            f"it is not known where guard '{guard}' looks for held secret '{name}', so its refusal would prove nothing"
        )
        fix = (
            f"say it in the profile, as in presents: {{{guard}: {{cookie: my_session}}}} (or {{header: X-Key}}, or "
            "bearer); or name the cookie in prober.yaml (cookies: [my_session]); or give the secret as NAME=value"
        )
        raise DefinitionError(what, fix=fix, source=self.route.source)

    def _is_told(self, name: str, value: str) -> bool:
        if is_cookie_pair(value) or self._carriers:
            return True
        if names_a_session(name):
            return self.made.cookies_named
        if name in _SHIPPED:
            return True
        by_name = names_a_token(name) or names_a_key(name)
        families = set(self._families)
        if not families:
            return by_name
        declared = self.route.guard in self.profile.presents and Family.COOKIE not in families
        return self.made.cookies_named or declared or (by_name and families != {Family.COOKIE})
