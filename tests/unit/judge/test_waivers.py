"""Waivers: which probes each means, that none covers a surface by accident, and what becomes of the findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from prober.definitions.document import parse_document
from prober.definitions.waivers import parse_waivers
from prober.errors import DefinitionError
from prober.judge.exit_status import exit_status, verdict_of_run
from prober.judge.waivers import waive, waiver_notes
from prober.model import ExitStatus, Reason, Source, Verdict, Waiver, WaiverScope, WaiverState

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Plan, Surface

    Make = Callable[..., Finding]
    MakePlan = Callable[..., Plan]

TODAY = date(2026, 11, 22)
ME = "me: GET /api/me"
ANONYMOUS = f"{ME} [anonymous]"
MIGRATE = "migrate: POST /api/migrate"


def waiver(finding: str | None = ANONYMOUS, *, surface: str | None = None, **facts: object) -> Waiver:
    said = Waiver(
        finding=finding, surface=surface, reason="Mended in release 7.", owner="ops", expires=date(2026, 12, 31),
        source=Source(file="waivers.yaml", line=2),
    )  # fmt: skip
    return replace(said, **facts)  # type: ignore[arg-type]


def cover(*names: str, **facts: object) -> WaiverScope:
    return WaiverScope(waiver=waiver(**facts), ids=frozenset(names or [ANONYMOUS]))  # type: ignore[arg-type]


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_file_of_waivers_says_what_is_written() -> None:
    text = (
        "waivers:\n"
        f"  - finding: '{ANONYMOUS}'\n    reason: >\n      Mended in\n      release 7.\n    owner: ops\n    expires: 2026-12-31\n"
        "  - surface: migrate\n    reason: r\n    owner: o\n    expires: '2027-01-01'\n"
    )
    first, second = parse_waivers(parse_document(text, file="waivers.yaml"))
    assert first == waiver(reason="Mended in release 7.")
    assert (second.finding, second.surface, second.expires) == (None, "migrate", date(2027, 1, 1))
    assert (first.name, second.name) == (ANONYMOUS, "surface: migrate")
    assert str(second.source) == "waivers.yaml:8"


# --- which probes they mean -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glob", "meant"),
    [
        pytest.param(ANONYMOUS, {ANONYMOUS}, id="an-id"),
        pytest.param(f"{ME} *", {ANONYMOUS, f"{ME} [bogus-bearer]", f"{ME} [bogus-cookie]"}, id="all-of-a-route"),
        pytest.param("me: * [anonymous]", {ANONYMOUS, "me: POST /api/me/password [anonymous]"}, id="one-way-at-all-routes"),
        pytest.param("me: GET /api/m? [anonymous]", {ANONYMOUS}, id="one-letter"),
        pytest.param("me", set(), id="a-surface-is-no-finding"),
        pytest.param(ME, set(), id="a-route-is-no-finding"),
        pytest.param("GET /api/me", set(), id="a-method-and-path-is-no-finding"),
        pytest.param("/api/me", set(), id="a-path-is-no-finding"),
    ],
)  # fmt: skip
def test_a_waiver_means_findings_by_their_ids_alone(glob: str, meant: set[str], plan_of: MakePlan) -> None:
    [paired] = plan_of(waivers=(waiver(glob),)).waivers
    plan = plan_of()
    planned = {probe.id for probe in (*plan.probes, *(skip.probe for skip in plan.skips))}
    assert paired.ids & planned == meant  # without what is tried once for each guard
    assert [name for name in paired.ids if not name.startswith(glob.partition("*")[0].partition("?")[0])] == []


@pytest.mark.parametrize(
    ("glob", "surface", "more"),
    [
        pytest.param("*", "admin", " and of 28 more", id="everything"),
        pytest.param("me: *", "me", "", id="a-surface"),
        pytest.param("m?: *", "me", "", id="a-surface-in-other-words"),
        pytest.param("migrate: POST *", "migrate", "", id="the-only-route"),
        pytest.param("me*", "me", " and of 2 more", id="surfaces-that-begin-alike"),
    ],
)
def test_a_glob_that_covers_a_surface_is_refused(glob: str, surface: str, more: str, plan_of: MakePlan) -> None:
    with pytest.raises(DefinitionError) as caught:
        plan_of(waivers=(waiver(glob),))
    fix = f"name fewer findings, or write 'surface: {surface}' instead of 'finding' to waive all of it"
    what = f"waivers.yaml:2: '{glob}' covers every probe of surface '{surface}'{more}"
    assert str(caught.value) == f"{what}\n  fix: {fix}"


@pytest.mark.parametrize("only", ["me: GET /api/me", "me: POST /api/me/password", "settings"])
def test_a_surface_is_covered_by_all_of_its_probes_and_not_by_those_of_a_narrowed_run(
    only: str, plan_of: MakePlan
) -> None:
    [paired] = plan_of(only=(only,), waivers=(waiver(f"{ME} *"),)).waivers
    assert ANONYMOUS in paired.ids
    with pytest.raises(DefinitionError, match="covers every probe of surface 'me'"):
        plan_of(only=(only,), waivers=(waiver("me: *"),))


def test_what_is_skipped_anyway_does_not_save_a_glob_that_covers_all_that_is_sent(
    plan_of: MakePlan, surface_of: Callable[[str], Surface]
) -> None:
    text = """\
        surface: x
        about: One route that is sent, and one that acts.
        routes:
          - {route: GET /x, guard: session, why: w, fix: f}
          - {route: POST /x, guard: session, effect: acts, why: w, fix: f}
        """
    surfaces = [surface_of(text)]
    assert {skip.probe.route.method for skip in plan_of(surfaces).skips} == {"POST"}
    with pytest.raises(DefinitionError, match="covers every probe of surface 'x'"):
        plan_of(surfaces, waivers=(waiver("x: GET /x *"),))


def test_a_waiver_of_what_is_skipped_is_not_unmatched(plan_of: MakePlan) -> None:
    [paired] = plan_of(waivers=(waiver(f"{MIGRATE} [session-secret]"),)).waivers
    assert paired.ids == {f"{MIGRATE} [session-secret]"}


def test_the_only_probe_of_a_surface_may_be_named_by_its_id(plan_of: MakePlan, routes_of: Callable[..., Surface]) -> None:  # fmt: skip
    alone = routes_of("GET /x", guard="public")
    made = {"surfaces": [alone], "depth": "quick"}
    [probe] = plan_of(**made).probes
    [paired] = plan_of(**made, waivers=(waiver(probe.id),)).waivers
    assert paired.ids == {probe.id}
    with pytest.raises(DefinitionError):
        plan_of(**made, waivers=(waiver(probe.id.replace("anonymous", "*")),))


def test_a_surface_is_covered_on_purpose_by_its_name(plan_of: MakePlan) -> None:
    plan = plan_of(waivers=(waiver(None, surface="me"),), whole=True)
    [paired] = plan.waivers
    assert paired.ids == {probe.id for probe in plan.probes if probe.route.surface == "me"}


@pytest.mark.parametrize(
    ("said", "nearest"),
    [
        pytest.param({"finding": f"{ME} [anonymus]"}, ANONYMOUS, id="an-id"),
        pytest.param({"finding": "migrat: POST /api/migrate *"}, "migrate", id="a-surface-of-an-id"),
        pytest.param({"finding": None, "surface": "knowlege"}, "knowledge", id="a-surface"),
        pytest.param({"finding": "zzzzzz"}, None, id="nothing"),
    ],
)
def test_a_waiver_that_means_nothing_is_told_what_was_near(
    said: dict[str, str], nearest: str | None, plan_of: MakePlan
) -> None:
    [paired] = plan_of(waivers=(waiver(**said),)).waivers
    assert (paired.ids, paired.nearest) == (frozenset(), nearest)


# --- what becomes of the findings -------------------------------------------------------------------------------------

BAD = [
    pytest.param(Verdict.LEAK, Reason.GRANTED, id="leak"),
    pytest.param(Verdict.DRIFT, Reason.MISSING, id="drift"),
    pytest.param(Verdict.UNPROVEN, Reason.THROTTLED, id="unproven"),
    pytest.param(Verdict.UNREACHABLE, Reason.DNS, id="unreachable"),
]


@pytest.mark.parametrize(("verdict", "reason"), BAD)
def test_a_bad_finding_is_set_aside_and_says_what_it_was(verdict: Verdict, reason: Reason, finding_of: Make) -> None:
    bad, other = finding_of(verdict, reason, "got 200, expected 401"), finding_of(verdict, path="/other")
    covered = cover()
    (found, kept), [report] = waive((bad, other), [covered], today=TODAY)
    assert (found.verdict, found.reason) == (Verdict.SKIPPED, Reason.WAIVED)
    assert found.detail == (
        f"waived until 2026-12-31 by ops ({verdict}, {reason}: got 200, expected 401): Mended in release 7."
    )
    assert found.waived is not None
    assert (found.waived.waiver, found.waived.verdict, found.waived.reason) == (covered.waiver, verdict, reason)
    assert found.outcome == bad.outcome
    assert kept is other
    assert (report.cover, report.state, report.waived) == (covered, WaiverState.APPLIED, 1)


@pytest.mark.parametrize("verdict", [Verdict.LOCKED, Verdict.SKIPPED])
def test_what_is_not_bad_is_left_as_it_is(verdict: Verdict, finding_of: Make) -> None:
    finding = finding_of(verdict)
    found, _ = waive((finding,), [cover()], today=TODAY)
    assert found == (finding,)


@pytest.mark.parametrize(
    ("expires", "verdict"),
    [
        pytest.param(TODAY, Verdict.SKIPPED, id="its-last-day"),
        pytest.param(TODAY - timedelta(days=1), Verdict.LEAK, id="the-day-after"),
    ],
)
def test_a_waiver_is_valid_through_its_last_day(expires: date, verdict: Verdict, finding_of: Make) -> None:
    (found,), _ = waive((finding_of(),), [cover(expires=expires)], today=TODAY)
    assert found.verdict is verdict


def test_of_two_waivers_the_first_that_is_valid_has_the_finding(finding_of: Make) -> None:
    expired = cover(owner="one", expires=TODAY - timedelta(days=1))
    first, second = cover(owner="two"), cover(owner="three")
    (found,), reports = waive((finding_of(),), [expired, first, second], today=TODAY)
    assert found.waived is not None
    assert found.waived.waiver.owner == "two"
    assert [(report.state, report.waived) for report in reports] == [
        (WaiverState.EXPIRED, 0), (WaiverState.APPLIED, 1), (WaiverState.APPLIED, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        pytest.param([Verdict.LOCKED, Verdict.LEAK], WaiverState.APPLIED, id="one-is-bad"),
        pytest.param([Verdict.LOCKED, Verdict.LOCKED], WaiverState.UNNEEDED, id="all-locked"),
        pytest.param([Verdict.LOCKED, Verdict.SKIPPED], WaiverState.UNNEEDED, id="all-that-was-sent-is-locked"),
        pytest.param([Verdict.SKIPPED, Verdict.SKIPPED], WaiverState.UNTRIED, id="nothing-was-sent"),
        pytest.param([], WaiverState.UNTRIED, id="nothing-is-in-this-run"),
    ],
)
def test_what_became_of_a_waiver(verdicts: list[Verdict], state: WaiverState, finding_of: Make) -> None:
    findings = tuple(finding_of(verdict, credential=str(n)) for n, verdict in enumerate(verdicts))
    [report] = waive(findings, [cover(f"{ME} [0]", f"{ME} [1]")], today=TODAY)[1]
    assert report.state is state


def test_a_waiver_that_means_no_probe_is_unmatched() -> None:
    nothing = WaiverScope(waiver=waiver(), ids=frozenset())
    assert [report.state for report in waive((), [nothing], today=TODAY)[1]] == [WaiverState.UNMATCHED]


def test_where_all_is_waived_nothing_is_locked_and_there_is_no_verdict(finding_of: Make) -> None:
    found, _ = waive((finding_of(),), [cover()], today=TODAY)
    verdicts = [finding.verdict for finding in found]
    assert (exit_status(verdicts), verdict_of_run(verdicts)) == (ExitStatus.NO_VERDICT, Verdict.UNPROVEN)


# --- what is said of them ---------------------------------------------------------------------------------------------

LEAD = f"waiver '{ANONYMOUS}' of ops, waivers.yaml:2, "


@pytest.mark.parametrize(
    ("covered", "verdict", "notes"),
    [
        pytest.param(cover(), Verdict.LEAK, [], id="it-applies"),
        pytest.param(
            cover(expires=date(2026, 11, 21)), Verdict.LEAK,
            [f"{LEAD}has expired and does not apply any more: it was valid until 2026-11-21"], id="expired",
        ),
        pytest.param(
            cover(), Verdict.LOCKED, [f"{LEAD}is not needed: all that it covers in this run is locked"], id="unneeded"
        ),
        pytest.param(cover(), Verdict.SKIPPED, [], id="untried"),
        pytest.param(
            WaiverScope(waiver=waiver(), ids=frozenset()), Verdict.LEAK, [f"{LEAD}matches no probe of this plan"], id="unmatched"
        ),
        pytest.param(
            WaiverScope(waiver=waiver(), ids=frozenset(), nearest="me"), Verdict.LEAK,
            [f"waiver '{ANONYMOUS}' (did you mean 'me'?) of ops, waivers.yaml:2, matches no probe of this plan"],
            id="unmatched-and-near",
        ),
        pytest.param(
            cover(expires=date(2026, 12, 6)), Verdict.LEAK, [f"{LEAD}expires on 2026-12-06"], id="expires-in-14-days"
        ),
        pytest.param(cover(expires=TODAY), Verdict.LEAK, [f"{LEAD}expires on 2026-11-22"], id="expires-today"),
        pytest.param(cover(expires=date(2026, 12, 7)), Verdict.LEAK, [], id="expires-in-15-days"),
    ],
)  # fmt: skip
def test_what_somebody_believes_wrongly_of_a_waiver_is_said(
    covered: WaiverScope, verdict: Verdict, notes: list[str], finding_of: Make
) -> None:
    _, reports = waive((finding_of(verdict),), [covered], today=TODAY)
    assert waiver_notes(reports, today=TODAY) == notes


def test_expired_waivers_are_said_first(finding_of: Make) -> None:
    covers = [
        cover(owner="soon", expires=TODAY), WaiverScope(waiver=waiver(owner="unmatched"), ids=frozenset()),
        cover(owner="expired", expires=TODAY - timedelta(days=9)),
    ]  # fmt: skip
    notes = waiver_notes(waive((finding_of(),), covers, today=TODAY)[1], today=TODAY)
    assert [note.partition("' of ")[2].partition(",")[0] for note in notes] == ["expired", "unmatched", "soon"]
