"""The names of all credentials, and the one of depth quick, which is many at once. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Category, Credential, Family, Kind
from prober.plan.body_keys import body_key_names
from prober.plan.credentials import LADDER
from prober.plan.own_credentials import digest_in_all, own_names, present

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Carrier
    from prober.plan.credential_values import CredentialValues

BOGUS_ALL = "bogus"


def everything_at_once(
    families: Iterable[Family], values: CredentialValues, carriers: Iterable[Carrier] = ()
) -> Credential:
    """Make the bogus credential of depth quick: every kind that applies, in one request."""
    by_name = {entry.name: entry for entry in LADDER}
    credential_by_family = {
        Family.SECRET: "bogus-bearer", Family.BEARER: "bogus-bearer", Family.COOKIE: "bogus-cookie",
        Family.API_KEY: "bogus-api-key", Family.JOB: "cron-headers",
    }  # fmt: skip
    names = dict.fromkeys(credential_by_family[family] for family in families)
    others = tuple(header for name in names for header in by_name[name].headers(values))
    headers, query = present(carriers, values.random, others)
    return Credential(
        name=BOGUS_ALL, kind=Kind.BOGUS, family=None, headers=headers, query=query,
        digest=digest_in_all(carriers, values.random),
        catches="a guard that only checks that a credential is present",
        source="all kinds of credentials that apply, in one request",
    )  # fmt: skip


def categories() -> dict[str, Category]:
    """Give every credential by its name, with its kind."""
    return {
        **{entry.name: entry.category for entry in LADDER},
        **dict.fromkeys(own_names(), Category.OWN_CARRIER),
        **dict.fromkeys(body_key_names(), Category.BODY),
        BOGUS_ALL: Category.ANY_CREDENTIAL,
    }


def credential_names() -> tuple[str, ...]:
    """Name every credential, for profiles that expect another answer to one of them."""
    return tuple(categories())
