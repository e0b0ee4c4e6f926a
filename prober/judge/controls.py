"""What the controls have shown of each service: who answers, what nothing looks like, whether sign-in works. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION, GATEWAY, attribute, speaks_as_application
from prober.judge.fingerprint import Fingerprint, fingerprint
from prober.judge.intermediaries import is_application_server
from prober.judge.matching import kept
from prober.judge.sign_in_urls import names_a_sign_in
from prober.model import Answered, Control, Promise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import NotFoundControl, Outcome, Plan, Probe, Service

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Headers by which frameworks sign what they write, and proxies do not.
_SIGNATURES = ("x-powered-by", "x-runtime", "x-aspnet", "x-generator", "x-nextjs", "x-ratelimit", "x-rails", "x-drupal")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundAnswer:
    """What a path that does not exist got."""

    prefix: str
    safe_method: bool
    answered: Answered
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceControls:
    """What is known of one service before any of its probes is judged."""

    service: Service
    nowhere: tuple[NotFoundAnswer, ...] = ()
    dressed_nowhere: Mapping[str, NotFoundAnswer] = field(
        default_factory=dict
    )  # the same, dressed as a variant that may lead anywhere
    open_pages: frozenset[Fingerprint] = frozenset()
    sign_in_page: Fingerprint | None = None
    application_headers: frozenset[tuple[str, str]] = frozenset()
    application_bodies: frozenset[str] = frozenset()
    sign_in_broken: bool = False
    cookies_cleared: bool | None = None  # None: the route that tells was not there
    blanket_is_application: bool = False
    secrets: tuple[str, ...] = ()

    def beside(self, probe: Probe) -> NotFoundAnswer | None:
        """Give what a path that does not exist got, beside this probe's route and by a method of its sort."""
        if probe.variant is not None and probe.variant.name in self.dressed_nowhere:
            return self.dressed_nowhere[probe.variant.name]
        safe = probe.route.method in _SAFE_METHODS
        near = [seen for seen in self.nowhere if probe.place.startswith(seen.prefix)]
        return max(near, key=lambda seen: (seen.safe_method == safe, len(seen.prefix)), default=None)

    def is_like_nowhere(self, probe: Probe, answered: Answered) -> bool:
        """Say whether a path that does not exist got this very answer."""
        mine = fingerprint(answered, probe.request.target)
        beside = self.beside(probe)
        return beside is not None and mine.is_like(beside.fingerprint)

    def wrote(self, answered: Answered, target: str) -> bool:
        """Say whether the application can be told to be the author: by a header of its own, its server, its words."""
        if is_application_server(answered) or speaks_as_application(answered):
            return True
        if _signatures(answered) & self.application_headers:
            return True
        return bool(answered.body) and fingerprint(answered, target).digest in self.application_bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What is known of every service."""

    services: Mapping[str, ServiceControls]


def read_controls(
    plan: Plan, nowhere: Iterable[tuple[NotFoundControl, Outcome]], findings: Iterable[tuple[Probe, Outcome]]
) -> Controls:
    """Read the controls from what came back."""
    answered = [(probe, outcome) for probe, outcome in findings if isinstance(outcome, Answered)]
    lost = [(lost, outcome) for lost, outcome in nowhere if isinstance(outcome, Answered)]
    return Controls(
        services={
            service.name: _of_service(
                service,
                [(probe, outcome) for probe, outcome in answered if probe.request.service == service.name],
                [(path, outcome) for path, outcome in lost if path.request.service == service.name],
                plan,
            )
            for service in plan.services
        }
    )


def _of_service(
    service: Service, answered: list[tuple[Probe, Answered]], lost: list[tuple[NotFoundControl, Answered]], plan: Plan
) -> ServiceControls:
    seen = tuple(_seen(path, outcome) for path, outcome in lost if path.variant is None)
    pages = {mark.digest for mark in (entry.fingerprint for entry in seen)}
    # Only what nobody but the application can have said: an open route as promised, which nowhere does not get too.
    own = [
        (probe, outcome)
        for probe, outcome in answered
        if not probe.promise.refuses
        and attribute(outcome) == APPLICATION
        and kept(probe.promise, outcome, service)
        and fingerprint(outcome, probe.request.target).digest not in pages
    ]
    return ServiceControls(
        service=service,
        nowhere=seen,
        dressed_nowhere={path.variant: _seen(path, outcome) for path, outcome in lost if path.variant is not None},
        open_pages=frozenset(fingerprint(outcome, probe.request.target) for probe, outcome in own if outcome.succeeded),
        sign_in_page=_sign_in_page(own),
        application_headers=frozenset(pair for _, outcome in own for pair in _signatures(outcome)),
        application_bodies=_bodies_of_known_routes(answered, seen, service),
        sign_in_broken=_is_sign_in_broken(answered, service),
        cookies_cleared=_cookies_cleared(answered, plan.cookies),
        blanket_is_application=plan.blanket_is_application,
        secrets=plan.secrets,
    )


def _seen(path: NotFoundControl, outcome: Answered) -> NotFoundAnswer:
    return NotFoundAnswer(
        prefix=path.prefix,
        safe_method=path.request.method in _SAFE_METHODS,
        answered=outcome,
        fingerprint=fingerprint(outcome, path.request.target),
    )


def _signatures(answered: Answered) -> frozenset[tuple[str, str]]:
    """The headers that a framework signs with; of a limit's, only the name, since its value counts down."""
    return frozenset(
        (name, "" if name.startswith("x-ratelimit") else value)
        for name, value in answered.headers
        if name.startswith(_SIGNATURES)
    )


