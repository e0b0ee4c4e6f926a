"""One message speaks of a cause, however many deployments have it, and none is forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.canary.finding_state import FindingState, Moment, Pending
from prober.canary.times import stamp
from prober.fleet.alerts import Group, after_alert, due_groups, message
from prober.model import Change, Verdict

T = 1_800_000_000.0
WAIT = 600.0
NAMES = [f"shop-{number}" for number in range(300)]
LABELS = {name: (("env", "preview" if int(name[5:]) % 3 else "prod"),) for name in NAMES}


def state(
    name: str, cause: str = "me: GET /api/me", verdict: Verdict = Verdict.LEAK, told: float | None = None
) -> FindingState:
    moment = Moment(run="r", at=stamp(T - 60))
    return FindingState(
        id=f"{name} {cause}", verdict=verdict, reason="granted", detail="", since=moment, seen_at=moment.at,
        alerted_at=None if told is None else stamp(told),
    )  # fmt: skip


def due(
    *states: FindingState, told: dict[str, float] | None = None, remind: float = 0.0, names: list[str] = NAMES
) -> list[tuple[str, str, int]]:
    found = due_groups(states, now=T, last_alert=told or {}, wait=WAIT, remind=remind, inventory=frozenset(names))
    return [(group.change, group.cause, len(group.states)) for group in found]


def test_a_new_cause_is_told_at_once_and_once_for_three_hundred_deployments() -> None:
    assert due(*(state(name) for name in NAMES)) == [("opened", "me: GET /api/me", 300)]


def test_what_has_the_same_cause_later_is_collected() -> None:
    first, later = state("shop-0", told=T - 10), [state(name) for name in NAMES[1:]]
    assert due(first, *later, told={"me: GET /api/me": T - 10}) == []
    assert due(first, *later, told={"me: GET /api/me": T - WAIT}) == [("opened", "me: GET /api/me", 299)]
    other = state("shop-1", "me: GET /api/other")
    assert due(first, *later, other, told={"me: GET /api/me": T - 10}) == [("opened", "me: GET /api/other", 1)]


@pytest.mark.parametrize(
    ("states", "groups"),
    [
        pytest.param([state("shop-0", told=T - 9)], [], id="told"),
        pytest.param([state("shop-0", verdict=Verdict.LOCKED, told=T - 9)], [("closed", "me: GET /api/me", 1)], id="over"),
        pytest.param([state("shop-0", verdict=Verdict.LOCKED)], [], id="over-and-never-told"),
        pytest.param([state("gone-1", told=T - 9)], [("gone", "me: GET /api/me", 1)], id="left-the-fleet"),
        pytest.param([state("gone-1")], [], id="left-the-fleet-and-never-told"),
    ],
)  # fmt: skip
def test_whom_to_tell_follows_from_what_stands_and_what_was_told(
    states: list[FindingState], groups: list[tuple[str, str, int]]
) -> None:
    assert due(*states) == groups


def test_what_is_still_open_is_told_again_after_a_while() -> None:
    old, new = state("shop-0", told=T - 100), state("shop-1", told=T - 10)
    assert due(old, new, remind=50.0, told={"me: GET /api/me": T - 10}) == [("still-open", "me: GET /api/me", 1)]
    assert due(old, new, remind=0.0) == []


def test_leaks_come_first() -> None:
    states = [state("shop-0", "a", Verdict.UNPROVEN), state("shop-1", "b", Verdict.DRIFT), state("shop-2", "c")]
    assert [cause for _, cause, _ in due(*states)] == ["c", "b", "a"]


def test_after_a_message_what_was_told_is_marked_and_what_is_over_is_forgotten() -> None:
    at, waits = stamp(T), Pending(verdict=Verdict.LEAK, reason="", detail="", since=Moment(run="r", at="x"), runs=1)
    over = state("shop-0", verdict=Verdict.LOCKED, told=T - 9)
    opened = after_alert(state("shop-0"), Change.OPENED, at)
    assert opened is not None
    assert opened.alerted_at == at
    assert after_alert(over, Change.CLOSED, at) is None
    assert after_alert(replace(over, pending=waits), Change.CLOSED, at) == replace(over, pending=waits, alerted_at=None)


def made(*groups: Group) -> dict[str, object]:
    return dict(message(groups, fleet="acme", at=stamp(T), counts={"leak": 1}, labels=LABELS, receiver="r", run="1"))


def test_a_message_names_the_cause_how_many_have_it_and_what_sets_them_apart() -> None:
    affected = tuple(state(name) for name in NAMES if int(name[5:]) % 3)
    told = made(Group(change=Change.OPENED, cause="me: GET /api/me", states=affected))
    assert told["title"] == "me: GET /api/me became public at 200 deployments: fleet acme"
    assert told["level"] == "leak"
    text = str(told["text"])
    assert text.startswith("OPENED\n- me: GET /api/me: leak, granted; at 200 deployments (shop-1, ")
    assert " and 180 more); env=preview; since " in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("group", "level", "title"),
    [
        pytest.param(Group(change="closed", cause="me: GET /x", states=(state("shop-0", verdict=Verdict.LOCKED),)), "closed", "me: GET /x is locked again at 1 deployment", id="closed"),
        pytest.param(Group(change="opened", cause="no verdict", states=(state("shop-0", verdict=Verdict.UNPROVEN),)), "warning", "no verdict at 1 deployment", id="away"),
        pytest.param(Group(change="closed", cause="no verdict", states=(state("shop-0", verdict=Verdict.LOCKED),)), "closed", "verdict again at 1 deployment", id="back"),
        pytest.param(Group(change="opened", cause="me: GET /x", states=(state("shop-0", verdict=Verdict.DRIFT),)), "warning", "me: GET /x now answers unexpectedly at 1 deployment", id="drift"),
        pytest.param(Group(change="still-open", cause="me: GET /x", states=(state("shop-0"),)), "leak", "me: GET /x is still public at 1 deployment", id="still"),
        pytest.param(Group(change="gone", cause="me: GET /x", states=(state("left"),)), "leak", "me: GET /x is no longer probed at 1 deployment", id="gone"),
    ],
)  # fmt: skip
def test_each_kind_of_news_has_a_title(group: Group, level: str, title: str) -> None:
    told = made(group)
    assert (told["level"], told["title"]) == (level, f"{title}: fleet acme")


def test_many_causes_are_one_message() -> None:
    told = made(*(Group(change="opened", cause=f"me: GET /{n}", states=(state("shop-0"),)) for n in range(200)))
    assert str(told["title"]).endswith("became public at 1 deployment, 197 more causes: fleet acme")
    assert (len(str(told["text"]).splitlines()), len(told["causes"])) == (22, 100)  # type: ignore[arg-type]
