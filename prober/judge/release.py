"""Which release of the application answered, as far as it says so on what everybody may read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION, attribute
from prober.judge.matching import matching_answer
from prober.model import Answered, Control, ReleaseSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Outcome, Probe, Service

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
