"""Held secrets that open nothing: a token that has expired is refused everywhere, and proves no lock. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import Finding, Kind, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names of secrets that are meant to be dead: no route can show that they are valid.
_DEAD_ON_PURPOSE = re.compile(
    r"expired|revoked|stale|(?<![a-z])old(?![a-z])|former|foreign|wrong|disabled|deleted|blocked|inactive"
    r"|signed-?out|logged-?out|invalid"
)


def doubt_dead_secrets(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Make no lock of a secret's refusal where it was refused everywhere that it should open, too."""
    every = tuple(findings)
    dead = frozenset(dead_secrets(every))
    return tuple(_as_unproven(finding) if _is_refused(finding, dead) else finding for finding in every)


def dead_secrets(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Name the held secrets that some routes should accept, of which none did."""
    opened: dict[str, bool] = {}
    for finding in findings:
        name = finding.probe.credential.name
        if finding.probe.credential.kind is not Kind.HELD or name not in finding.probe.route.admits:
            continue
        if finding.verdict is Verdict.LOCKED or finding.reason is Reason.KEY_REFUSED:
            opened[name] = opened.get(name, False) or finding.verdict is Verdict.LOCKED
    return tuple(name for name, is_alive in opened.items() if not is_alive)


def notes_on_secrets(findings: Iterable[Finding], *, is_own: bool) -> tuple[str, ...]:
    """Say which secrets are dead, and, in a profile of one's own, of which it was not shown that they are alive."""
    every = tuple(findings)
    dead = tuple(
        f"held '{name}' was refused everywhere that it should open: is it still valid?" for name in dead_secrets(every)
    )
    return (*dead, *_unshown(every)) if is_own else dead


def _unshown(every: tuple[Finding, ...]) -> list[str]:
    admitted = {name for finding in every for name in finding.probe.route.admits}
    refused = {
        secret_name(finding): None
        for finding in every
        if _is_refusal(finding) and finding.verdict is Verdict.LOCKED and not finding.probe.credential.live
    }
    unshown = (name for name in refused if name not in admitted and not _DEAD_ON_PURPOSE.search(name.lower()))
    return [
        f"no route admits held '{name}', so a secret that is not valid any more would look the same: "
        f"add admits: [{name}] to a route that it opens"
        for name in unshown
    ]


def secret_name(finding: Finding) -> str:
    """Give the name of the held secret that was presented, wherever it was carried."""
    return finding.probe.credential.name.partition("@")[0]


def _is_refusal(finding: Finding) -> bool:
    return finding.probe.credential.kind is Kind.HELD and secret_name(finding) in finding.probe.route.refuse


def _is_refused(finding: Finding, dead: frozenset[str]) -> bool:
    return finding.verdict is Verdict.LOCKED and _is_refusal(finding) and secret_name(finding) in dead


def _as_unproven(finding: Finding) -> Finding:
    detail = f"{finding.detail}; but '{secret_name(finding)}' opens nothing that it should open, so this proves no lock"
    return replace(
        finding, verdict=Verdict.UNPROVEN, reason=Reason.KEY_REFUSED, detail=detail, rule="held-secret-opens-nothing"
    )
