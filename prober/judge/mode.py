"""Which mode do the deployment's own answers speak of? Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.matching import matching_answer
from prober.model import Answered, Finding, Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.judge.controls import Controls
    from prober.model import Profile

FEWEST = 3  # telling answers, before a mode is named
SHARE = 0.8  # of them that must speak of it


def observed_mode(
    findings: Iterable[Finding], profiles: Mapping[str, Profile], asked: Profile, controls: Controls
) -> str | None:
    """Name the profile, or those, that what strangers were answered fits best; the one asked for where it fits well.

    Only routes on which the profiles differ can tell. None where too few of them answered, or where no profile fits.
    """
    told = [finding for finding in findings if isinstance(finding.outcome, Answered) and _tells(finding)]
    if len(told) < FEWEST:
        return None
    if all(_fits(asked, finding, controls) for finding in told):
        return asked.name if _is_another(told, asked, profiles, controls) else None
    candidates = {**profiles, asked.name: asked}
    matches = dict.fromkeys(candidates, 0)
    telling = 0
    for finding in told:
        fits = {
            name: fit for name, profile in candidates.items() if (fit := _fits(profile, finding, controls)) is not None
        }
        if len(set(fits.values())) < 2:  # noqa: PLR2004 - all fit, or none: it does not tell
            continue
        telling += 1
        for name, fit in fits.items():
            matches[name] += fit
    best = max(matches.values())
    if telling < FEWEST or best < telling * SHARE:
        return None
    if matches[asked.name] >= telling * SHARE:
        return asked.name  # a door or two that stand open do not make another mode
    if matches[asked.name] * 2 >= telling:
        return None  # something between the two: no mode is told
    return " or ".join(name for name in sorted(candidates) if matches[name] == best)


def _fits(profile: Profile, finding: Finding, controls: Controls) -> bool | None:
    """Say whether a profile promises this answer, None where it says nothing of the guard."""
    answered, probe = finding.outcome, finding.probe
    promise = profile.promise(probe.route.guard, probe.credential)
    if promise is None or not isinstance(answered, Answered):
        return None
    service = controls.services[probe.request.service].service
    return not promise.skip and matching_answer(promise, answered, service) is not None


def _is_another(told: Iterable[Finding], asked: Profile, profiles: Mapping[str, Profile], controls: Controls) -> bool:
    """Say whether enough answers tell the profile asked for, which fits all of them, from another; load few to see."""
    telling: set[str] = set()
    for name in profiles:
        if name != asked.name and len(telling) < FEWEST:
            profile = profiles[name]
            telling |= {finding.probe.id for finding in told if _fits(profile, finding, controls) is False}
    return len(telling) >= FEWEST


def _tells(finding: Finding) -> bool:
    """Only what a stranger gets by the plain request, from the application, tells the mode."""
    plain = finding.probe.credential.kind is Kind.ANONYMOUS and finding.probe.variant is None
    return plain and finding.verdict not in {Verdict.UNPROVEN, Verdict.SKIPPED}


def mode_sentence(asked: str, observed: str | None, profiles: Mapping[str, Profile]) -> str | None:
    """Write the first sentence of a report on a deployment that runs in another mode than the profile's."""
    if observed is None or observed == asked:
        return None
    about = f" ({profiles[observed].about.removesuffix('.')})" if observed in profiles else ""
    return f"the deployment looks like it runs in mode '{observed}'{about}, not '{asked}'"
