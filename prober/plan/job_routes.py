"""A GET that may act must say its effect: what runs by a GET would run with each of some forty requests. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.errors import DefinitionError
from prober.model import Family
from prober.model.job_paths import is_path_of_job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Carrier, Promise, Route

_GUARD_OF_JOBS = re.compile(r"(^|[-.])(cron|jobs?|scheduler|webhooks?)([-.]|$)")
_OF_JOBS = frozenset({Family.JOB, Family.SECRET})  # what a scheduler sends: a guard that takes more is no job's alone
_FIX = (
    "add 'effect: none' if it only reads, 'effect: repeats' if one more run does no harm, or 'effect: acts' if it "
    "must not run"
)


def check_effect_is_stated(
    route: Route, promise: Promise, families: Iterable[Family], carriers: Iterable[Carrier] = ()
) -> None:
    """Refuse a guarded GET of a job that leaves its effect to the default, which says that it only reads.

    A page is none: whoever is sent to a sign-in page is a person.
    """
    is_page = any(answer.location for answer in promise.answers)
    if route.effect_is_stated or promise.skip or not promise.refuses or is_page:
        return
    presented = set(families)
    if (Family.JOB in presented and presented <= _OF_JOBS) or _GUARD_OF_JOBS.search(route.guard):
        why = f"guard '{route.guard}' is for jobs"
    elif any(_GUARD_OF_JOBS.search(carrier.label) for carrier in carriers):
        why = f"guard '{route.guard}' takes the credential of jobs"
    elif is_path_of_job(route.path):
        why = "its path is that of a job"
    else:
        return
    what = f"'{route.method} {route.path}' says no effect, and {why}: an open one might run with every request"
    raise DefinitionError(what, fix=_FIX, source=route.source)
