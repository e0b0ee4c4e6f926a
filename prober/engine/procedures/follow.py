"""Redirects that decide nothing are followed, once: to the same path marked `_rsc`, and to it below a language.

So is where a variant of a read is sent on the same origin: what matters is whether the guard stands there too.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from prober.judge.matching import target_of
from prober.judge.sign_in_urls import is_sign_in_place
from prober.model import Effect
from prober.model.job_paths import is_path_of_job

if TYPE_CHECKING:
    from prober.model import Answered, Probe, Request, Service

_MARK = "_rsc"
LONGEST_PATH = 512
LONGEST_TARGET = 4096
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSALS = frozenset({401, 403, 404, 405, 410})
ALIKE = 0.6  # of the letters of two paths: a canonical spelling keeps most of them
_LANGUAGE = re.compile(r"/[a-z]{2}(?:-[A-Za-z]{2,4})?(?=/)")


def followed(request: Request, answered: Answered) -> Request | None:
    """Give the request that the redirect asks for; None for every other redirect, none of which is followed."""
    location = answered.header("location") or ""
    if not answered.redirects:
        return None
    path = request.target.partition("?")[0]
    below = _LANGUAGE.sub("", location.partition("?")[0], count=1)
    if request.method == "GET" and path != "/" and below == path and location.partition("?")[0] != path:
        return replace(request, target=location) if location.isascii() and location.isprintable() else None
    if not any(name.lower() == "rsc" for name, _ in request.headers):
        return None
    try:
        there = urlsplit(location)
    except ValueError:
        return None
    marked = any(key == _MARK for key, _ in parse_qsl(there.query, keep_blank_values=True))
    same = there.path == request.target.partition("?")[0] and not there.netloc
    if not marked or not same or _MARK + "=" in request.target or not location.isascii() or not location.isprintable():
        return None
    return replace(request, target=f"{there.path}?{there.query}") if " " not in there.query else None


def followed_variant(probe: Probe, request: Request, answered: Answered) -> Request | None:
    """Give the request for the place that a variant of a read is sent to, None for a sign-in and any other origin."""
    location = (answered.header("location") or "").strip()
    if probe.variant is None or probe.route.effect is not Effect.NONE or request.method not in _SAFE:
        return None
    if not answered.redirects or not location.startswith("/") or location.startswith(("//", "/\\")):
        return None
    facts = (answer.location for answer in probe.promise.answers if answer.location)
    expected = {fact.path for fact in facts if not fact.origin}
    path = location.partition("?")[0]
    if path in expected or is_sign_in_place(location, "") or path == request.target.partition("?")[0]:
        return None
    if max(len(path), len(request.target)) > LONGEST_PATH or is_path_of_job(path):
        return None  # a job may run by a GET, wherever that came from
    writable = location.isascii() and location.isprintable() and " " not in location
    return replace(request, target=location.partition("#")[0]) if writable else None


def next_in_chain(request: Request, answered: Answered, service: Service) -> Request | None:
    """Give the request that a browser sends next, None where the redirect leaves the origin or changes nothing."""
    found = target_of(answered, service, request.target)
    if found is None or not found[1]:
        return None
    parts = urlsplit(found[0])
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    writable = target.isascii() and target.isprintable() and " " not in target
    if not writable or target == request.target or len(target) > LONGEST_TARGET or is_path_of_job(parts.path):
        return None
    return replace(request, target=target)


def is_refusal_there(answered: Answered) -> bool:
    """Say whether what a redirect leads to is locked; a success there is some page, and perhaps a public one."""
    return answered.status in _REFUSALS


def is_respelled(onward: Request, request: Request) -> bool:
    """Say whether a redirect leads to the path that was asked for in another spelling, and not to another place."""
    there, asked = (each.target.partition("?")[0] for each in (onward, request))
    return SequenceMatcher(None, there, asked).ratio() >= ALIKE
