"""What there is to know of one answer: each fact is worked out when a rule first asks for it, and once. Pure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION, attribute
from prober.judge.content import content_of
from prober.judge.declared_lock import is_declared, keeper_of
from prober.judge.disclosure import disclosed
from prober.judge.matching import broken_fact, is_at, matching_answer, target_of
from prober.judge.nextjs_flight import page_texts_in_flight
from prober.judge.redirects import is_same_path, is_sign_in, location_of
from prober.judge.refusal_content import RefusalBaseline, carried_by
from prober.judge.soft_refusal import redirects_inside, soft_refusal
from prober.judge.variant_diff import is_nothing_new, is_without_comparison
from prober.model import Reason
from prober.model.intermediary_names import GATEWAY

if TYPE_CHECKING:
    from prober.judge.controls import ServiceControls
    from prober.model import Answer, Answered, Probe

ABSENT = frozenset({404, 410})
NOT_MODIFIED = 304
_REFUSALS = frozenset({401, 403})


class Facts:
    """The facts of one answer to one probe, in the light of what the controls have shown of its service so far."""

    def __init__(self, probe: Probe, answered: Answered, controls: ServiceControls) -> None:
        """Work nothing out yet."""
        self.probe, self.answered, self.controls = probe, answered, controls

    @cached_property
    def expected(self) -> Answer | None:
        """The expected answer that this one is, None when it is another."""
        return matching_answer(self.probe.promise, self.answered, self.controls.service)

    @cached_property
    def author(self) -> str:
        """Who answered; the application also where a lock in front gave the very answer that the profile describes."""
        return APPLICATION if self.is_declared else attribute(self.answered)

    @cached_property
    def is_declared(self) -> bool:
        """Whether somebody in front gave the expected answer, and is the one that the profile means."""
        return is_declared(self.expected, self.answered, self.controls.service)

    @cached_property
    def keeper(self) -> str:
        """Who keeps the door by the expected answer: somebody in front who is meant, or the application."""
        if self.is_declared:
            return keeper_of(self.expected, self.controls.service) or attribute(self.answered)
        return GATEWAY if self.is_of_the_gateway else self.author

    @cached_property
    def is_of_the_gateway(self) -> bool:
        """Whether every path gets this refusal from nobody who is known, and a gateway is said to refuse so."""
        if keeper_of(self.expected, self.controls.service) != GATEWAY or not self.like_not_found:
            return False
        is_known = self.author != APPLICATION or self.controls.wrote(self.answered, self.probe.request.target)
        return not is_known and self.expected is not None and self.expected.may_be_given_in_front(self.answered.status)

    @property
    def is_odd(self) -> bool:
        """Whether the request itself may have given offence: a variant, or a credential that HTTP has no room for."""
        return self.probe.variant is not None or self.probe.credential.odd

    @property
    def is_variant(self) -> bool:
        """Whether it is compared with the plain request; a credential in the query makes another URL.

        The very request of another client needs no comparison where it gets the expected answer.
        """
        if self.probe.variant is not None:
            return not (self.probe.variant.as_client and self.expected is not None)
        return bool(self.probe.credential.query) and self.answered.status in ABSENT

    @cached_property
    def redirect(self) -> tuple[str, bool] | None:
        """Where it leads: the URL in full, and whether that is on the service's own origin."""
        return target_of(self.answered, self.controls.service, self.probe.request.target)

    @cached_property
    def leads_to_sign_in(self) -> bool:
        """Whether it is a redirect to a sign-in page."""
        return self.redirect is not None and is_sign_in(self.redirect[0], self.probe, self.controls)

    @cached_property
    def like_not_found(self) -> bool:
        """Whether a path that does not exist got this very answer."""
        return self.controls.is_like_not_found(self.probe, self.answered)

    @cached_property
    def soft_refusal(self) -> str | None:
        """What kind of refusal a success is, None when it is a real success."""
        return soft_refusal(self.probe, self.answered, self.controls)

    @cached_property
    def disclosure(self) -> str | None:
        """What the answer must not hold and does."""
        return disclosed(self.probe, self.answered, self.controls.secrets)

    @cached_property
    def unread(self) -> str | None:
        """Why a part of the body could not be read; of a refusal also that it is a file, which nobody could read."""
        if self.answered.unread is not None or self.answered.succeeded or not content_of(self.answered).is_binary:
            return self.answered.unread
        return f"it is binary ({content_of(self.answered).media_type or 'of no type'})"

    @cached_property
    def carried(self) -> str | None:
        """What a refusal carries besides the refusal."""
        if not self.probe.promise.refuses or (self.answered.succeeded and self.expected is None):
            return None
        baseline = self.controls.refusals.get(self.probe.route.guard) or RefusalBaseline()
        request = self.probe.request
        content = (request.content or b"").decode("utf-8", "replace")
        sent = " ".join([request.target, content, *(value for _, value in request.headers)]).lower()
        return carried_by(self.probe.route.name, self.answered, baseline, sent)

    @cached_property
    def page_in_redirect(self) -> bool:
        """Whether a redirect, in the head or inside the page, brings the page along that it keeps strangers from."""
        if not self.probe.promise.refuses or not (self.answered.redirects or redirects_inside(self.answered)):
            return False
        return bool(page_texts_in_flight(self.answered))

    @cached_property
    def without_comparison(self) -> bool:
        """Whether a variant's success has no body by which to tell whether it is the route's own."""
        if self.probe.variant is None or not self.answered.succeeded:
            return False
        return is_without_comparison(self.probe, self.answered, self.controls)

    @property
    def is_of_another_resource(self) -> bool:
        """Whether a variant that asks elsewhere, as at the root, was answered by what stands there of its own."""
        variant = self.probe.variant
        if variant is None or not variant.is_known_by or self.answered.header("mcp-session-id"):
            return False
        return variant.is_known_by not in self.answered.body

    @cached_property
    def opened(self) -> str | None:
        """How the answer opens the route, None when it does not."""
        probe, answered = self.probe, self.answered
        if (self.expected is not None and self.expected.refuses) or self.is_of_another_resource:
            return None
        if answered.succeeded:
            if self.without_comparison:
                return None
            excused = is_nothing_new(probe, answered, self.controls) if probe.variant else bool(self.soft_refusal)
            return None if excused else f"got {answered.status}"
        if answered.header("mcp-session-id") and answered.redirects:
            return f"got {answered.status} with a session"
        if self.redirect is None and answered.redirects and answered.status != NOT_MODIFIED and answered.body.strip():
            return f"got {answered.status} with a body, and no place to go to"
        if self.redirect is None or self.like_not_found:
            return None
        url = self.redirect[0]
        if self.leads_to_sign_in or is_same_path(url, probe):
            return None
        if any(
            answer.location and is_at(answer.location, url, self.controls.service) for answer in probe.promise.answers
        ):
            return None
        return f"got {answered.status} to {location_of(answered)}, which is not a sign-in"

    @cached_property
    def blanket_of_unknown_author(self) -> bool:
        """Whether a path that does not exist is refused in the same way, and nothing tells who does so."""
        refused = self.answered.redirects or self.answered.status in _REFUSALS
        if self.probe.variant is not None or not refused or self.controls.blanket_is_declared(self.probe):
            return False
        if not self.like_not_found or self.is_declared or self.is_of_the_gateway:
            return False
        on_origin = self.redirect is not None and self.redirect[1]
        known_page = on_origin and self.leads_to_sign_in and self.controls.sign_in_page is not None
        return not known_page and not self.controls.wrote(self.answered, self.probe.request.target)

    @cached_property
    def broken_fact(self) -> Reason | None:
        """The first fact besides the status in which the answer differs from one that is expected, None for none."""
        facts = (broken_fact(answer, self.answered, self.controls.service) for answer in self.probe.promise.answers)
        return next((fact for fact in facts if fact not in (None, Reason.WRONG_STATUS)), None)
