"""Where a redirect leads: to sign in, to the same path, or somewhere else. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from prober.judge.matching import is_at
from prober.judge.sign_in_urls import is_sign_in_place

if TYPE_CHECKING:
    from prober.judge.controls import ServiceControls
    from prober.model import Answered, Probe

_SCHEME = re.compile(
    r"^/*https?:/+"
)  # of a target that is a whole URL; Next.js squeezes its slashes and redirects there
_SLASHES = re.compile(r"[/\\]+")


def is_sign_in(url: str, probe: Probe, controls: ServiceControls) -> bool:
    """By the profile's own places, and by the names that sign-in pages go by."""
    path = urlsplit(url).path.rstrip("/").removeprefix(controls.service.base_path)
    facts = [answer.location for answer in probe.promise.answers if answer.location]
    if any(fact.origin and is_at(fact, url, controls.service) for fact in facts):
        return True
    promised = {fact.path for fact in facts if not fact.origin}
    return path in (promised - {"/"}) or is_sign_in_place(url, controls.service.host)


def is_same_path(url: str, probe: Probe) -> bool:
    """A redirect to the same path: a slash more or less, another case, https, or another host."""
    return _plainly(urlsplit(url).path) in {_plainly(target) for target in (probe.request.target, probe.place)}


def _plainly(target: str) -> str:
    path = _SCHEME.sub("", unquote(target.split("?", maxsplit=1)[0]))
    return _SLASHES.sub("/", path).strip("/").lower()


def shown(answered: Answered) -> str:
    """Word an answer: its status, and where it leads."""
    location = location_of(answered)
    return f"{answered.status} to {location}" if location else str(answered.status)


def location_of(answered: Answered) -> str | None:
    """Give where a redirect says that it leads, in its own words."""
    return answered.header("location") if answered.redirects else None
