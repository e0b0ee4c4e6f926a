"""Annotations of a workflow: read back as the runner reads them, no more than it shows, the worst first."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.model import ExitStatus, Reason, Verdict
from prober.report.github import MOST, render_github
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report
    from prober.report.shape import Record

COMMAND = re.compile(r"::(\w+) ([^:]*)::(.*)")
Annotation = tuple[str, dict[str, str], str]


def decoded(text: str) -> str:
    """As the runner does it: the percent sign last, else %250A would become a line end."""
    for code, sign in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def annotations_of(whole: Record) -> list[Annotation]:
    found = [COMMAND.fullmatch(line) for line in render_github(whole).splitlines()]
    assert None not in found
    return [
        (
            word,
            {name: decoded(value) for name, _, value in (pair.partition("=") for pair in pairs.split(","))},
            decoded(said),
        )
        for word, pairs, said in (match.groups() for match in found if match)
    ]


def test_a_leak_is_an_error_at_its_definition_with_all_that_one_needs(mixed_report: Report) -> None:
    word, properties, message = annotations_of(record(mixed_report))[1]
    assert word == "error"
    assert properties == {"title": "LEAK migrate: POST /api/migrate", "file": "probes/migrate.yaml", "line": "4"}
    assert message.splitlines() == [
        "granted: got 200, expected 401 [anonymous, bogus-bearer]",
        "why: Strangers read who is signed in.",
        "fix: Set MIGRATION_SECRET.",
        "reproduce: curl -qgsSi --path-as-is -m 15 -X POST -H 'Content-Length: 0' http://127.0.0.1:3000/api/migrate",
    ]


def test_the_worst_comes_first_and_what_is_not_known_is_a_warning(mixed_report: Report) -> None:
    assert [(word, properties["title"].split()[0]) for word, properties, _ in annotations_of(record(mixed_report))] == [
        ("notice", "lockdown-prober"), ("error", "LEAK"), ("error", "DRIFT"), ("warning", "UNPROVEN"), ("warning", "UNREACHABLE"),
    ]  # fmt: skip


def test_since_when_a_door_is_open_comes_first(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["findings"][1]["since"] = "2026-11-20T03:12:00Z"
    assert annotations_of(whole)[1][2].startswith("since 2026-11-20T03:12:00Z\ngranted: ")


def test_drift_that_is_tolerated_is_a_warning(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    whole = record(
        report_of(finding_of(Verdict.LOCKED), finding_of(Verdict.DRIFT, Reason.BROKEN, path="/b"), tolerate_drift=True)
    )
    assert [word for word, _, _ in annotations_of(whole)] == ["notice", "warning"]


@pytest.mark.parametrize(("routes", "said"), [(MOST, ""), (MOST + 1, "2 more routes"), (300, "291 more routes")])
def test_there_are_no_more_than_are_shown_and_the_last_counts_the_rest(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report], routes: int, said: str
) -> None:
    whole = record(report_of(*(finding_of(path=f"/{number}") for number in range(routes))))
    errors = [message for word, _, message in annotations_of(whole) if word == "error"]
    assert len(errors) == MOST
    assert errors[-1].startswith(said)


def test_what_is_said_of_a_whole_service_is_said_once(mixed_report: Report) -> None:
    service = replace(mixed_report.services[0], alive=False, said="nobody answers there")
    found = annotations_of(record(replace(mixed_report, services=(service,))))
    assert [message for word, _, message in found if word == "warning"] == ["nobody answers there"]
    assert [properties["title"].split()[0] for word, properties, _ in found if word == "error"] == ["LEAK", "DRIFT"]


def test_a_run_in_which_nothing_was_looked_at_is_an_error(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    whole = record(report_of(finding_of(Verdict.SKIPPED, Reason.EFFECT)))
    assert whole["exit_status"] == ExitStatus.NO_VERDICT
    assert [word for word, _, _ in annotations_of(whole)] == ["error"]


@pytest.mark.parametrize("text", ["100%", "%0A", "%250A", "a:b,c=d", "a::b", "::error::x", "x,file=/etc/passwd"])
def test_every_sign_is_read_back(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report], text: str
) -> None:
    whole = record(report_of(finding_of(path=f"/{text}", fix=f"{text} x")))
    word, properties, message = annotations_of(whole)[1]
    assert (word, properties["title"], properties["file"]) == ("error", f"LEAK me: GET /{text}", "probes/me.yaml")
    assert f"fix: {whole['findings'][0]['fix']}" in message.splitlines()
