"""A variant is judged by its difference from the plain request: it is right when it opens nothing. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.judge.fingerprint import fingerprint
from prober.judge.nextjs_flight import is_flight, page_texts_in_flight
from prober.judge.soft_refusal import soft_refusal

if TYPE_CHECKING:
    from prober.judge.controls import ServiceControls
    from prober.model import Answered, Probe

# Where Next.js sends a client's router for data: a redirect, although the status is 200.
_REDIRECTS = ("x-nextjs-redirect",)
_EMPTY = frozenset({b"", b"{}", b"null"})
# The words in which OPTIONS lists methods, or says that it is allowed: "GET, HEAD", {"methods":"GET"}, "ok", {}.
_WORD = (
    rb"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|allow(?:ed)?|methods?|ok|success|true|null|none|empty"
    rb"|no|content|preflight|cors|supported|status|message|result|options"
)
_ONLY_METHODS = re.compile(rb"(?:(?:%s)?[\s\"'{}\[\]:,]{1,9}){0,60}(?:%s)?" % (_WORD, _WORD), re.IGNORECASE)


def is_nothing_new(probe: Probe, answered: Answered, controls: ServiceControls) -> bool:
    """Say whether a success of this variant shows what every stranger may see: no more than that is behind the door."""
    if probe.request.method == "OPTIONS" and _ONLY_METHODS.fullmatch(answered.body.strip()):
        return True  # a list of methods, in words or in headers, is what OPTIONS is for
    if any(answered.header(name) for name in _REDIRECTS) and answered.body.strip() in _EMPTY:
        return True
    if is_flight(answered):
        return not page_texts_in_flight(
            answered
        )  # names of segments, frames and what stands there while it loads are anybody's
    beside = controls.beside(probe)
    if soft_refusal(probe, answered, controls):
        return True
    # The path that a header names, or that the spelling leads to, may be an open one.
    # Spelled otherwise it may lie in another folder, where nothing gets another page.
    elsewhere = probe.variant is not None and probe.variant.own_control
    not_found = [beside] if elsewhere and beside else controls.not_found
    known = [*controls.open_pages, *(seen.fingerprint for seen in not_found)]
    return any(
        fingerprint(answered, target).is_like(page)
        for target in {probe.request.target, probe.place, *_named(probe)}
        for page in known
    )


def is_without_comparison(probe: Probe, answered: Answered, controls: ServiceControls) -> bool:
    """Say whether a success has no body, and an unknown path or the refusal itself gets one too: nothing is known."""
    if probe.request.method != "HEAD":
        return False
    beside = controls.beside(probe)
    like_unknown = beside is not None and beside.answered.status == answered.status
    return like_unknown or any(answer.allows(answered.status) for answer in probe.promise.answers)


def _named(probe: Probe) -> tuple[str, ...]:
    """The paths that the variant's headers name: a page that repeats its own path repeats one of these."""
    return tuple(value for _, value in probe.variant.headers if value.startswith("/")) if probe.variant else ()
