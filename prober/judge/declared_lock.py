"""Is the lock of somebody in front the one that a profile describes? Then it counts as the application's own. Pure.

A status alone describes nobody, and a Bearer challenge is what any gateway says. What counts is what tells whose lock
it is: the words of its page, or a header or a location by which that intermediary is known.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.judge.attribution import APPLICATION, attribute, is_signed_by
from prober.model import Answered
from prober.model.intermediary_names import GATEWAY, NEVER_A_LOCK, IntermediaryName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Answer, Finding, Service

# So that a header which is expected outweighs it.
_KNOWN_BY_LITTLE = frozenset({GATEWAY, IntermediaryName.BASIC_AUTH_WALL})
# Who do nothing but let people in.
_DOORKEEPERS = frozenset({
    IntermediaryName.CLOUDFLARE_ACCESS, IntermediaryName.VERCEL_DEPLOYMENT_PROTECTION, IntermediaryName.GOOGLE_IAP,
    IntermediaryName.AZURE_APP_SERVICE_AUTHENTICATION, IntermediaryName.AUTHELIA, IntermediaryName.AUTHENTIK,
    IntermediaryName.OAUTH2_PROXY,
})  # fmt: skip
_OF_VERCEL = "/sso-api"  # at vercel.com: it sends visitors to its other pages too
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_LEAST, _MOST, _THROTTLED = 300, 499, 429  # statuses of a refusal by a lock


def keeper_of(expected: Answer | None, service: Service) -> str | None:
    """Name who in front of the application is said to give this expected answer, None where nobody is."""
    return None if expected is None else expected.by or service.behind


def is_declared(expected: Answer | None, answered: Answered, service: Service) -> bool:
    """Say whether somebody in front of the application gave this expected answer, and is the one that is meant.

    Who is named by `by` or `behind` is meant, and nobody else; else what the answer is described by tells.
    """
    who = attribute(answered)
    if expected is None or who == APPLICATION:
        return False
    keeper = keeper_of(expected, service)
    if keeper is not None:
        return expected.may_be_given_in_front(answered.status) and is_signed_by(answered, keeper)
    if expected.body or expected.json or (expected.headers and who in _KNOWN_BY_LITTLE):
        return True
    place = expected.location
    described = [*expected.headers, *((("location", place.origin + place.path),) if place else ())]
    alone = Answered.of(status=answered.status, headers=tuple(described), body=b"", elapsed_ms=0)
    return bool(described) and attribute(alone) == who


def how_to_declare(answered: Answered) -> str | None:
    """Give the lines that make a refusal by somebody in front the expected one; None for what is no lock's."""
    who, status = attribute(answered), answered.status
    if who in {APPLICATION, GATEWAY, *NEVER_A_LOCK} or not _LEAST <= status <= _MOST or status == _THROTTLED:
        return None
    return (
        f"if its lock is the one that is meant, write '{{status: {status}, by: {who}}}' at the guard in the profile, "
        f"or 'behind: {who}' at the service in prober.yaml"
    )


def lock_in_front(answered: Answered) -> str | None:
    """Name whose lock in front of the application refused, None where it may be no lock.

    A 401 wants a credential, whoever gives it. A 403 or a redirect may be a firewall's, which refuses programs and lets
    browsers pass: it counts from those alone who do nothing but let people in.
    """
    who = attribute(answered)
    if who in {APPLICATION, GATEWAY, *NEVER_A_LOCK}:
        return None
    if answered.status == _UNAUTHORIZED:
        return who
    place = urlsplit(answered.header("location") or "").path
    signs_in = answered.redirects and (who != IntermediaryName.VERCEL_DEPLOYMENT_PROTECTION or place == _OF_VERCEL)
    forbids = answered.status == _FORBIDDEN and who != IntermediaryName.AZURE_APP_SERVICE_AUTHENTICATION
    return who if who in _DOORKEEPERS and (signs_in or forbids) else None


def keeper_notes(findings: Iterable[Finding]) -> list[str]:
    """Say of each service how many of its refusals somebody in front of the application gave, and who."""
    kept: dict[str, Counter[str]] = {}
    for finding in findings:
        if finding.rule == "as-expected" and finding.probe.promise.refuses and finding.answered_by:
            kept.setdefault(finding.probe.request.service, Counter())[finding.answered_by] += 1
    return [
        f"{service}: {who} keeps the door in front of the application: {number} of {by.total()} expected refusals"
        for service, by in kept.items()
        for who, number in sorted(by.items())
        if who != APPLICATION
    ]
