"""A redirect to another origin opens a route if the guard's other routes redirect to a sign-in page. Pure.

A profile that expects no more than `302` is kept by every redirect, also by one to a signed address of the data: that
one opens a route whatever the others do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from prober.judge.matching import matching_answer, target_of
from prober.judge.redirects import is_sign_in
from prober.model import Answered, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.judge.controls import Controls
    from prober.model import Finding

# The keys by which stores of files let anybody in who has the URL: S3, Google and Azure storage, CDNs.
_SIGNATURES = frozenset({
    "x-amz-signature", "x-goog-signature", "signature", "sig", "hmac", "x-oss-signature", "x-cos-signature", "hdnts",
    "__token__",
})  # fmt: skip
_SIGNED = "an address that is signed, and so opens to anybody"
_ODD = "and the guard's other routes redirect to a sign-in page"

Guard = tuple[str, str]  # a service and a guard


def reveal_odd_redirects(findings: Iterable[Finding], controls: Controls) -> tuple[Finding, ...]:
    """Make a leak of each redirect elsewhere that only a status without a location excuses."""
    every = tuple(findings)
    places = {finding.probe.id: _place(finding, controls) for finding in every}
    signing_in = {_guard(finding) for finding in every if places[finding.probe.id] == "sign-in"}
    return tuple(
        _as_leak(finding, _SIGNED)
        if places[finding.probe.id] == "signed"
        else _as_leak(finding, _ODD)
        if places[finding.probe.id] == "elsewhere" and _guard(finding) in signing_in
        else finding
        for finding in every
    )


def _guard(finding: Finding) -> Guard:
    return finding.probe.request.service, finding.probe.route.guard


def _place(finding: Finding, controls: Controls) -> str | None:
    """Say where a locked redirect leads that is expected without a location: "sign-in", "signed" or "elsewhere"."""
    answered, probe = finding.outcome, finding.probe
    if finding.verdict is not Verdict.LOCKED or not isinstance(answered, Answered) or not answered.redirects:
        return None
    known = controls.services[probe.request.service]
    expected = matching_answer(probe.promise, answered, known.service)
    target = target_of(answered, known.service, probe.request.target)
    if expected is None or expected.location is not None or target is None:
        return None
    url, on_origin = target
    if is_sign_in(url, probe, known):
        return "sign-in"
    if on_origin:
        return None
    asked = {key.lower() for key, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    return "signed" if asked & _SIGNATURES else "elsewhere"


def _as_leak(finding: Finding, why: str) -> Finding:
    location = finding.outcome.header("location") if isinstance(finding.outcome, Answered) else None
    host = (location or "").split("?", maxsplit=1)[0]
    detail = f"redirects to {host}, {why}"
    return replace(finding, verdict=Verdict.LEAK, reason=Reason.GRANTED, detail=detail, rule="sent-elsewhere")
