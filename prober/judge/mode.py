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
    candidates = {**profiles, asked.name: asked}
    matches = dict.fromkeys(candidates, 0)
    telling = 0
    for finding in findings:
        answered, probe = finding.outcome, finding.probe
        if not isinstance(answered, Answered) or not _tells(finding):
            continue
        service = controls.services[probe.request.service].service
        fits = {
            name: promise is not None and not promise.skip and matching_answer(promise, answered, service) is not None
            for name, profile in candidates.items()
            if (promise := profile.promise(probe.route.guard, probe.credential)) is not None
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
