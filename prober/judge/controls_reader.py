"""Reads the controls of a run: one outcome after the other, in any order, so that nothing is read twice. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION, attribute
from prober.judge.controls import SAFE_METHODS, Controls, NotFoundAnswer, ServiceControls, signatures
from prober.judge.fingerprint import Fingerprint, fingerprint
from prober.judge.matching import matching_answer
from prober.judge.refusal_content import RefusalBaseline
from prober.judge.sign_in_urls import is_sign_in_page, names_a_sign_in
from prober.model import Answered, Control, NotFoundControl
from prober.model.intermediary_names import GATEWAY

if TYPE_CHECKING:
    from prober.model import Answer, Outcome, Plan, Probe, Service

UNKNOWN_PATH = "an unknown path"  # the name by which those count among the refusals of a guard


class ControlsReader:
    """Reads the controls of every service as the answers come; what it gives is always up to date."""

    def __init__(self, plan: Plan) -> None:
        """Start with nothing but the plan."""
        self._order = {control: number for number, control in enumerate(plan.not_found_controls)}
        self._order_of_probes = {probe.id: number for number, probe in enumerate(plan.probes)}
        self._services = {service.name: _ServiceReader(service, plan) for service in plan.services}

    def observe(self, entry: Probe | NotFoundControl, outcome: Outcome) -> None:
        """Take in what came back."""
        if not isinstance(outcome, Answered):
            return
        service = self._services.get(entry.request.service)
        if service is None:
            return
        if isinstance(entry, NotFoundControl):
            service.observe_not_found(self._order.get(entry, len(self._order)), entry, outcome)
        else:
            service.observe_probe(self._order_of_probes.get(entry.id, len(self._order_of_probes)), entry, outcome)

    @property
    def controls(self) -> Controls:
        """What is known so far."""
        return Controls(services={name: reader.controls for name, reader in self._services.items()})

    def of(self, service: str) -> ServiceControls:
        """What is known of one service so far."""
        return self._services[service].controls


class _ServiceReader:
    """The controls of one service. What depends on the paths that do not exist is worked out anew with each of them."""

    def __init__(self, service: Service, plan: Plan) -> None:
        self._service, self._plan = service, plan
        self._not_found: dict[int, NotFoundAnswer] = {}
        self._dressed: dict[int, tuple[str, NotFoundAnswer]] = {}
        self._open: list[tuple[int, Probe, Answered]] = []  # open routes that the application answered as expected
        self._pages: set[str] = set()  # digests of what paths that do not exist get
        self._known_bodies: set[str] = set()  # of an expectation that names a body
        self._bodies: set[str] = set()  # of any other that was met
        self._open_pages: set[Fingerprint] = set()
        self._headers: set[tuple[str, str]] = set()
        self._application_bodies: set[str] = set()
        self._sign_in: tuple[int, Fingerprint] | None = None
        self._refusals: dict[str, RefusalBaseline] = {}
        self._not_found_answers: list[Answered] = []
        self._sign_in_broken = False
        self._cookies_cleared: bool | None = None
        self._controls: ServiceControls | None = None

    @property
    def controls(self) -> ServiceControls:
        """What is known; made anew only when more than its sets has changed."""
        if self._controls is None:
            self._controls = ServiceControls(
                service=self._service,
                not_found=tuple(self._not_found[number] for number in sorted(self._not_found)),
                variant_not_found=dict(self._dressed[number] for number in sorted(self._dressed)),
                open_pages=self._open_pages,
                sign_in_page=self._sign_in[1] if self._sign_in else None,
                application_headers=self._headers,
                application_bodies=self._application_bodies,
                sign_in_broken=self._sign_in_broken,
                cookies_cleared=self._cookies_cleared,
                refusals=self._refusals,
                blanket_is_application=self._plan.blanket_is_application,
                blanket_paths=self._plan.blanket_paths,
                secrets=self._plan.secrets,
            )
        return self._controls

    def observe_not_found(self, number: int, control: NotFoundControl, answered: Answered) -> None:
        self._controls = None
        if not answered.succeeded:
            self._not_found_answers.append(answered)
            for baseline in self._refusals.values():
                baseline.add(UNKNOWN_PATH, answered)
        if control.variant is not None:
            self._dressed[number] = control.variant, _seen(control, answered)
            return
        self._not_found[number] = seen = _seen(control, answered)
        if seen.fingerprint.digest in self._pages:
            return
        self._pages.add(seen.fingerprint.digest)
        self._open_pages, self._headers, self._sign_in = set(), set(), None
        for order, probe, answer in self._open:
            self._observe_open(order, probe, answer)
        self._application_bodies = self._known_bodies | (self._bodies - self._pages)

    def observe_probe(self, number: int, probe: Probe, answered: Answered) -> None:
        expected = matching_answer(probe.promise, answered, self._service)
        if probe.promise.refuses and (not answered.succeeded or expected is not None):
            self._baseline_of(probe.route.guard).add(probe.route.name, answered)
        if expected is not None:
            self._observe_body(expected, fingerprint(answered, probe.request.target).digest)
        by_application = attribute(answered) == APPLICATION
        if expected is not None and not probe.promise.refuses and by_application:
            self._open.append((number, probe, answered))
            self._observe_open(number, probe, answered)
        if probe.route.control is Control.SIGN_IN and expected is None and answered.failed and not probe.promise.skip:
            # Auth.js without its secret answers 500 here, and its guards stand open or look shut, by version.
            self._sign_in_broken |= attribute(answered) in {APPLICATION, GATEWAY}
            self._controls = None
        if probe.route.control is Control.COOKIES and answered.succeeded:
            self._observe_cookies(probe, answered)

    def _baseline_of(self, guard: str) -> RefusalBaseline:
        if guard not in self._refusals:
            self._refusals[guard] = baseline = RefusalBaseline()
            for answered in self._not_found_answers:
                baseline.add(UNKNOWN_PATH, answered)
        return self._refusals[guard]

    def _observe_body(self, expected: Answer, digest: str) -> None:
        """Keep a body that only the application knows: one that is asked for, or that nothing else gets."""
        if expected.body or expected.json:
            self._known_bodies.add(digest)
            self._application_bodies.add(digest)
            return
        self._bodies.add(digest)
        if digest not in self._pages:
            self._application_bodies.add(digest)

    def _observe_open(self, number: int, probe: Probe, answered: Answered) -> None:
        """Keep what nobody but the application can have said: what a path that does not exist does not get too."""
        page = fingerprint(answered, probe.request.target)
        if page.digest in self._pages:
            return
        self._headers |= signatures(answered)
        if not answered.succeeded:
            return
        self._open_pages.add(page)
        # The page that an open route named for signing in shows; a guarded route that shows it has refused softly.
        named = names_a_sign_in(probe.route.path) and is_sign_in_page(answered)
        if named and (self._sign_in is None or number < self._sign_in[0]):
            self._sign_in = number, page
            self._controls = None

    def _observe_cookies(self, probe: Probe, answered: Answered) -> None:
        """See whether Auth.js cleared the session cookie that it uses, sent garbage; if none, it has another name."""
        if not any(name.lower() == "cookie" for name, _ in probe.credential.headers):
            return
        names = (value.split("=", 1)[0].strip() for key, value in answered.headers if key == "set-cookie")
        cleared = any(name in self._plan.cookies for name in names)
        self._cookies_cleared = bool(self._cookies_cleared) or cleared
        self._controls = None


def _seen(path: NotFoundControl, outcome: Answered) -> NotFoundAnswer:
    return NotFoundAnswer(
        prefix=path.prefix,
        target=path.request.target,
        safe_method=path.request.method in SAFE_METHODS,
        answered=outcome,
        fingerprint=fingerprint(outcome, path.request.target),
    )
