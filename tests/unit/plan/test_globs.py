"""Globs: only * and ? mean anything, so that an id with its brackets can be copied into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.errors import UsageError
from prober.plan.globs import check_globs, ids_matching, matches, names_of_probe, names_of_route

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        pytest.param("*", "anything at all", id="star"),
        pytest.param("*", "", id="star-takes-nothing"),
        pytest.param("mcp: *", "mcp: GET /mcp stream", id="star-at-the-end"),
        pytest.param("*stream", "mcp: GET /mcp stream", id="star-at-the-start"),
        pytest.param("m*p: GET /m*", "mcp: GET /mcp stream", id="stars-within"),
        pytest.param("* [anonymous]", "mcp: GET /mcp stream [anonymous]", id="brackets-are-themselves"),
        pytest.param("GET /?", "GET /x", id="question-mark"),
        pytest.param("GET /x?token=a", "GET /x?token=a", id="question-mark-of-a-query"),
        pytest.param("/api/*", "/api/a/b/c", id="star-crosses-slashes"),
        pytest.param("/a.b+(c)|d^$\\", "/a.b+(c)|d^$\\", id="signs-of-regular-expressions"),
        pytest.param("a*b", "a\nb", id="star-crosses-lines"),
    ],
)
def test_glob_means_the_name(glob: str, name: str) -> None:
    assert matches(glob, [name])


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        pytest.param("mcp", "mcp: GET /mcp", id="whole-name-only-at-its-end"),
        pytest.param("GET /mcp", "mcp: GET /mcp", id="whole-name-only-at-its-start"),
        pytest.param("* [anonymous]", "mcp: GET /mcp a", id="brackets-are-no-class"),
        pytest.param("[am]", "a", id="brackets-are-no-class-of-one"),
        pytest.param("GET /?", "GET /", id="question-mark-takes-one"),
        pytest.param("GET /?", "GET /xy", id="question-mark-takes-only-one"),
        pytest.param("/a.b", "/axb", id="dot-is-a-dot"),
        pytest.param("", "x", id="empty-glob"),
        pytest.param("MCP", "mcp", id="case-counts"),
        pytest.param("mcp", "mcp\n", id="line-end-counts"),
    ],
)
def test_glob_does_not_mean_the_name(glob: str, name: str) -> None:
    assert not matches(glob, [name])


def test_one_of_several_names_is_enough() -> None:
    assert matches("/b", ["/a", "/b"])
    assert not matches("/c", ["/a", "/b"])
    assert not matches("*", [])


@given(st.text(alphabet=st.characters(exclude_characters="*?")), st.text())
def test_glob_without_signs_means_itself_alone(glob: str, other: str) -> None:
    assert matches(glob, [glob])
    assert matches(glob, [other]) is (glob == other)


@given(st.text(), st.text(), st.text())
def test_star_takes_whatever_stands_there(start: str, middle: str, end: str) -> None:
    plain = str.maketrans("*?", "xx")
    assert matches(f"{start.translate(plain)}*{end.translate(plain)}", [(start + middle + end).translate(plain)])


def test_names_that_a_probe_goes_by(plan_of: Callable[..., Plan]) -> None:
    [probe] = plan_of(only=("mcp: GET /mcp stream [anonymous]",)).probes
    assert names_of_route(probe.route) == ("mcp: GET /mcp stream", "GET /mcp", "/mcp", "mcp")
    assert names_of_probe(probe) == ("mcp: GET /mcp stream [anonymous]", *names_of_route(probe.route))


@pytest.mark.parametrize(
    ("globs", "message"),
    [
        pytest.param(["mpc"], "error: --only 'mpc' matches no probe\n  fix: did you mean 'mcp'?", id="near-a-surface"),
        pytest.param(
            ["mcp", "GET /mpc"],
            "error: --only 'GET /mpc' matches no probe\n  fix: did you mean 'GET /mcp'?",
            id="second-of-two-near-a-route",
        ),
        pytest.param(
            ["zzzzzz"], "error: --only 'zzzzzz' matches no probe\n  fix: see the ids in 'prober plan'", id="far-off"
        ),
        pytest.param([""], "error: --only '' matches no probe\n  fix: see the ids in 'prober plan'", id="empty"),
    ],
)
def test_glob_that_means_no_probe_is_refused(globs: list[str], message: str, plan_of: Callable[..., Plan]) -> None:
    probes = plan_of(only=("mcp",)).probes
    with pytest.raises(UsageError) as caught:
        check_globs(globs, probes, option="--only")
    assert str(caught.value) == message


def test_globs_that_mean_probes_are_let_through(plan_of: Callable[..., Plan]) -> None:
    check_globs(["mcp", "GET /mcp", "*[bogus-bearer]"], plan_of(only=("mcp",)).probes, option="--only")


def test_globs_name_the_ids_of_what_is_sent_and_of_what_is_skipped(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(only=("mcp: GET /mcp stream *", "reminders"))
    assert plan.probes
    assert plan.skips
    everything = {probe.id for probe in (*plan.probes, *(skip.probe for skip in plan.skips))}
    skipped = plan.skips[0].probe
    assert ids_matching([skipped.id, "mcp: GET /mcp stream [anonymous]"], plan) == {
        skipped.id, "mcp: GET /mcp stream [anonymous]",
    }  # fmt: skip
    assert ids_matching(["mcp"], plan) == {name for name in everything if name.startswith("mcp: ")}
    assert ids_matching(["*"], plan) == everything
    assert ids_matching([], plan) == frozenset()
    assert ids_matching(["elsewhere"], plan) == frozenset()
