"""The form of a credential's entry: how it is sent, to which guards, and the bug that it catches. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import Category, Credential, Depth, Family, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.plan.credential_values import CredentialValues, Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialTemplate:
    """One credential: how it is sent, to which guards, and which bug it catches.

    If the first family of a guard is in `core`, every route of that guard gets this credential.
    """

    name: str
    family: Family | None
    catches: str
    source: str  # where the bug was seen, or from what it is inferred
    headers: Callable[[CredentialValues], Headers] = lambda _: ()
    query: Callable[[CredentialValues], str] = lambda _: ""
    core: frozenset[Family] = frozenset()
    depth: Depth = Depth.STANDARD
    category: Category
    odd: bool = False
    once_a_guard: bool = False  # at standard, at one route of each guard
    few: bool = False  # at every depth only at the route that represents its guard
    of_sessions: bool = False  # once a guard also at guards of sessions and of tokens, whatever their families
    sessions_only: bool = False  # the same, and at no other guard
    signing_key: str | None = None

    def make(self, values: CredentialValues) -> Credential:
        """Make the credential for one run."""
        kind = Kind.BOGUS if self.family else Kind.ANONYMOUS
        return Credential(
            name=self.name,
            kind=kind,
            family=self.family,
            headers=self.headers(values),
            query=self.query(values),
            catches=self.catches,
            source=self.source,
            odd=self.odd,
            signing_key=self.signing_key,
        )
