"""The report as JUnit XML, as GitLab and Jenkins read it: a suite for each surface, a case for each route.

Suites and cases come worst first, as in every format.
"""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING

from prober.model import ExitStatus, Verdict
from prober.report.grouping import (
    UNKNOWN,
    WORST_FIRST,
    by_route,
    fails,
    file_and_line,
    harm_of,
    notes_of,
    result_groups,
    route_verdict,
    service_sentences,
    since_of,
)
from prober.report.redact import harmless
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from prober.report.shape import FindingRecord, Record

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PASSED = ""  # a case that passed has no element; the others have one: failure, error or skipped


def render_junit(record: Record) -> str:
    """Write the suites; the first is for the run itself: its one case fails if there is no verdict."""
    routes = by_route(record["findings"])
    surfaces: dict[str, list[str]] = {}
    for name in sorted(routes, key=lambda route: harm_of(routes[route])):
        surfaces.setdefault(routes[name][0]["surface"], []).append(name)
    element_names = {name: _element_name(findings, record) for name, findings in routes.items()}
    unknown = record["interrupted"] or record["exit_status"] == ExitStatus.NO_VERDICT
    run_element = "error" if unknown else _PASSED
    suites = [_run(record, run_element)]
    for surface, names in surfaces.items():
        cases = [_case(name, routes[name], element_names[name]) for name in names]
        spent = sum(finding["elapsed_ms"] or 0 for name in names for finding in routes[name])
        facts = {**_totals(element_names[name] for name in names), "time": _seconds(spent)}
        suites.append(_suite(surface, facts, record, *cases))
    totals = _totals([run_element, *element_names.values()])
    del totals["skipped"]  # the schema of Jenkins' xunit plugin does not allow it here
    whole = {"name": "lockdown-prober", **totals, "time": _seconds(record["elapsed_ms"])}
    return DECLARATION + xml_element("testsuites", whole, "\n", *suites)


def _run(record: Record, run_element: str) -> str:
    case = {"classname": "lockdown.run", "name": "the run comes to a verdict", "time": _seconds(0)}
    messages = [
        xml_element(run_element, {"type": record["verdict"], "message": last_line(record)}, xml_text(last_line(record)))
    ]
    properties = [xml_element("property", {"name": key, "value": value}) for key, value in _properties(record).items()]
    return _suite(
        "run", {**_totals([run_element]), "time": _seconds(0)}, record,
        xml_element("properties", {}, *properties),
        xml_element("testcase", case, *(messages if run_element else [])),
        xml_element("system-out", {}, xml_text(_run_summary(record))),
    )  # fmt: skip


def _suite(name: str, facts: Mapping[str, str], record: Record, *inner: str) -> str:
    return xml_element("testsuite", {"name": name, **facts, "timestamp": record["started_at"]}, "\n", *inner)


def _totals(names: Iterable[str]) -> dict[str, str]:
    count = Counter(names)
    totals = {"failures": count["failure"], "errors": count["error"], "skipped": count["skipped"]}
    return {"tests": str(count.total()), **{name: str(number) for name, number in totals.items()}}


def _element_name(findings: Sequence[FindingRecord], record: Record) -> str:
    """Name the element of a route's case; a leak or drift by which the run does not fail is skipped, not failed."""
    if any(fails(finding, record) for finding in findings):
        return "failure"
    match route_verdict(findings):
        case Verdict.LOCKED:
            return _PASSED
        case Verdict.SKIPPED:
            return "skipped"
    return "error" if any(finding["verdict"] in UNKNOWN for finding in findings) else "skipped"


def _case(route: str, findings: Sequence[FindingRecord], element_name: str) -> str:
    first = findings[0]
    facts = {
        "classname": f"lockdown.{first['surface']}",
        "name": route.removeprefix(f"{first['surface']}: "),
        "time": _seconds(sum(finding["elapsed_ms"] or 0 for finding in findings)),
        "file": file_and_line(first["source"])[0],
    }
    if element_name == _PASSED:
        return xml_element("testcase", facts)
    verdict = route_verdict(findings)
    bad = [finding for finding in findings if finding["verdict"] == verdict]
    tolerated = element_name == "skipped" and verdict != Verdict.SKIPPED
    message = f"tolerated: {bad[0]['detail']}" if tolerated else bad[0]["detail"]
    evidence = _reasons_to_skip(bad) if verdict == Verdict.SKIPPED else _evidence(findings, bad[0])
    return xml_element(
        "testcase", facts, xml_element(element_name, {"type": bad[0]["reason"], "message": message}, xml_text(evidence))
    )


def _reasons_to_skip(findings: Sequence[FindingRecord]) -> str:
    lines: dict[str, None] = {}
    for finding in findings:
        lines[f"skipped: {finding['reason']}: {finding['detail']}"] = None
        if finding["waiver"]:
            lines[f"waived: {finding['waiver']} ({finding['waived']})"] = None
    return "\n".join(lines)


def _evidence(findings: Sequence[FindingRecord], worst: FindingRecord) -> str:
    """Write all evidence into the element's text: GitLab shows the text, and not the message."""
    bad = sorted(
        (finding for finding in findings if finding["verdict"] in WORST_FIRST),
        key=lambda finding: WORST_FIRST.index(Verdict(finding["verdict"])),
    )
    first_seen = since_of(bad)
    since = f" since {first_seen}" if first_seen else ""
    lines = [f"{result.verdict.upper()}{since}: {result}" for result in result_groups(bad)]
    lines += [
        f"why:        {worst['why']}",
        f"fix:        {worst['fix']}",
        f"defined in: {worst['promise_source']} · {worst['source']}",
        f"reproduce:  {worst['curl']}",
    ]
    return "\n".join(lines)


def _properties(record: Record) -> dict[str, str]:
    return {
        "run": record["run"],
        "version": record["tool"]["version"],
        "profile": record["profile"],
        "observed_mode": record["observed_mode"] or "unknown",
        "depth": record["depth"],
        **({"release": record["release"]} if record["release"] else {}),
        "requests": str(record["requests"]),
        "verdict": record["verdict"],
        "exit_status": str(record["exit_status"]),
        **{f"service.{name}": entry["url"] for name, entry in record["services"].items()},
    }


def _run_summary(record: Record) -> str:
    """Give the verdict, the notes and what was not probed, a line each."""
    lines = [last_line(record), *notes_of(record)]
    lines += [f"{name}: {sentence}" for name, sentence in service_sentences(record).items()]
    lines += [f"not served here: {', '.join(record['not_served'])}"] if record["not_served"] else []
    lines += [f"not tried: {', '.join(record['untried'])}"] if record["untried"] else []
    return "\n".join(lines)


def xml_element(name: str, attributes: Mapping[str, str], *inner: str) -> str:
    """Write an element and a line end; its content is XML already."""
    attribute_text = "".join(f' {key}="{html.escape(_readable(value))}"' for key, value in attributes.items())
    return f"<{name}{attribute_text}>{''.join(inner)}</{name}>\n" if inner else f"<{name}{attribute_text}/>\n"


def xml_text(text: str) -> str:
    """Escape text for XML; ElementTree takes 4 ms to import and writes control characters that parsers refuse."""
    return "\n".join(html.escape(_readable(line), quote=False) for line in text.split("\n"))


def _readable(line: str) -> str:
    return line if line.isprintable() else harmless(line)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
