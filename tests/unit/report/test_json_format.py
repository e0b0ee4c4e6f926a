"""The report as JSON: golden, read back by a parser, and in ASCII that nothing misreads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.model import Answered, Cause, Finding, Reason, Report, Unanswered, Unsent, Verdict
from prober.report.json_format import render_json
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]


@pytest.fixture(scope="module")
def report(finding_of: Make, report_of: MakeReport) -> Report:
    """One finding of each sort of outcome."""
    redirect = Answered.of(
        status=307, headers=(("location", "/app"),), body=b"", whole=True, attempts=2, elapsed_ms=7
    )  # fmt: skip
    silence = Unanswered(cause=Cause.DNS, detail="the name does not resolve", arrived=False, attempts=3, elapsed_ms=9)
    unsent = Unsent(reason=Reason.EFFECT, detail="an open door would act")
    return report_of(
        finding_of(detail="got 307 to /app, which is not a sign-in, expected 401", outcome=redirect),
        finding_of(Verdict.UNREACHABLE, Reason.DNS, silence.detail, path="/b", variant="subrequest", outcome=silence),
        finding_of(Verdict.SKIPPED, Reason.EFFECT, unsent.detail, path="/c", method="POST", outcome=unsent),
        observed_mode=None, not_served=("login",), untried=("mcp",), notes=("a note",),
    )  # fmt: skip


def test_a_report_is_written_exactly_so(report: Report, golden: Callable[[str], str]) -> None:
    assert render_json(record(report)) == golden("report.json")


def test_a_parser_reads_back_what_the_record_holds(report: Report) -> None:
    whole = record(report)
    assert json.loads(render_json(whole)) == whole


def test_no_number_is_one_that_json_does_not_know(report: Report) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    assert json.loads(render_json(record(report)), parse_constant=refuse)


def test_no_key_stands_twice(report: Report) -> None:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    assert json.loads(render_json(record(report)), object_pairs_hook=once)


def test_letters_of_every_language_are_written_in_ascii_and_read_back(finding_of: Make, report_of: MakeReport) -> None:
    written = render_json(record(report_of(finding_of(why="Über 日本 😀"))))
    assert written.isascii()
    assert json.loads(written)["findings"][0]["why"] == "Über 日本 😀"


def test_it_ends_with_one_line_end(report: Report) -> None:
    assert render_json(record(report)).endswith("}\n")
