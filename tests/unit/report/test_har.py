"""HTTP Archive: valid by its schema, an entry for each exchange, and what came of it beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft6Validator
from referencing import Registry, Resource

from prober.model import Answered
from prober.report.exchange import exchanges
from prober.report.har import render_har
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report

PARTS = {
    path.name: json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parents[2] / "data/schemas/har-1.2").glob("*.json")
}
SCHEMA = Draft6Validator(PARTS["har.json"], registry=Registry().with_resources((name, Resource.from_contents(part)) for name, part in PARTS.items()))  # fmt: skip


def read(report: Report) -> dict[str, Any]:
    document = json.loads(render_har(record(report), exchanges(report)))
    assert [error.message for error in SCHEMA.iter_errors(document)] == []
    log = document["log"]
    assert isinstance(log, dict)
    return log


def test_the_schema_can_say_no() -> None:
    assert not SCHEMA.is_valid({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [{}]}})


def test_the_text_is_that_of_the_whole_document_though_each_entry_is_written_alone(mixed_report: Report) -> None:
    text = render_har(record(mixed_report), exchanges(mixed_report))
    assert len(json.loads(text)["log"]["entries"]) > 1
    assert text == json.dumps(json.loads(text), indent=1) + "\n"
    empty = render_har(record(mixed_report), [])
    assert empty == json.dumps(json.loads(empty), indent=1) + "\n"


def test_each_exchange_is_an_entry_in_the_order_of_the_plan(mixed_report: Report) -> None:
    log = read(mixed_report)
    assert (log["version"], log["creator"]) == ("1.2", {"name": "lockdown-prober", "version": "1.2.3"})
    assert [entry["response"]["status"] for entry in log["entries"]] == [401, 200, 200, 500, 403, 0]


def test_a_leak_is_seen_by_its_comment(mixed_report: Report) -> None:
    entry = read(mixed_report)["entries"][1]
    assert entry["comment"] == "migrate: POST /api/migrate [anonymous]: leak: granted: got 200, expected 401"
    assert (entry["request"]["method"], entry["request"]["url"]) == ("POST", "http://127.0.0.1:3000/api/migrate")
    assert entry["response"]["content"] == {
        "size": 14,
        "mimeType": "application/json",
        "text": '{"version": "<number>"}',
    }
    assert entry["response"]["redirectURL"] == "/app"
    assert (entry["startedDateTime"], entry["time"]) == ("2026-11-22T10:00:00Z", 3)


def test_nobody_answering_is_an_entry_without_a_status(mixed_report: Report) -> None:
    entry = read(mixed_report)["entries"][5]
    assert (entry["response"]["status"], entry["response"]["_error"], entry["time"]) == (0, "no answer in 5 s", 15000)
    assert entry["response"]["content"] == {"size": 0, "mimeType": "", "text": ""}


def test_what_was_sent_is_all_there(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> None:
    headers = (("Content-Type", "application/json"), ("Cookie", "a=b"))
    request = read(report_of(finding_of(method="POST", path="/x?a=1&b=&c=%20", headers=headers, content=b'{"\xc3\xa9":1}')))["entries"][0]["request"]  # fmt: skip
    assert request["headers"] == [{"name": name, "value": value} for name, value in headers]
    assert request["queryString"] == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": ""},
        {"name": "c", "value": " "},
    ]
    assert request["postData"] == {"mimeType": "application/json", "params": [], "text": '{"é":1}'}
    assert request["bodySize"] == 8
    assert "comment" not in request


@pytest.mark.parametrize("target", ["*", "http://other.test/x?y", "http://[/"])
def test_a_target_that_is_no_path_stands_beside_the_url(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report], target: str
) -> None:
    found = finding_of()
    found = replace(found, probe=replace(found.probe, request=replace(found.probe.request, target=target)))
    request = read(report_of(found))["entries"][0]["request"]
    assert (request["url"], request["comment"]) == ("http://127.0.0.1:3000/", f"with the request target {target}")


@pytest.mark.parametrize("path", ["//x/..;/[", "/\\evil", "/a b?]", "/%00?%zz=%"])
def test_no_path_is_too_odd(finding_of: Callable[..., Finding], report_of: Callable[..., Report], path: str) -> None:
    assert read(report_of(finding_of(path=path)))["entries"][0]["request"]["url"].endswith(path)


def test_a_body_that_was_cut_says_so(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> None:
    cut = Answered.of(status=200, headers=(), body=b"xx", whole=False, elapsed_ms=3)
    assert (
        read(report_of(finding_of(outcome=cut)))["entries"][0]["response"]["content"]["comment"]
        == "only its beginning was read"
    )
