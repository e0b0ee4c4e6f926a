"""JUnit XML: read back by a parser, by a library of test reports, and held to what Jenkins' schema allows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from prober.model import Reason, Verdict
from prober.report.junit import render_junit
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report
    from prober.report.shape import Record

# What Jenkins' xunit plugin knows of each element (junit-10.xsd): its attributes, and what may stand in it. `file` is ours
# besides: GitLab links a case to it.
KNOWN = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "file"},
        {"properties", "testcase", "system-out"},
    ),
    "testcase": ({"name", "time", "classname", "file"}, {"skipped", "error", "failure"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "system-out": (set(), set()),
    **dict.fromkeys(("failure", "error", "skipped"), ({"type", "message"}, set())),
}  # type: dict[str, tuple[set[str], set[str]]]


def read(whole: Record) -> ET.Element:
    return ET.fromstring(render_junit(whole))


def cases(whole: Record) -> dict[str, ET.Element]:
    return {case.get("name", ""): case for case in read(whole).iter("testcase")}


def test_only_what_jenkins_knows_is_in_it(mixed_report: Report) -> None:
    for element in read(record(mixed_report)).iter():
        attributes, inner = KNOWN[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= inner


@pytest.mark.parametrize(
    ("name", "word", "kind"),
    [
        pytest.param("GET /api/me", None, None, id="locked"),
        pytest.param("POST /api/migrate", "failure", "granted", id="leak"),
        pytest.param("GET /api/b", "failure", "broken", id="drift"),
        pytest.param("GET /api/c", "error", "intermediary", id="unproven"),
        pytest.param("GET /api/d", "error", "timeout", id="unreachable"),
        pytest.param("POST /api/e", "skipped", "effect", id="skipped"),
    ],
)
def test_each_verdict_is_its_own_result(mixed_report: Report, name: str, word: str | None, kind: str | None) -> None:
    said = next(iter(cases(record(mixed_report))[name]), None)
    assert (None if said is None else said.tag, None if said is None else said.get("type")) == (word, kind)


def test_a_leak_tells_all_in_its_text_since_gitlab_shows_nothing_else(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["findings"][1]["since"] = "2026-11-20T03:12:00Z"
    case = cases(whole)["POST /api/migrate"]
    assert dict(case.attrib) == {
        "classname": "lockdown.migrate", "name": "POST /api/migrate", "time": "0.006", "file": "probes/migrate.yaml",
    }  # fmt: skip
    assert case[0].get("message") == "got 200, expected 401"
    assert (case[0].text or "").splitlines() == [
        "LEAK since 2026-11-20T03:12:00Z: granted: got 200, expected 401 [anonymous, bogus-bearer]",
        "why:        Strangers read who is signed in.",
        "fix:        Set MIGRATION_SECRET.",
        "defined in: profiles/oauth.yaml:9 · probes/migrate.yaml:4",
        "reproduce:  curl -qgsSi --path-as-is -m 15 -X POST -H 'Content-Length: 0' http://127.0.0.1:3000/api/migrate",
    ]


def test_a_library_of_test_reports_reads_the_same(mixed_report: Report) -> None:
    suites = JUnitXml.fromstring(render_junit(record(mixed_report)).encode())
    assert (suites.tests, suites.failures, suites.errors) == (7, 2, 2)
    assert [suite.name for suite in suites] == ["run", "migrate", "me"]
    results = [type(case.result[0]) for suite in suites for case in suite if case.result]
    assert sorted(map(str, results)) == sorted(map(str, [Failure, Failure, Error, Error, Skipped]))


def test_totals_are_those_of_the_cases(mixed_report: Report) -> None:
    root = read(record(mixed_report))
    for suite in root:
        for total, word in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(total) == str(len(list(suite.iter(word))))
        assert suite.get("tests") == str(len(list(suite.iter("testcase"))))
    for total in ("tests", "failures", "errors"):
        assert root.get(total) == str(sum(int(suite.get(total, "")) for suite in root))


def test_what_is_said_of_the_whole_run_is_in_its_own_suite(mixed_report: Report) -> None:
    service = replace(mixed_report.services[0], said="it is paused")
    run = read(record(replace(mixed_report, services=(service,))))[0]
    told = (run.findtext("system-out") or "").splitlines()
    assert told[1:] == ["a note", "web: it is paused", "not served here: login", "not tried: mcp"]
    said = {found.get("name"): found.get("value") for found in run.iter("property")}
    assert (said["profile"], said["observed_mode"], said["run"], said["verdict"]) == (
        "oauth",
        "unknown",
        "0123abcd",
        "leak",
    )
    assert said["service.web"] == "http://127.0.0.1:3000"


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_run_without_a_verdict_is_red_even_where_no_probe_is(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report], *, interrupted: bool
) -> None:
    verdict = Verdict.LOCKED if interrupted else Verdict.SKIPPED
    whole = record(report_of(finding_of(verdict), interrupted=interrupted))
    assert [child.tag for child in cases(whole)["the run reaches a verdict"]] == ["error"]


def test_a_case_is_a_route_whatever_it_was_presented_with(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    """One open way makes the route's only case fail, and the worst route comes first in its suite."""
    ways = [finding_of(Verdict.LOCKED, Reason.AS_PROMISED, path="/b"), finding_of(path="/b", credential="empty-bearer")]
    found = cases(record(report_of(*ways, finding_of(path="/api/tokens"))))
    assert list(found) == ["the run reaches a verdict", "GET /api/tokens", "GET /b"]
    assert (found["GET /b"][0].text or "").splitlines()[0] == "LEAK: granted: got 200, expected 401 [empty-bearer]"


def test_what_the_run_does_not_fail_by_is_no_failure(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    drift = finding_of(Verdict.DRIFT, Reason.BROKEN, "got 500", path="/b")
    found = cases(record(report_of(finding_of(Verdict.LOCKED), drift, tolerate_drift=True)))
    assert [(said.tag, said.get("message")) for said in found["GET /b"]] == [("skipped", "tolerated: got 500")]


def test_a_waived_leak_says_who_answers_for_it(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["findings"][6] |= {"reason": "waived", "detail": "waived by us", "waiver": "me: *", "waived": "leak: granted"}
    said = cases(whole)["POST /api/e"][0]
    assert (said.tag, said.text) == ("skipped", "skipped: waived: waived by us\nwaived: me: * (leak: granted)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("]]>", "]]>", id="end-of-cdata"),
        pytest.param("<a>&amp;\"'", "<a>&amp;\"'", id="markup"),
        pytest.param("😀 é", "😀 é", id="letters"),
        pytest.param("\x00\x1b\ufffe", "\\x00\\x1b\\ufffe", id="no-xml"),
        pytest.param("\ud800", "\\ud800", id="half-a-letter"),
        pytest.param("a\tb", "a\\x09b", id="tab"),
    ],
)
def test_any_text_is_read_back_or_shown_in_words(mixed_report: Report, text: str, shown: str) -> None:
    whole = record(mixed_report)
    whole["findings"][1] |= {"detail": text, "id": f"migrate: {text}"}
    case = cases(whole)[shown]
    assert case[0].get("message") == shown
    assert (case[0].text or "").startswith(f"LEAK: granted: {shown} [anonymous]\n")
