"""What a stranger is answered who asks a route once, without a credential. Frozen; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Access(StrEnum):
    """Whether a route is open to a client without a credential."""

    OPEN = "open"
    REFUSED = "refused"
    SIGN_IN = "sign-in"  # sent to a place to sign in
    ABSENT = "absent"  # as a path that does not exist
    UNCLEAR = "unclear"  # something else, or no answer of the application's
    NOT_ASKED = "not-asked"  # asking it might do something


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymousAnswer:
    """What a stranger was answered, as far as a promise can be made of it."""

    access: Access
    status: int | None = None
    location: str | None = None  # where a sign-in is: a path on the own origin, or a URL without a query
    challenge: str = ""  # the scheme of WWW-Authenticate
    other_schemes: tuple[str, ...] = ()  # that the same refusal offers
    content_type: str = ""
    by: str | None = None  # whose lock in front of the application refused, where it is known to be one
    blanket: bool = False  # a path that does not exist is refused in the same way
    detail: str = ""  # in words, for people


NOT_ASKED = AnonymousAnswer(access=Access.NOT_ASKED, detail="not asked: it may change something")
