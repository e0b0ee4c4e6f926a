"""The table: golden files of whole reports at 80 columns, and what holds of every one of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from prober.model import (
    Answered,
    Cause,
    ExitStatus,
    Finding,
    Reason,
    Report,
    Service,
    ServiceReport,
    Unanswered,
    Unsent,
    Verdict,
)
from prober.report.json_format import render_json
from prober.report.record import record
from prober.report.summary import last_line
from prober.report.table import NARROWEST, render_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.report.shape import Record

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


@pytest.mark.parametrize("name", list(CASES))
def test_a_report_looks_exactly_so(
    finding_of: Make, report_of: MakeReport, golden: Callable[[str], str], name: str
) -> None:
    assert render_table(record(CASES[name](finding_of, report_of)), width=80) == golden(f"{name}.txt")


def test_verbose_lists_what_is_locked_too(
    finding_of: Make, report_of: MakeReport, golden: Callable[[str], str]
) -> None:
    assert render_table(record(leak(finding_of, report_of)), width=80, verbose=True) == golden("leak-verbose.txt")


@pytest.mark.parametrize(
    ("case", "verdict", "status", "sentence"),
    [
        pytest.param(
            all_locked, "locked", ExitStatus.LOCKED,
            "LOCKED: all 5 probes of 2 routes got the answer profile 'oauth' expects; 1 probe of 1 route skipped", id="locked",
        ),
        pytest.param(
            leak, "leak", ExitStatus.LEAK, "LEAK: 2 routes are open to anyone; 1 more answered unexpectedly", id="leak",
        ),
        pytest.param(
            drift_in_groups, "drift", ExitStatus.LEAK,
            "DRIFT: no route is open, but 8 routes answered unexpectedly", id="drift",
        ),
        pytest.param(
            tolerated, "locked", ExitStatus.LOCKED,
            "LOCKED: 2 probes of 2 routes got the answer profile 'oauth' expects, 1 drifted and were tolerated", id="tolerated",
        ),
        pytest.param(
            unreachable, "unreachable", ExitStatus.NO_VERDICT, "NO VERDICT: 4 probes of 4 routes got no response", id="unreachable",
        ),
        pytest.param(
            wall, "unproven", ExitStatus.NO_VERDICT, "NO VERDICT: 2 probes of 2 routes proved nothing, 1 probe of 1 route got the expected answer", id="wall",
        ),
        pytest.param(
            interrupted, "leak", ExitStatus.LEAK, "INTERRUPTED: 1 route open to anyone so far; the rest was not checked",
            id="interrupted",
        ),
        pytest.param(
            not_served, "locked", ExitStatus.LOCKED,
            "LOCKED: all 2 probes of 1 route got the answer profile 'oauth' expects; 2 surfaces not served here", id="not-served",
        ),
        pytest.param(
            nothing_proven, "unproven", ExitStatus.NO_VERDICT,
            "NO VERDICT: nothing was probed; 1 probe of 1 route skipped", id="nothing-proven",
        ),
    ],
)  # fmt: skip
def test_the_last_line_is_the_verdict_in_one_sentence(
    finding_of: Make, report_of: MakeReport, case: Case, verdict: str, status: ExitStatus, sentence: str
) -> None:
    whole = record(case(finding_of, report_of))
    assert (whole["verdict"], whole["exit_status"]) == (verdict, status)
    assert last_line(whole) == sentence
    assert render_table(whole, width=NARROWEST).splitlines()[-1] == sentence


def too_long(table: str, width: int) -> list[str]:
    """Lines over the width, but for curl lines and the verdict, which stay whole, and words that no line could hold."""
    *body, _ = table.splitlines()
    long = [line for line in body if len(line) > width and not line.startswith("  reproduce   ")]
    return [line for line in long if len(line.split()) > 1]


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize("case", EVERY_CASE)
def test_no_line_is_over_the_width_but_curl_lines(
    finding_of: Make, report_of: MakeReport, case: Case, width: int
) -> None:
    long_names = {"observed_mode": "credentials+oauth", "profile": "credentials+oauth"}
    report = case(finding_of, lambda *findings, **facts: report_of(*findings, **{**facts, **long_names}))
    assert too_long(render_table(record(report), width=width, verbose=True), width) == []


def test_long_texts_are_folded_under_their_own_words(finding_of: Make, report_of: MakeReport) -> None:
    finding = finding_of(why="word " * 60, fix="word " * 60, path="/api/" + "x" * 100, detail="word " * 60)
    table = render_table(record(report_of(finding, notes=("word " * 60,))), width=80)
    assert too_long(table, 80) == []
    assert [line for line in table.split("\n\n", 1)[1].splitlines() if line.startswith("word")] == []


def test_a_terminal_that_is_too_narrow_gets_a_readable_width(finding_of: Make, report_of: MakeReport) -> None:
    whole = record(leak(finding_of, report_of))
    assert render_table(whole, width=1) == render_table(whole, width=NARROWEST)


@pytest.mark.parametrize("case", EVERY_CASE)
def test_the_table_says_nothing_that_the_record_does_not_hold(
    finding_of: Make, report_of: MakeReport, case: Case
) -> None:
    """What is read back from JSON, and nothing else, makes the same table."""
    whole = record(case(finding_of, report_of))
    read: Record = json.loads(render_json(whole))
    assert render_table(read, verbose=True) == render_table(whole, verbose=True)


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("case", EVERY_CASE)
def test_the_table_counts_each_route_once(
    finding_of: Make, report_of: MakeReport, case: Case, *, verbose: bool
) -> None:
    """The columns add up to the routes of the record, but for surfaces that are not served; no row is all locked."""
    whole = record(case(finding_of, report_of))
    blocks = [block.splitlines() for block in render_table(whole, verbose=verbose).split("\n\n")]
    rows = next((block[2:] for block in blocks if block[0].startswith("routes of surface ")), [])
    numbers = [int(number) for row in rows for number in re.findall(r"(?<= )\d+(?= |$)", row.removeprefix("1 other"))]
    absent = {f["route"] for f in whole["findings"] if f["reason"] == Reason.NOT_SERVED}
    locked_as_a_whole = not verbose and not rows
    expected = 0 if locked_as_a_whole else whole["coverage"]["routes"] - len(absent)
    assert sum(numbers) == expected


def test_only_surfaces_with_something_to_say_have_a_row(finding_of: Make, report_of: MakeReport) -> None:
    quiet = [f for n in range(3) for f in locked(finding_of, 2, surface=f"quiet-{n}", path=f"/q/{n}")]
    table = render_table(record(report_of(*quiet, *locked(finding_of, 1, path="/ok"), finding_of(path="/open"))))
    assert [line.split() for line in table.splitlines() if re.match(r"(routes of|me |3 other|quiet)", line)] == [
        ["routes", "of", "surface", "leak", "locked"], ["me", "1", "1"], ["3", "other", "surfaces", "3"],
    ]  # fmt: skip


def test_bad_news_comes_first_and_worst_first(finding_of: Make, report_of: MakeReport) -> None:
    findings = [
        *locked(finding_of, 1),
        finding_of(Verdict.UNREACHABLE, Reason.TIMEOUT, "no answer", path="/d", outcome=silence("x")),
        finding_of(Verdict.UNPROVEN, Reason.GATEWAY, "by a gateway", path="/c", outcome=answer(502)),
        finding_of(Verdict.DRIFT, Reason.BROKEN, "got 500", path="/b", outcome=answer(500)),
        finding_of(path="/a"),
    ]
    heads = [line.split()[0] for line in render_table(record(report_of(*findings))).splitlines() if re.match(r"[A-Z]+  ", line)]  # fmt: skip
    assert heads == ["LEAK", "DRIFT", "UNPROVEN", "UNREACHABLE"]


def test_one_cause_is_one_entry_that_names_every_route(finding_of: Make, report_of: MakeReport) -> None:
    """One guard that lets everybody in: the fix, the reason why and the curl line are shown once."""
    findings = [finding_of(path=f"/api/{n}", why=f"why {n}") for n in range(8)]
    entry = next(part for part in render_table(record(report_of(*findings))).split("\n\n") if part.startswith("LEAK  "))
    assert entry.splitlines()[0] == "LEAK  me: 8 routes are open to anyone (guard session)"
    assert [f"GET /api/{n}" in entry for n in range(8)] == [True] * 8
    assert [entry.count(f"\n  {fact} ") for fact in ("why", "fix", "reproduce")] == [1, 1, 1]
    assert "prober explain 'me: *'" in entry


def test_a_mass_skipped_for_one_reason_is_counted_unless_all_is_asked_for(
    finding_of: Make, report_of: MakeReport
) -> None:
    skipped = [
        finding_of(Verdict.SKIPPED, Reason.EFFECT, NO_FORM.detail, path=f"/api/{n}", outcome=NO_FORM) for n in range(9)
    ]
    whole = record(report_of(*locked(finding_of, 1), *skipped))
    short, every = (" ".join(render_table(whole, verbose=verbose).split()) for verbose in (False, True))
    assert "me: GET /api/2 and 6 more: an open door would act" in short
    assert "me: GET /api/7 and me: GET /api/8: an open door would act" in every


def test_only_the_verdicts_are_painted(finding_of: Make, report_of: MakeReport) -> None:
    painted: list[tuple[str, str]] = []

    def paint(text: str, verdict: str) -> str:
        painted.append((text, verdict))
        return f"<{text}>"

    whole = record(leak(finding_of, report_of))
    table = render_table(whole, paint=paint)
    first = table.split("\n\n")[0].replace("<", "").replace(">", "").splitlines()
    assert {text for text, _ in painted} == {"LEAK", "DRIFT", last_line(whole), *first}
    assert re.sub("[<>]", "", table) == render_table(whole)
