"""What stands, and what a run changes of it: tables of runs, each with what it finds of one finding, and what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.canary.alert_state import reminders, step
from prober.canary.finding_state import FindingState, Moment, RunFinding
from prober.model import Change, Verdict

if TYPE_CHECKING:
    from prober.canary.finding_state import Transition

ID = "me: GET /api/me [anonymous]"
LETTERS = {
    "L": (Verdict.LOCKED, "as-promised"),
    "!": (Verdict.LEAK, "granted"),
    "d": (Verdict.LEAK, "disclosed"),
    "~": (Verdict.DRIFT, "wrong-status"),
    "%": (Verdict.DRIFT, "broken"),
    "?": (Verdict.UNPROVEN, "gateway"),
    "x": (Verdict.UNREACHABLE, "refused"),
    "w": (Verdict.SKIPPED, "waived"),
    "s": (Verdict.SKIPPED, "opened-already"),
    "-": None,  # no probe of that run's plan
}


def moment(n: int) -> Moment:
    return Moment(run=f"run-{n}", at=f"2026-11-22T03:{n:02d}:00Z", release=f"1.{n}", before=f"1.{n - 1}" if n else None)


def watched(runs: str, *, confirm: int = 2) -> tuple[dict[str, FindingState], list[tuple[int, Transition]]]:
    """Take these runs in, a letter each; give what stands, and what each run has shifted."""
    known: dict[str, FindingState] = {}
    transitions: list[tuple[int, Transition]] = []
    for n, letter in enumerate(runs):
        found = LETTERS[letter]
        seen = [] if found is None else [RunFinding(id=ID, verdict=found[0], reason=found[1], detail=f"in run {n}")]
        stepped = step(known, seen, moment(n), confirm=confirm)
        known = {name: s for name, s in known.items() if name not in stepped.gone}
        known |= {state.id: state for state in stepped.states}
        transitions += [(n, transition) for transition in stepped.transitions]
    return known, transitions


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        pytest.param("LLL", [], id="nothing-changes"),
        pytest.param("!", ["0 opened leak"], id="what-is-open-at-first-has-opened"),
        pytest.param("~~", ["1 changed drift"], id="drift-at-first-waits-too"),
        pytest.param("L!", ["1 opened leak"], id="leak-at-once"),
        pytest.param("L!!!", ["1 opened leak"], id="leak-once"),
        pytest.param("L!LL", ["1 opened leak", "3 closed locked"], id="closed"),
        pytest.param("L!L", ["1 opened leak"], id="not-closed-by-one-run"),
        pytest.param("L!L!L!L!", ["1 opened leak"], id="a-lock-that-holds-now-and-then-is-open"),
        pytest.param("L~L", [], id="one-drift-is-chance"),
        pytest.param("L~~", ["2 changed drift"], id="two-are-none"),
        pytest.param("L~L~L~", [], id="not-in-a-row"),
        pytest.param("L~%", ["2 changed drift"], id="drift-of-another-reason-is-still-drift"),
        pytest.param("Lx?x?", [], id="unreachable-and-unproven-in-turn-are-no-row"),
        pytest.param("Lxx", ["2 changed unreachable"], id="unreachable"),
        pytest.param("L??LL", ["2 changed unproven", "4 changed locked"], id="unproven-and-over"),
        pytest.param("L~~!", ["2 changed drift", "3 opened leak"], id="drift-that-becomes-a-leak-opens"),
        pytest.param("!~~", ["0 opened leak", "2 changed drift"], id="leak-that-becomes-drift-changes"),
        pytest.param("!~!", ["0 opened leak"], id="and-not-by-one-run"),
        pytest.param("!d", ["0 opened leak", "1 changed leak"], id="leak-of-another-reason-is-news"),
        pytest.param("~~%", ["1 changed drift"], id="drift-of-another-reason-is-none"),
        pytest.param("!xxxx", ["0 opened leak"], id="nobody-answers-and-the-door-stays-open"),
        pytest.param("!xLxL", ["0 opened leak", "4 closed locked"], id="who-does-not-answer-does-not-break-a-row-either"),
        pytest.param("~~????", ["1 changed drift"], id="drift-stays-while-nobody-can-tell"),
        pytest.param("!ss", ["0 opened leak"], id="skipped-says-nothing"),
        pytest.param("!w", ["0 opened leak", "1 changed skipped"], id="waived-is-said-at-once"),
        pytest.param("!w!", ["0 opened leak", "1 changed skipped", "2 opened leak"], id="a-waiver-that-has-expired"),
        pytest.param("!-", ["0 opened leak", "1 gone None"], id="not-probed-any-more"),
        pytest.param("xx??", ["1 changed unreachable", "3 changed unproven"], id="from-nobody-to-somebody-else"),
    ],
)  # fmt: skip
def test_runs_are_told_of(runs: str, told: list[str]) -> None:
    _, transitions = watched(runs)
    assert [
        f"{n} {transition.change} {transition.after}" for n, transition in transitions if transition.is_news
    ] == told


@pytest.mark.parametrize(
    ("confirm", "runs", "told"),
    [
        pytest.param(1, "L~L", [1, 2], id="at-once"),
        pytest.param(2, "L~~LL", [2, 4], id="two"),
        pytest.param(3, "L~~LL", [], id="two-are-not-three"),
        pytest.param(3, "L~~~LLL", [3, 6], id="three"),
    ],
)
def test_so_many_runs_in_a_row_confirm(confirm: int, runs: str, told: list[int]) -> None:
    assert [n for n, transition in watched(runs, confirm=confirm)[1] if transition.is_news] == told


def test_what_is_confirmed_is_dated_by_the_first_run_that_found_it_so() -> None:
    known, [(_, opened), (_, closed)] = watched("L~~LL")
    assert (opened.at, opened.since) == (moment(1), None)
    assert (closed.at, closed.since) == (moment(3), moment(1).at)
    assert known[ID].since == moment(3)


def test_what_stands_remembers_its_release_and_the_one_before() -> None:
    known, _ = watched("L!!!")
    assert (known[ID].since.release, known[ID].since.before) == ("1.1", "1.0")
    assert known[ID].seen_at == moment(3).at


def test_first_run_has_no_new_findings_and_a_later_one_has() -> None:
    first = step(
        {}, [RunFinding(id="a", verdict=Verdict.LOCKED, reason="as-promised", detail="")], moment(0), confirm=2
    )
    assert first.transitions == ()
    known = {state.id: state for state in first.states}
    both = [RunFinding(id=name, verdict=Verdict.LOCKED, reason="as-promised", detail="") for name in ("a", "b")]
    later = step(known, both, moment(1), confirm=2)
    assert [(transition.id, transition.change, transition.is_news) for transition in later.transitions] == [
        ("b", Change.NEW, False)
    ]


def test_what_stands_says_what_was_last_seen_of_it() -> None:
    (drift,) = watched("~%", confirm=1)[0].values()
    assert (drift.reason, drift.detail, drift.seen_at, drift.since) == ("broken", "in run 1", moment(1).at, moment(0))
    (waiting,) = watched("L~")[0].values()
    assert waiting.pending is not None
    assert (waiting.verdict, waiting.reason, waiting.detail) == (Verdict.LOCKED, "as-promised", "")
    assert (waiting.pending.reason, waiting.pending.detail) == ("wrong-status", "in run 1")
    (first,) = watched("~")[0].values()
    assert (first.verdict, first.reason, first.detail) == (None, "wrong-status", "")
    assert (first.since, first.seen_at) == (moment(0), moment(0).at)
    (confirmed,) = watched("L~~")[0].values()
    assert (confirmed.since, confirmed.seen_at) == (moment(1), moment(2).at)


def test_what_is_locked_has_nothing_to_tell_and_nothing_to_be_reminded_of() -> None:
    (open_,) = watched("!")[0].values()
    told = replace(open_, alerted_at=moment(0).at)
    stepped = step({ID: told}, [RunFinding(id=ID, verdict=Verdict.LOCKED, reason="as-promised", detail="answered 401")], moment(1), confirm=1)  # fmt: skip
    (closed,) = stepped.states
    assert (closed.detail, closed.alerted_at) == ("", None)
    assert stepped.transitions[0].detail == "answered 401"
    again = step({ID: closed}, [RunFinding(id=ID, verdict=Verdict.LOCKED, reason="promised-otherwise", detail="answered 403")], moment(2), confirm=1)  # fmt: skip
    assert [(one.reason, one.detail) for one in again.states] == [("promised-otherwise", "")]
    same = step({ID: closed}, [RunFinding(id=ID, verdict=Verdict.LOCKED, reason="as-promised", detail="answered 401")], moment(2), confirm=1)  # fmt: skip
    assert (same.states, same.transitions) == ((), ())


def test_what_was_told_of_stays_so_while_it_is_open_under_another_name() -> None:
    (drift,) = watched("~", confirm=1)[0].values()
    told = replace(drift, alerted_at=moment(0).at)
    stepped = step(
        {ID: told}, [RunFinding(id=ID, verdict=Verdict.LEAK, reason="granted", detail="")], moment(1), confirm=1
    )
    assert [one.alerted_at for one in stepped.states] == [moment(0).at]


def test_changes_say_what_was_and_since_when() -> None:
    (_, (_, changed)) = watched("!d")[1]
    assert (changed.before, changed.at, changed.since, changed.detail) == (Verdict.LEAK, moment(1), moment(0).at, "in run 1")  # fmt: skip
    (_, (_, gone)) = watched("!-")[1]
    assert (gone.id, gone.reason, gone.at, gone.since) == (ID, "granted", moment(1), moment(0).at)
    assert gone.detail == "the plan no longer has this probe"
    ((_, unseen),) = watched("L-")[1]
    assert (unseen.since, unseen.is_news) == (None, False)
    known = {"a": watched("L")[0][ID]}
    new = step(known, [RunFinding(id="b", verdict=Verdict.LOCKED, reason="as-promised", detail="")], moment(3), confirm=2, whole=False)  # fmt: skip
    assert [(transition.at, transition.detail) for transition in new.transitions] == [(moment(3), "")]


def test_a_run_that_is_not_whole_takes_nothing_away() -> None:
    known, _ = watched("!")
    assert step(known, [], moment(1), confirm=2).gone == (ID,)
    assert step(known, [], moment(1), confirm=2, whole=False) == replace(
        step(known, [], moment(1), confirm=2), gone=(), transitions=()
    )


@given(st.text(alphabet="L!~?xs", min_size=1, max_size=30), st.integers(1, 4))
def test_a_leak_stands_until_it_is_proven_otherwise(runs: str, confirm: int) -> None:
    known, transitions = watched(runs, confirm=confirm)
    stands = ID in known and known[ID].verdict is Verdict.LEAK
    told = [transition for _, transition in transitions if Verdict.LEAK in {transition.before, transition.after}]
    assert stands == bool(told and told[-1].after is Verdict.LEAK)
    after = runs[runs.rindex("!") + 1 :] if "!" in runs else None
    proven = [letter for letter in after or "" if letter in "L~"]
    in_a_row = any(proven[n : n + confirm] in (["L"] * confirm, ["~"] * confirm) for n in range(len(proven)))
    assert stands == (after is not None and not in_a_row)


def test_reminders_are_of_all_that_is_open_once_the_first_is_due() -> None:
    known, _ = watched("!")
    old = replace(known[ID], alerted_at="2026-11-22T03:00:00Z")
    young = replace(known[ID], id="b", alerted_at="2026-11-22T09:00:00Z")
    shut = replace(known[ID], id="c", verdict=Verdict.LOCKED, alerted_at="2026-11-22T03:00:00Z")
    untold = replace(known[ID], id="d", alerted_at=None)
    assert reminders([old, young, shut], alerted_before="2026-11-22T03:00:00Z") == (old, young)
    assert reminders([old, young, shut], alerted_before="2026-11-22T02:59:59Z") == ()
    assert reminders([shut, untold], alerted_before="2026-11-23T00:00:00Z") == ()


# --- a route and its probes -------------------------------------------------------------------------------------------

OTHER = "me: GET /api/me [bogus-bearer]"


def watched_route(*runs: str, confirm: int = 2) -> list[tuple[int, str, str, bool]]:
    """Take in runs of two probes of a route, two letters each; give the changes: run, what, of which, whether news."""
    known: dict[str, FindingState] = {}
    changes: list[tuple[int, str, str, bool]] = []
    for n, letters in enumerate(runs):
        seen = [
            RunFinding(id=name, verdict=LETTERS[letter][0], reason=LETTERS[letter][1], detail="")  # type: ignore[index]
            for name, letter in zip((ID, OTHER), letters, strict=True)
        ]
        stepped = step(known, seen, moment(n), confirm=confirm)
        known |= {state.id: state for state in stepped.states}
        changes += [(n, t.change, t.id.partition("[")[2], t.is_news) for t in stepped.transitions]
    return changes


def test_a_route_that_is_half_mended_is_not_closed_before_all_of_it_is() -> None:
    both = [(0, "opened", "anonymous]", True), (0, "opened", "bogus-bearer]", True)]
    assert watched_route("!!", "L!", "L!", "L!") == both
    assert watched_route("!!", "L!", "L!", "LL", "LL") == [
        *both, (4, "closed", "anonymous]", True), (4, "closed", "bogus-bearer]", True),
    ]  # fmt: skip
    assert watched_route("!!", "LL", confirm=1)[2:] == [
        (1, "closed", "anonymous]", True), (1, "closed", "bogus-bearer]", True),
    ]  # fmt: skip


def test_a_route_is_not_closed_by_what_proves_nothing() -> None:
    assert watched_route("!!", "L?", "L?", "L?")[2:] == []


def test_another_probe_that_finds_an_open_route_open_is_no_news_and_closes_nothing() -> None:
    assert watched_route("!L", "L!", "L!", "!L", "!L") == [
        (0, "opened", "anonymous]", True), (1, "opened", "bogus-bearer]", False),
    ]  # fmt: skip


def test_a_closed_route_that_opens_again_is_news() -> None:
    assert watched_route("!L", "LL", "LL", "L!")[2:] == [(3, "opened", "bogus-bearer]", True)]


def test_another_route_closes_by_itself() -> None:
    known: dict[str, FindingState] = {}
    names = ("me: GET /api/me [anonymous]", "me: GET /api/me/name [anonymous]")
    for n, letters in enumerate(("!!", "L!", "L!")):
        seen = [
            RunFinding(id=name, verdict=LETTERS[letter][0], reason="r", detail="")  # type: ignore[index]
            for name, letter in zip(names, letters, strict=True)
        ]
        stepped = step(known, seen, moment(n), confirm=2)
        known |= {state.id: state for state in stepped.states}
    assert [(t.id, t.change) for t in stepped.transitions] == [(names[0], "closed")]


def test_two_probes_of_a_route_that_flaps_close_together() -> None:
    known: dict[str, FindingState] = {}
    closed: list[tuple[int, str]] = []
    for n, letters in enumerate(["!L", "L!", *["LL"] * 12]):
        seen = [
            RunFinding(id=name, verdict=LETTERS[letter][0], reason="r", detail="")  # type: ignore[index]
            for name, letter in zip((ID, OTHER), letters, strict=True)
        ]
        stepped = step(known, seen, moment(n), confirm=2, recently_closed={"me: GET /api/me": "2026-11-22T02:00:00Z"})
        known |= {state.id: state for state in stepped.states}
        closed += [(n, t.id) for t in stepped.transitions if t.change is Change.CLOSED]
    assert closed == [(11, ID), (11, OTHER)]
