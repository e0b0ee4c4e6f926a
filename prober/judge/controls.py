"""What the controls have shown of each service: who answers, what "not found" looks like, if sign-in works. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.judge.attribution import speaks_as_application
from prober.judge.fingerprint import Fingerprint, fingerprint
from prober.judge.intermediary import is_application_server
from prober.judge.matching import matching_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from prober.judge.refusal_content import RefusalBaseline
    from prober.model import Answered, Probe, Promise, Service

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Headers by which frameworks sign what they write, and proxies do not.
_SIGNATURES = ("x-powered-by", "x-runtime", "x-aspnet", "x-generator", "x-nextjs", "x-ratelimit", "x-rails", "x-drupal")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundAnswer:
    """What a path that does not exist got."""

    prefix: str
    target: str  # that was asked for
    safe_method: bool
    answered: Answered
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceControls:
    """What is known of one service. Its sets grow while a run goes on: they are those of the reader that made it."""

    service: Service
    not_found: tuple[NotFoundAnswer, ...] = ()
    variant_not_found: Mapping[str, NotFoundAnswer] = field(
        default_factory=dict
    )  # by variant: of one that leads anywhere
    open_pages: AbstractSet[Fingerprint] = frozenset()
    sign_in_page: Fingerprint | None = None
    application_headers: AbstractSet[tuple[str, str]] = frozenset()
    application_bodies: AbstractSet[str] = frozenset()
    sign_in_broken: bool = False
    cookies_cleared: bool | None = None  # None: the route that tells was not there
    refusals: Mapping[str, RefusalBaseline] = field(default_factory=dict)  # by guard: what its refusals hold
    blanket_is_application: bool = False
    blanket_paths: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def blanket_is_declared(self, probe: Probe) -> bool:
        """Say whether the user says that a refusal of everything around this route is the application's own."""
        path = probe.route.path.partition("?")[0]
        below = (path == prefix or path.startswith(prefix.rstrip("/") + "/") for prefix in self.blanket_paths)
        return self.blanket_is_application or any(below)

    def beside(self, probe: Probe) -> NotFoundAnswer | None:
        """Give what a path that does not exist got, beside this probe's route and by a method of its sort."""
        if probe.variant is not None and probe.variant.name in self.variant_not_found:
            return self.variant_not_found[probe.variant.name]
        safe = probe.route.method in SAFE_METHODS
        near = [seen for seen in self.not_found if probe.place.startswith(seen.prefix)]
        return max(near, key=lambda seen: (seen.safe_method == safe, len(seen.prefix)), default=None)

    def is_like_not_found(self, probe: Probe, answered: Answered) -> bool:
        """Say whether a path that does not exist got this very answer."""
        mine = fingerprint(answered, probe.request.target)
        beside = self.beside(probe)
        return beside is not None and mine.is_like(beside.fingerprint)

    def wrote(self, answered: Answered, target: str) -> bool:
        """Say whether the application can be told to be the author: by a header of its own, its server, its words."""
        if is_application_server(answered) or speaks_as_application(answered):
            return True
        if signatures(answered) & self.application_headers:
            return True
        return bool(answered.body) and fingerprint(answered, target).digest in self.application_bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What is known of every service."""

    services: Mapping[str, ServiceControls]


def blanket(controls: ServiceControls, promises: Iterable[Promise]) -> NotFoundAnswer | None:
    """Give the missing path that got the very refusal which a guard of this service promises, if any did."""
    wanted = tuple(promise for promise in promises if promise.refuses)
    for seen in controls.not_found:
        if seen.answered.status in {404, 410, 429}:
            continue
        if any(matching_answer(promise, seen.answered, controls.service) for promise in wanted):
            return seen
    return None


def signatures(answered: Answered) -> frozenset[tuple[str, str]]:
    """The headers that a framework signs with; of a limit's, only the name, since its value counts down."""
    return frozenset(
        (name, "" if name.startswith("x-ratelimit") else value)
        for name, value in answered.headers
        if name.startswith(_SIGNATURES)
    )
