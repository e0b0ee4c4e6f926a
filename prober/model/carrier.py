"""Where a guard of one's own looks for its credential, and how a value is put there."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.model.enums import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

AUTHORIZATION = "Authorization"
NOBODY = "lockdown-probe"  # the user of Basic credentials where a profile names none: no real account can be blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """One place for a credential: a header, a query parameter, a cookie, or the password of Basic or Digest."""

    place: Place
    name: str  # of the header, the parameter or the cookie; the user of Basic or Digest authentication
    scheme: str = ""  # the word before the value in a header

    @property
    def label(self) -> str:
        """Its name in the ids of probes."""
        if self.place is not Place.HEADER:
            return f"{self.place}-{self.name}"
        return f"{self.name.lower()}-{self.scheme.lower()}" if self.scheme else self.name.lower()

    @property
    def takes_password(self) -> bool:
        """Whether its value is a password, sent with a user's name."""
        return self.place in {Place.BASIC, Place.DIGEST}

    def headers(self, value: str) -> tuple[tuple[str, str], ...]:
        """Give the headers that carry a value; a value with a colon is a user and a password of its own for Basic."""
        match self.place:
            case Place.QUERY | Place.DIGEST:
                return ()
            case Place.COOKIE:
                return (("Cookie", f"{self.name}={value}"),)
            case Place.BASIC:
                pair = ":".join(self.pair(value))
                return ((AUTHORIZATION, f"Basic {base64.b64encode(pair.encode()).decode()}"),)
            case Place.HEADER:
                return ((self.name, f"{self.scheme} {value}".rstrip() if self.scheme else value),)

    def pair(self, value: str) -> tuple[str, str]:
        """Give the user and the password: a value with a colon is both."""
        user, colon, password = value.partition(":")
        return (user, password) if colon else (self.name, value)

    def digest(self, value: str) -> tuple[str, str] | None:
        """Give the user and the password with which a challenge of Digest is answered, None for another place."""
        return self.pair(value) if self.place is Place.DIGEST else None

    def query(self, value: str) -> str:
        """Give the part of the query string that carries a value, empty where another place does."""
        return f"{quote(self.name, safe='')}={quote(value, safe='')}" if self.place is Place.QUERY else ""


def joined(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Give headers of several carriers as one request may have them: one Cookie, and the first of any other name."""
    cookies: list[str] = []
    by_name: dict[str, tuple[str, str]] = {}
    for name, value in headers:
        if name.lower() == "cookie":
            cookies.append(value)
        else:
            by_name.setdefault(name.lower(), (name, value))
    return (*by_name.values(), *((("Cookie", "; ".join(cookies)),) if cookies else ()))
