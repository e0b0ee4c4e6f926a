"""The ladder of a carrier of one's own: what is put into the header, parameter or cookie that a profile names. Pure.

One entry for each value. None can be valid: they are texts of what is unset, and tokens that nobody issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from prober.model import Credential, Depth, Kind
from prober.model.carrier import joined
from prober.model.well_known_keys import COMMONEST, PLACEHOLDERS, WELL_KNOWN_KEYS, name_of_key
from prober.plan.credential_values import CredentialValues, expired, forged, unsigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prober.model import Carrier

_UNSET = "inferred from bearer-undefined"
_MEASURED = "measured: a template around an unset variable, in JavaScript and in Python"


def _same(text: str) -> Callable[[CredentialValues, Carrier], str]:
    return lambda _, __: text


def _token(make: Callable[[CredentialValues], str]) -> Callable[[CredentialValues, Carrier], str | None]:
    return lambda made, carrier: None if carrier.takes_password else make(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnValue:
    """One value, and the bug that it catches. `value` gives None where the carrier has no use for it."""

    name: str
    value: Callable[[CredentialValues, Carrier], str | None]
    catches: str
    source: str
    everywhere: bool = False  # at every route of the guard, else at the chosen few
    once_a_guard: bool = False
    depth: Depth = Depth.STANDARD

    def is_wanted(self, depth: Depth, *, chosen: bool, represents_guard: bool) -> bool:
        """Say whether a route gets it: at standard the chosen few get all, at deep every route does."""
        is_deep = depth is Depth.DEEP
        if self.depth is Depth.DEEP and not is_deep:
            return False
        if self.once_a_guard:
            return represents_guard or (chosen and is_deep)
        return self.everywhere or chosen or is_deep


OWN_LADDER: tuple[OwnValue, ...] = (
    OwnValue(
        name="own-random", value=lambda made, _: made.random, everywhere=True,
        catches="a guard that only checks that a credential is present", source="inferred from bogus-bearer",
    ),
    OwnValue(
        name="own-undefined", value=_same("undefined"), everywhere=True,
        catches="a secret that is unset in JavaScript, compared as text", source=_MEASURED,
    ),
    OwnValue(
        name="own-none", value=_same("None"), everywhere=True,
        catches="a secret that is unset in Python, compared as text", source=_MEASURED,
    ),
    OwnValue(
        name="own-empty", value=_same(""), everywhere=True,
        catches="an empty credential compared with a secret that is set to nothing",
        source="inferred from authorization-empty",
    ),
    OwnValue(
        name="own-null", value=_same("null"), catches="the text of an unset value, as loaders of JSON write it",
        source=_UNSET,
    ),
    OwnValue(name="own-nil", value=_same("nil"), catches="the text of an unset value in Go and Ruby", source=_UNSET),
    OwnValue(
        name="own-go-nil", value=_same("<nil>"), catches="an unset value of Go that was formatted", source=_UNSET
    ),
    OwnValue(
        name="own-nan", value=_same("NaN"), catches="the text of an unset value that went through a number",
        source=_UNSET,
    ),
    OwnValue(
        name="own-object", value=_same("[object Object]"), catches="the text of an object where a secret was meant",
        source=_UNSET,
    ),
    OwnValue(
        name="own-true", value=_same("true"), catches="a flag that the client itself can set (CWE-565)",
        source="CWE-565, CWE-784",
    ),
    OwnValue(
        name="own-one", value=_same("1"), catches="a flag, or the id of the first user, that the client itself can set",
        source="CWE-565, CWE-784",
    ),
    OwnValue(
        name="own-short", value=_same("x"),
        catches="an answer that depends on the credential's length (a partner to own-random)",
        source="measured: timingSafeEqual throws on another length",
    ),
    OwnValue(
        name="own-two-spaces", value=lambda _, carrier: " x" if carrier.scheme else None,
        catches="split(' ')[1] is the empty string, which equals a secret that is set to nothing",
        source="measured on Node.js",
    ),
    OwnValue(
        name="own-default-user", value=lambda _, carrier: "admin:admin" if carrier.takes_password else None,
        catches="the user and password that a product is delivered with", source="CWE-1392",
    ),
    OwnValue(
        name="own-nobody", value=lambda _, carrier: ":" if carrier.takes_password else None,
        catches="an empty user and password", source="inferred: a proxy's own lock, or its default",
    ),
    OwnValue(
        name="own-jwt-unsigned", value=_token(unsigned), once_a_guard=True,
        catches="a JWT with alg none taken for a signed one", source="CVE-2015-9235, and again in CVE-2026-34950",
    ),
    OwnValue(
        name="own-jwt-expired", value=_token(expired), once_a_guard=True,
        catches="a JWT whose signature or expiry is not checked", source="RFC 8725, 3",
    ),
    *(
        OwnValue(
            name=f"own-{name_of_key(key)}", value=_token(partial(forged, key=key)), once_a_guard=True,
            depth=Depth.STANDARD if number <= COMMONEST else Depth.DEEP,
            catches=f"a JWT signed with a key that everybody knows, '{key}'", source=source,
        )
        for number, (key, source) in enumerate(WELL_KNOWN_KEYS, start=1)
    ),
    *(
        OwnValue(
            name=name_of_key(text, "own-placeholder-"), value=_same(text), once_a_guard=True, depth=Depth.DEEP,
            catches=f"a secret that is still its placeholder, '{text}'", source=source,
        )
        for text, source in PLACEHOLDERS
    ),
)  # fmt: skip


def own_credentials(
    carriers: Iterable[Carrier], made: CredentialValues, depth: Depth, *, chosen: bool, represents_guard: bool
) -> Iterator[Credential]:
    """Give every value for a route in each of its guard's own carriers, one at a time: none may mask another."""
    for carrier in carriers:
        for entry in OWN_LADDER:
            if not entry.is_wanted(depth, chosen=chosen, represents_guard=represents_guard):
                continue
            value = entry.value(made, carrier)
            if value is None:
                continue
            yield Credential(
                name=f"{entry.name}@{carrier.label}", kind=Kind.BOGUS, family=None, headers=carrier.headers(value),
                query=carrier.query(value), digest=carrier.digest(value), catches=entry.catches, source=entry.source,
            )  # fmt: skip


def present(
    carriers: Iterable[Carrier], value: str, others: tuple[tuple[str, str], ...] = ()
) -> tuple[tuple[tuple[str, str], ...], str]:
    """Give the headers and the query that carry one value in all of these carriers at once."""
    every = tuple(carriers)
    if not every:
        return others, ""
    headers = joined((*(pair for carrier in every for pair in carrier.headers(value)), *others))
    return headers, "&".join(query for carrier in every if (query := carrier.query(value)))


def digest_in_all(carriers: Iterable[Carrier], value: str) -> tuple[str, str] | None:
    """Give the user and the password of the first of these carriers that is Digest, None where none is."""
    return next((pair for carrier in carriers if (pair := carrier.digest(value)) is not None), None)


def own_names() -> tuple[str, ...]:
    """Name every value, for profiles that expect another answer to one of them."""
    return tuple(entry.name for entry in OWN_LADDER)
