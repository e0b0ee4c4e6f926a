"""Profiles and readers of plans that several tests of the plan share."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from prober.model import (
    Depth,
    Kind,
)
from prober.plan.credentials import LADDER
from tests.support.plans import is_besides

if TYPE_CHECKING:
    from prober.model import Plan, Probe

PROFILE = """\
    profile: p
    about: Each guard leads with another kind of credential.
    presents:
      secret: [secret, bearer]
      bearer: bearer
      cookie: [cookie, bearer]
      api-key: [api-key, secret, bearer]
      job: [job, secret, bearer, cookie]
      public: nothing
    guards:
      {secret: 401, bearer: 401, cookie: 401, api-key: 401, job: 401, public: 200, session: 401}
    """


def everything(plan: Plan) -> list[Probe]:
    return [*plan.probes, *(skip.probe for skip in plan.skips)]


def credentials_by_route(plan: Plan) -> dict[str, list[str]]:
    """What is presented at each route, held secrets and variants left out."""
    plain = [p for p in everything(plan) if p.credential.kind is not Kind.HELD and p.variant is None]
    plain = [p for p in plain if p.credential.family in {None, *p.families}]  # without what sessions get once a guard
    plain.sort(key=lambda probe: probe.route.name)
    return {name: [p.credential.name for p in group] for name, group in groupby(plain, lambda p: p.route.name)}


STRANGERS = [entry for entry in LADDER if not is_besides(entry.name)]
GUARDS = {
    "secret": {None, "secret", "bearer"},
    "cookie": {None, "cookie", "bearer"},
    "job": {None, "job", "secret", "bearer", "cookie"},
}
LADDERS = {  # what depth standard presents, and what depth deep does
    guard: [e.name for e in STRANGERS if e.family in families and e.depth is Depth.STANDARD]
    for guard, families in GUARDS.items()
}
