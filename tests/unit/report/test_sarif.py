"""SARIF: valid by the schema of the standard, and what code scanning makes of it stays the same from run to run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from prober.model import Verdict
from prober.report.record import record
from prober.report.sarif import render_sarif

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report
    from prober.report.shape import Record

SCHEMA = Draft4Validator(
    json.loads((Path(__file__).parents[2] / "data/schemas/sarif-2.1.0.json").read_text(encoding="utf-8"))
)


def read(whole: Record) -> dict[str, Any]:
    document = json.loads(render_sarif(whole))
    assert [error.message for error in SCHEMA.iter_errors(document)] == []
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def test_the_schema_can_say_no() -> None:
    assert not SCHEMA.is_valid({"version": "2.1.0", "runs": [{"tool": {}}]})


def test_each_route_and_reason_is_a_result_the_worst_first(mixed_report: Report) -> None:
    results = read(record(mixed_report))["results"]
    assert [(found["ruleId"], found["level"]) for found in results] == [
        ("migrate: POST /api/migrate", "error"), ("me: GET /api/b", "warning"),
        ("me: GET /api/c", "note"), ("me: GET /api/d", "note"),
    ]  # fmt: skip
    assert results[0]["properties"]["findings"] == [
        f"migrate: POST /api/migrate [{credential}]" for credential in ("anonymous", "bogus-bearer")
    ]
    assert results[0]["occurrenceCount"] == 2
    assert "suppressions" not in results[0]


def test_another_reason_of_the_same_route_is_another_result(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["findings"][2]["reason"] = "disclosed"
    first, second, *_ = read(whole)["results"]
    assert first["ruleId"] == second["ruleId"] == "migrate: POST /api/migrate"
    assert first["partialFingerprints"] != second["partialFingerprints"]


def test_a_leak_is_a_result_where_its_route_is_written(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["findings"][1]["since"] = "2026-11-20T03:12:00Z"
    leak = read(whole)["results"][0]
    assert leak["message"]["text"] == (
        "LEAK since 2026-11-20T03:12:00Z: granted: got 200, expected 401 (anonymous, bogus-bearer)"
    )
    assert leak["locations"] == [{
        "physicalLocation": {"artifactLocation": {"uri": "probes/migrate.yaml"}, "region": {"startLine": 4}},
        "logicalLocations": [{"fullyQualifiedName": "migrate: POST /api/migrate", "kind": "resource"}],
    }]  # fmt: skip
    assert leak["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "profiles/oauth.yaml"


def test_a_rule_for_each_route_says_why_what_mends_it_and_how_to_see_it(mixed_report: Report) -> None:
    run = read(record(mixed_report))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [
        "me: GET /api/me", "migrate: POST /api/migrate", "me: GET /api/b", "me: GET /api/c", "me: GET /api/d", "me: POST /api/e",
    ]  # fmt: skip
    assert [rules[found["ruleIndex"]]["id"] for found in run["results"]] == [
        found["ruleId"] for found in run["results"]
    ]
    text = rules[1]["help"]["text"].split("\n\n")
    assert text[0] == "Strangers read who is signed in."
    assert text[1].startswith("granted: a success, or a redirect that does not lead to a sign-in")
    assert text[2] == "Fix: Set MIGRATION_SECRET."
    assert text[3].startswith("See: curl -qgsSi ")
    assert text[4] == "More: prober explain 'migrate: POST /api/migrate'"
    html = MarkdownIt().render(rules[1]["help"]["markdown"])
    assert "<strong>Fix:</strong> Set MIGRATION_SECRET." in html
    assert [rule["properties"].get("security-severity") for rule in rules] == [None, "9.1", "5.0", "2.0", "2.0", None]
    assert [rule["defaultConfiguration"]["level"] for rule in rules] == [
        "error",
        "error",
        "warning",
        "note",
        "note",
        "error",
    ]


def test_a_fingerprint_stays_when_the_answer_and_the_line_change(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    leak, other = finding_of(), finding_of(path="/api/other")
    moved = replace(leak, verdict=Verdict.DRIFT, detail="got 500, expected 401")
    line = replace(moved.probe.route.source, line=77)
    moved = replace(moved, probe=replace(moved.probe, route=replace(moved.probe.route, source=line)))
    prints = [read(record(report_of(finding)))["results"][0]["partialFingerprints"] for finding in (leak, moved, other)]
    assert prints[0] == prints[1]
    assert prints[0]["routeReason/v1"] == "me: GET /api/me [granted]"
    assert prints[0]["primaryLocationLineHash"] == "d655988698641ad9:1"
    assert not set(prints[0].values()) & set(prints[2].values())


@pytest.mark.parametrize(
    ("facts", "successful", "code"),
    [
        pytest.param({}, True, 1, id="leak"),
        pytest.param({"verdict": Verdict.UNPROVEN, "exit_status": 2}, False, 2, id="no-verdict"),
        pytest.param({"interrupted": True}, False, 1, id="interrupted"),
    ],
)
def test_a_run_without_a_verdict_was_no_success(
    mixed_report: Report, facts: dict[str, Any], *, successful: bool, code: int
) -> None:
    (invocation,) = read(record(replace(mixed_report, **facts)))["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (successful, code)
    assert (invocation["startTimeUtc"], invocation["endTimeUtc"]) == (
        "2026-11-22T10:00:00Z",
        "2026-11-22T10:00:01.234Z",
    )
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == ["a note"]


def test_what_was_waived_is_a_result_that_is_suppressed(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["findings"][6] |= {"reason": "waived", "detail": "waived by us", "waiver": "me: *", "waived": "leak: granted"}
    waived = read(whole)["results"][-1]
    assert (waived["ruleId"], waived["level"]) == ("me: POST /api/e", "error")
    assert waived["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "me: *: waived by us"}
    ]


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        pytest.param("probes/me.yaml:4", "probes/me.yaml", id="in-the-repository"),
        pytest.param("/etc/prober/my probes.yaml:4", "file:///etc/prober/my%20probes.yaml", id="elsewhere"),
        pytest.param("prober.yaml", "prober.yaml", id="without-a-line"),
        pytest.param("a:b.yaml:3", "a%3Ab.yaml", id="with-a-colon"),
    ],
)
def test_a_place_is_a_uri(mixed_report: Report, source: str, uri: str) -> None:
    whole = record(mixed_report)
    whole["findings"][1]["source"] = source
    assert read(whole)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_nothing_in_a_message_links_or_is_filled_in(mixed_report: Report) -> None:
    """Sections 3.11.5 and 3.11.6 of the standard: viewers make links and placeholders of these."""
    whole = record(mixed_report)
    whole["findings"][1]["detail"] = "[here](https://evil.test) {0} {id}"
    text = read(whole)["results"][0]["message"]["text"]
    assert text.startswith("LEAK: granted: [here] (https://evil.test) { 0} {id} (anonymous); ")
