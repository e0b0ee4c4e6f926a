"""Which release of the application answered, as far as it says so on what everybody may read. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION, attribute
from prober.judge.matching import matching_answer
from prober.model import Answered, Control, Reason, ReleaseSource, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Finding, Outcome, Probe, Service

_OF_THE_RELEASE = frozenset({Verdict.LOCKED, Verdict.DRIFT})  # a leak is one, whichever release has it
LONGEST = 80  # letters: a commit's hash with a date fits
# Where applications usually say it, on their health route; what changes with each answer (a request's id) is not here.
USUAL = (
    *(ReleaseSource(header=name) for name in (
        "x-release", "x-app-release", "x-app-version", "x-version", "x-build-id", "x-git-sha", "x-commit-sha",
        "x-revision",
    )),
    *(ReleaseSource(path=(name,)) for name in (
        "release", "version", "appVersion", "app_version", "build", "commit", "gitSha", "git_sha", "sha", "revision",
    )),
)  # fmt: skip


def release_of(
    outcomes: Iterable[tuple[Probe, Outcome]],
    services: Mapping[str, Service],
    source_given: ReleaseSource | None = None,
) -> str | None:
    """Give the release that an open route tells of; health routes are asked first, and without a source only they.

    Services may be released one by one, so that it is always the same one that is listened to: the one that is named,
    else the first that has a health route in the plan. While it is away, nothing is known.
    """
    every = [(probe, outcome) for probe, outcome in outcomes if not probe.promise.refuses]
    named = source_given.service if source_given else None
    of = named or next((p.request.service for p, _ in every if _is_health(p)), None)
    own = [
        (probe, outcome)
        for probe, outcome in every
        if (of is None or probe.request.service == of)
        and isinstance(outcome, Answered)
        and attribute(outcome) == APPLICATION
        and matching_answer(probe.promise, outcome, services[probe.request.service])
    ]
    health = [answered for probe, answered in own if _is_health(probe)]
    others = [answered for probe, answered in own if not _is_health(probe)]
    asked = (
        [(source_given, answered) for answered in (*health, *others)]
        if source_given
        else [(s, a) for s in USUAL for a in health]
    )
    return next((release for source, answered in asked if (release := _release_in(source, answered))), None)


def usual_release_in(answered: Answered) -> str | None:
    """Give the release that an answer tells of by one of the usual names."""
    return next((release for source in USUAL if (release := _release_in(source, answered))), None)


def is_release(answered: Answered, wanted: str, source: ReleaseSource) -> bool:
    """Say whether this answer tells of the wanted release, at the place where the application says it."""
    return _release_in(source, answered) == wanted


def _is_health(probe: Probe) -> bool:
    return probe.route.control is Control.ALIVE


def _release_in(source: ReleaseSource, answered: Answered) -> str | None:
    """Read one line of some length; a flag, a list or an empty word is no release."""
    if source.header is not None:
        value: object = answered.header(source.header)
    else:
        value = answered.json
        for key in source.path:
            value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return str(value).strip()[:LONGEST].strip() or None


def of_another_release(
    findings: tuple[Finding, ...], wanted: str | None, observed: str | None, *, source: ReleaseSource | None
) -> tuple[Finding, ...]:
    """Take back what was proven of another release than the wanted one, where a declared source tells which answers."""
    if wanted is None or source is None or observed == wanted:
        return findings
    answers = f"release {observed} answers" if observed else "no answer tells which release it is"
    detail = f"{answers}, and --release names {wanted}"
    return tuple(
        finding
        if finding.verdict not in _OF_THE_RELEASE
        else replace(
            finding, verdict=Verdict.UNPROVEN, reason=Reason.WRONG_RELEASE, detail=detail, rule="release-is-another"
        )
        for finding in findings
    )
