"""The rules that need more than one answer: what each says, by the name that stands in reports. Pure.

The table of `judge/verdicts.py` decides of each answer alone; these change its word once all have come back.
"""

from __future__ import annotations

from prober.model import Observed

RULES_AFTERWARDS: dict[str, str] = {
    "not-planned": "The probe was not sent: the plan says why.",
    "not-sent": "The probe was not sent: the run says why.",
    "unanswered": "No answer came back.",
    "waived": "A waiver covers the finding.",
    "variant-reached-handler": "A variant was rejected by the handler itself, where an unknown path spelled so is not.",
    "variant-page-of-every-path": "A variant got the page that an unknown path gets in the same spelling.",
    "form-rejected": "A well-formed body was refused for its other fields, or as the form without fields is.",
    "sent-elsewhere": "The route redirects to a signed address, or to another origin than the guard's other routes.",
    "hidden-and-there": "The guard hides its routes, and a held secret has shown that this one is there.",
    "held-secret-opens-nothing": "The held secret opens nothing that it should open, so its refusal proves nothing.",
    "plain-request-not-locked": "The plain request is not locked, so that its variants prove nothing.",
    "stopped-for-no-grant": "No more was sent after what seemed to be a grant, and in the end was none.",
    "controls-changed": "The service's controls were answered otherwise later in the run.",
    "release-is-another": "Another release answers than the one that was named.",
    "surface-not-served": "Every route of an undeclared surface is missing.",
    "surface-half-answered": "Every route that was answered is missing, and not every one was answered.",
    "surface-like-every-path": "Every route succeeds as an unknown path does: it may be there or not.",
    "surface-of-ids": "Every route was asked for an id that cannot exist, and its 404 may be the handler's own.",
    "absent-as-accepted": "The route is missing, and the inventory says that this deployment has no such route.",
    "service-paused": "The application says that it is paused.",
    "service-broken": "The service answers 5xx to everything.",
    "service-use-https": "The service sends everything to https.",
    "service-wrong-base": "The service is another one, or lies elsewhere: every guarded route is missing.",
}
_OBSERVED = "observed-"  # and what a procedure has seen, which `prober explain PROCEDURE` tells


def about_rule_afterwards(name: str) -> str | None:
    """Say what a rule that stands in a report and not in the table means, None for any other word."""
    seen = name.removeprefix(_OBSERVED)
    if seen != name and seen in list(Observed):
        return f"A procedure of several requests has seen: {seen}."
    return RULES_AFTERWARDS.get(name)
