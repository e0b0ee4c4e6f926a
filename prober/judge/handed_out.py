"""The cookies that a deployment hands out to strangers: what a browser would keep and present. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.judge.matching import target_of
from prober.judge.sign_in_urls import is_sign_in_place
from prober.model import Answered, Family, Kind, Probe, Verdict
from prober.model.session_cookies import COMMON_COOKIES, SESSION_COOKIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.judge.observations import Observations
    from prober.model import Finding, Plan, Service

# Cookies that are no session whatever they hold: against forged requests, for what is shown, for counting visits.
_NO_SESSION = re.compile(
    r"csrf|xsrf|callback-url|redirect|return.?to|locale|lang|i18n|theme|consent|banner|pkce|nonce|^_ga|^_gid|^__cf|^cf_|bm_"
    r"|AWSALB|visitor|analytics",
    re.IGNORECASE,
)

_CLEARED = re.compile(
    r"max-age\s*=\s*(?:0+|-\d+)\s*(?:;|$)|expires\s*=\s*\w{3},\s*\d\d[ -]Jan[ -](?:19)?70", re.IGNORECASE
)
_MOST_SIGN_INS = 2
_COMMON = frozenset({*COMMON_COOKIES, *SESSION_COOKIES})


def cookies_set_by(answered: Answered) -> dict[str, str]:
    """Give the cookies that an answer sets, by name: none that it clears, and none that no header can hold."""
    pairs = (_read(value) for name, value in answered.headers if name == "set-cookie")
    return dict(pair for pair in pairs if pair is not None)


def may_be_session(name: str) -> bool:
    """Say whether a cookie of this name may be a session."""
    return _NO_SESSION.search(name) is None


def handed_out(service: str, observations: Observations) -> dict[str, str]:
    """Give the cookies that a stranger without any credential was given so far: a browser presents them all."""
    found: dict[str, str] = {}
    for entry, outcome in observations.outcomes.items():
        if not isinstance(outcome, Answered) or entry.request.service != service:
            continue
        if isinstance(entry, Probe) and (entry.variant is not None or entry.credential.kind is not Kind.ANONYMOUS):
            continue
        found |= cookies_set_by(outcome)
    return found


def sign_in_pages(service: Service, observations: Observations) -> tuple[str, ...]:
    """Give the first pages on the service's origin that strangers were sent to, to sign in, and that were not asked."""
    pages: dict[str, None] = {}
    asked = {entry.request.target for entry in observations.outcomes}
    for entry, outcome in observations.outcomes.items():
        if not isinstance(outcome, Answered) or entry.request.service != service.name:
            continue
        place = target_of(outcome, service, entry.request.target)
        if place is not None and place[1] and is_sign_in_place(place[0], service.host):
            path = urlsplit(place[0]).path
            if path not in asked and path.isascii() and path.isprintable():
                pages[path] = None
    return tuple(pages)[:_MOST_SIGN_INS]


def notes_on_unknown_cookies(plan: Plan, findings: Iterable[Finding], observations: Observations) -> tuple[str, ...]:
    """Say once of each service that its probes with cookies proved nothing, where no cookie of it is known.

    One is known if the user names it, or if any answer sets or clears a cookie that was presented; those of the shipped
    profiles are, which never come here.
    """
    presented: dict[str, set[str]] = {}
    for finding in findings:
        probe = finding.probe
        if finding.verdict is Verdict.LOCKED and probe.credential.family is Family.COOKIE and probe.procedure is None:
            presented.setdefault(probe.request.service, set()).add(probe.route.guard)
    if any(name not in _COMMON for name in plan.cookies):
        return ()
    seen = {
        entry.request.service
        for entry, outcome in observations.outcomes.items()
        if isinstance(outcome, Answered) and any(name in _COMMON for name in names_set_by(outcome))
    }
    return tuple(
        f"{service}: no session cookie of it is known, so that the probes with cookies proved nothing of "
        f"{', '.join(sorted(guards))}: name it in prober.yaml, as in cookies: [my_session]"
        for service, guards in presented.items()
        if service not in seen
    )


def names_set_by(answered: Answered) -> list[str]:
    """Name the cookies that an answer sets or clears."""
    return [value.partition("=")[0].strip() for name, value in answered.headers if name == "set-cookie"]


def _read(set_cookie: str) -> tuple[str, str] | None:
    pair, _, attributes = set_cookie.partition(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(), value.strip()
    cleared = _CLEARED.search(attributes) is not None
    writable = f"{name}{value}".isascii() and f"{name}{value}".isprintable()
    return (name, value) if equals and name and value and not cleared and writable else None
