"""What an alert says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.canary.alert_state import step
from prober.canary.finding_state import FindingState, Moment, Transition
from prober.canary.grouping import worst_first
from prober.canary.messages import MOST_ENTRIES, MOST_LINES, AlertContent, message
from prober.canary.recorder import seen_in
from prober.canary.times import lasted, stamp
from prober.model import Verdict
from prober.report.record import record
from tests.support.receivers import NOW, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report

pytestmark = pytest.mark.integration


def news(*transitions: Transition) -> AlertContent:
    return AlertContent(deployment="web https://h", now=Moment(run="r", at=stamp(NOW), release="1.0.397"), transitions=transitions, still=(), headline="1 door is open. Do first: lock it.")  # fmt: skip


def test_a_wide_open_deployment_is_one_message_of_some_length() -> None:
    transitions = [opened(f"s: GET /{n} [{credential}]") for n in range(300) for credential in ("anonymous", "bogus")]
    made = message(news(*transitions), receiver="r")
    assert made["title"] == "300 routes became public (s GET /0, s GET /1, s GET /2 and 297 more): web https://h"
    assert made["counts"]["opened"] == 600
    assert len(made["opened"]) == MOST_ENTRIES
    assert made["text"].count("\n- ") == MOST_LINES + 1
    assert "- and 288 more" in made["text"]
    assert "- s: GET /0 [anonymous, bogus]: leak, answered 200; since" in made["text"]


def test_a_message_says_what_to_do_first_and_gives_nothing_to_an_attacker() -> None:
    made = message(news(opened("me: GET /api/me [anonymous]")), receiver="r")
    assert "first seen with release 1.0.397 (previous: 1.0.396)" in made["text"]
    assert made["text"].endswith(
        "1 door is open. Do first: lock it.\nWhat is expected and how to fix it: prober explain 'me: GET /api/me [anonymous]'"
    )
    assert "curl" not in json.dumps(made)


def test_a_message_keeps_its_id_for_one_receiver_alone() -> None:
    made = [message(news(opened("a [b]")), receiver=receiver)["id"] for receiver in ("r", "r", "s")]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(
    ("transitions", "level", "title"),
    [
        pytest.param((opened("a [x]"), opened("b [x]", Verdict.DRIFT)), "leak", "1 route became public (a), 1 route answers unexpectedly", id="leak-and-drift"),
        pytest.param((opened("a [x]", Verdict.UNREACHABLE), opened("a [y]", Verdict.UNREACHABLE)), "warning", "1 route could not be checked", id="unreachable"),
        pytest.param((opened("a [x]", Verdict.DRIFT), opened("b [x]", Verdict.DRIFT)), "warning", "2 routes answer unexpectedly (a, b)", id="drift"),
    ],
)  # fmt: skip
def test_a_title_counts_routes(transitions: tuple[Transition, ...], level: str, title: str) -> None:
    made = message(news(*transitions), receiver="r")
    assert (made["level"], made["title"]) == (level, f"{title}: web https://h")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3_600, "1 h"), (3_601, "1 h"), (5_000, "1 h 23 min"), (200_000, "2 d 7 h"), (-5, "0 s")],
)  # fmt: skip
def test_a_length_of_time_is_said_in_two_units(seconds: int, text: str) -> None:
    assert lasted(seconds) == text


def test_the_title_names_the_worst_first(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> None:
    """The order of a run's findings is that of the plan; people who are paged are told of what is worst."""
    paths = (("GET", "/status"), ("GET", "/api/users"), ("POST", "/api/things"), ("GET", "/api/tokens"), ("GET", "/a"))
    whole = record(report_of(*(finding_of(path=path, method=method) for method, path in paths)))
    found = step({}, seen_in(whole), Moment(run="r", at="2026-11-22T10:00:00Z"), confirm=1)
    title = message(news(*found.transitions), receiver="r")["title"]
    assert title.startswith(
        "5 routes became public (me GET /api/tokens, me POST /api/things, me GET /api/users and 2 more)"
    )


def test_what_is_still_open_is_told_worst_first() -> None:
    at = Moment(run="r", at="2026-11-22T10:00:00Z")
    states = [
        FindingState(id=name, verdict=verdict, reason="granted", detail="d", since=at, seen_at=at.at)
        for name, verdict in (
            ("s: GET /api/users [a]", Verdict.LEAK), ("s: GET /api/tokens [a]", Verdict.DRIFT), ("s: POST /x [a]", Verdict.LEAK),
        )
    ]  # fmt: skip
    assert [state.id for state in worst_first(states)] == [
        "s: POST /x [a]", "s: GET /api/users [a]", "s: GET /api/tokens [a]",
    ]  # fmt: skip
