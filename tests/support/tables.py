"""Tables of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import (
    Answered,
    Cause,
    Finding,
    Reason,
    Report,
    Service,
    ServiceReport,
    Unanswered,
    Unsent,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Case = Callable[[Make, MakeReport], Report]

CUT = Unsent(reason=Reason.NOT_SENT, detail="not sent: the run was interrupted")
NO_FORM = Unsent(reason=Reason.EFFECT, detail="an open door would act, and it has no inert form")
ABSENT = Unsent(reason=Reason.NOT_SERVED, detail="not served here, and no declaration says that it must be")
WALL = "answered 403 by Cloudflare challenge, not by the application; let the prober's User-Agent pass"


def answer(status: int, *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=b"", whole=True, attempts=1, elapsed_ms=3)


def silence(detail: str) -> Unanswered:
    return Unanswered(cause=Cause.REFUSED, detail=detail, arrived=False, attempts=3, elapsed_ms=5)


def a_service(said: str | None, *, alive: bool, intermediary: str | None = None) -> ServiceReport:
    web = Service(
        name="web", url="https://brain.example.com", scheme="https", host="brain.example.com", port=443, base_path=""
    )
    return ServiceReport(service=web, alive=alive, blanket=False, intermediary=intermediary, said=said)


def locked(make: Make, number: int, *, surface: str = "me", path: str = "/api/me") -> list[Finding]:
    said = {"detail": "got 401, as expected", "outcome": answer(401), "surface": surface, "path": path}
    return [make(Verdict.LOCKED, Reason.AS_PROMISED, credential=f"bogus-{n}", **said) for n in range(number)]


def all_locked(make: Make, report: MakeReport) -> Report:
    skipped = make(
        Verdict.SKIPPED, Reason.EFFECT, NO_FORM.detail, surface="reminders", path="/api/jobs/reminders", outcome=NO_FORM
    )
    return report(*locked(make, 3), *locked(make, 2, surface="admin", path="/api/admin/users"), skipped)


def leak(make: Make, report: MakeReport) -> Report:
    why = "A session secret that also runs migrations turns one leak into two, and whoever holds it owns the schema."
    migrate = {"surface": "migrate", "path": "/api/migrate", "method": "POST", "why": why}
    return report(
        *locked(make, 2),
        make(**migrate, fix="Set MIGRATION_SECRET, remove the fallback, restart."),
        make(**migrate, credential="bearer-undefined", headers=(("Authorization", "Bearer undefined"),)),
        make(
            reason=Reason.DISCLOSED, detail="got 401 with 'apiKey' (never: probes/me.yaml:7) in the body",
            **migrate, credential="bogus-bearer", outcome=answer(401),
        ),
        make(detail="got 307 to /dashboard, which is not a sign-in, expected 401", path="/settings", surface="pages"),
        make(Verdict.DRIFT, Reason.BROKEN, "got 500, expected 401", path="/api/me/x", outcome=answer(500)),
    )  # fmt: skip


def drift_in_groups(make: Make, report: MakeReport) -> Report:
    found = "got 404, the same as for an unknown path; expected 401: the route is missing"
    return report(
        *(make(Verdict.DRIFT, Reason.MISSING, found, surface="orgs", path=f"/api/orgs/{n}", outcome=answer(404)) for n in range(5)),
        make(Verdict.DRIFT, Reason.MISSING, "got 410, expected 401", surface="orgs", path="/api/orgs/old", outcome=answer(410)),
        *(make(Verdict.DRIFT, Reason.WRONG_STATUS, "got 403, expected 401", surface="admin", path=f"/api/admin/{n}", outcome=answer(403)) for n in range(2)),
    )  # fmt: skip


def tolerated(make: Make, report: MakeReport) -> Report:
    drift = make(Verdict.DRIFT, Reason.WRONG_STATUS, "got 403, expected 401", path="/b", outcome=answer(403))
    return report(*locked(make, 2), drift, tolerate_drift=True)


def unreachable(make: Make, report: MakeReport) -> Report:
    said = "connection refused (3 attempts)"
    findings = [
        make(Verdict.UNREACHABLE, Reason.REFUSED, said, path=f"/api/{n}", outcome=silence("no connection")) for n in range(4)
    ]  # fmt: skip
    return report(*findings, services=[a_service(said, alive=False)], observed_mode=None)


def wall(make: Make, report: MakeReport) -> Report:
    findings = [
        make(Verdict.UNPROVEN, Reason.INTERMEDIARY, WALL, path=f"/api/{n}", outcome=answer(403), by="Cloudflare challenge")
        for n in range(2)
    ]  # fmt: skip
    other = [a_service(None, alive=True, intermediary="Cloudflare challenge")]
    return report(*locked(make, 1), *findings, services=other, observed_mode=None)


def interrupted(make: Make, report: MakeReport) -> Report:
    left = make(Verdict.SKIPPED, Reason.NOT_SENT, CUT.detail, path="/api/later", outcome=CUT)
    return report(*locked(make, 1), make(), left, interrupted=True)


def not_served(make: Make, report: MakeReport) -> Report:
    gone = [
        make(Verdict.SKIPPED, Reason.NOT_SERVED, ABSENT.detail, surface=name, path=f"/api/{name}", outcome=answer(404))
        for name in ("invites", "login")
    ]
    return report(*locked(make, 2), *gone, not_served=("invites", "login"))


def noted(make: Make, report: MakeReport) -> Report:
    notes = (
        "the deployment looks like it runs in mode 'dev-shim' (every client is the first user), not 'oauth'",
        "TLS was not verified (--insecure): anyone on the network path may have answered in the deployment's place",
    )
    return report(make(), notes=notes, observed_mode="dev-shim")


def nothing_proven(make: Make, report: MakeReport) -> Report:
    return report(
        make(Verdict.SKIPPED, Reason.EFFECT, NO_FORM.detail, method="POST", path="/api/jobs", outcome=NO_FORM)
    )


CASES: dict[str, Case] = {
    "locked": all_locked, "leak": leak, "drift-in-groups": drift_in_groups, "drift-tolerated": tolerated,
    "unreachable": unreachable, "wall": wall, "interrupted": interrupted, "not-served": not_served, "noted": noted,
    "nothing-proven": nothing_proven,
}  # fmt: skip
EVERY_CASE = [pytest.param(case, id=name) for name, case in CASES.items()]