def _sign_in_page(own: list[tuple[Probe, Answered]]) -> Fingerprint | None:
    """The page that an open route named for signing in shows; a guarded route that shows it has refused softly."""
    pages = [(probe, outcome) for probe, outcome in own if names_a_sign_in(probe.route.path) and outcome.succeeded]
    return fingerprint(pages[0][1], pages[0][0].request.target) if pages else None


def _bodies_of_known_routes(
    answered: list[tuple[Probe, Answered]], seen: tuple[NotFoundAnswer, ...], service: Service
) -> frozenset[str]:
    """The bodies that only the application knows: those that a promise asks for, and those that nowhere gets not."""
    blank = {entry.fingerprint.digest for entry in seen}
    known = set()
    for probe, outcome in answered:
        answer = kept(probe.promise, outcome, service)
        digest = fingerprint(outcome, probe.request.target).digest
        if answer and (answer.body or answer.json or digest not in blank):
            known.add(digest)
    return frozenset(known)


def _is_sign_in_broken(answered: list[tuple[Probe, Answered]], service: Service) -> bool:
    """Auth.js without its secret answers 500 here, and its guards stand open or look shut, by version."""
    return any(
        probe.route.control is Control.SIGN_IN
        and outcome.failed
        and not probe.promise.skip
        and attribute(outcome) in {APPLICATION, GATEWAY}
        and kept(probe.promise, outcome, service) is None
        for probe, outcome in answered
    )


def _cookies_cleared(answered: list[tuple[Probe, Answered]], cookies: tuple[str, ...]) -> bool | None:
    """Sent garbage, Auth.js clears the session cookie that it uses: none cleared means that it uses another name."""
    asked = [
        outcome
        for probe, outcome in answered
        if probe.route.control is Control.COOKIES
        and any(name.lower() == "cookie" for name, _ in probe.credential.headers)
        and outcome.succeeded
    ]
    if not asked:
        return None
    cleared = [
        value.split("=", 1)[0].strip() for outcome in asked for key, value in outcome.headers if key == "set-cookie"
    ]
    return any(name in cookies for name in cleared)


def blanket(controls: ServiceControls, promises: Iterable[Promise]) -> NotFoundAnswer | None:
    """Give the nowhere path that got the very refusal which a guard of this service promises, if any did."""
    wanted = tuple(promise for promise in promises if promise.refuses)
    for seen in controls.nowhere:
        if seen.answered.status in {404, 410, 429}:
            continue
        if any(kept(promise, seen.answered, controls.service) for promise in wanted):
            return seen
    return None
