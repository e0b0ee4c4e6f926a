"""The report as JUnit XML, as GitLab and Jenkins read it: a suite for each surface, a case for each finding."""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING

from prober.model import ExitStatus, Verdict
from prober.report.grouping import fails, file_and_line, service_sentences
from prober.report.redact import harmless
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.report.shape import FindingRecord, Record

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PASSED = ""  # a case that passed has no element; the others have one: failure, error or skipped


def render_junit(record: Record) -> str:
    """Write the suites; the first is for the run itself: its one case fails if there is no verdict."""
    surfaces: dict[str, list[FindingRecord]] = {}
    for finding in record["findings"]:
        surfaces.setdefault(finding["surface"], []).append(finding)
    element_names = {finding["id"]: _element_name(finding, record) for finding in record["findings"]}
    unknown = record["interrupted"] or record["exit_status"] == ExitStatus.NO_VERDICT
    run_element = "error" if unknown else _PASSED
    suites = [_run(record, run_element)]
    for surface, findings in surfaces.items():
        cases = [_case(finding, element_names[finding["id"]]) for finding in findings]
        spent = sum(finding["elapsed_ms"] or 0 for finding in findings)
        facts = {**_totals(element_names[finding["id"]] for finding in findings), "time": _seconds(spent)}
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


def _element_name(finding: FindingRecord, record: Record) -> str:
    """Name the element of a case; a leak or drift by which the run does not fail is shown as skipped, not as failed."""
    match finding["verdict"]:
        case Verdict.LEAK | Verdict.DRIFT:
            return "failure" if fails(finding, record) else "skipped"
        case Verdict.UNPROVEN | Verdict.UNREACHABLE:
            return "error"
        case Verdict.LOCKED:
            return _PASSED
    return "skipped"


def _case(finding: FindingRecord, element_name: str) -> str:
    facts = {
        "classname": f"lockdown.{finding['surface']}",
        "name": finding["id"].removeprefix(f"{finding['surface']}: "),
        "time": _seconds(finding["elapsed_ms"] or 0),
        "file": file_and_line(finding["source"])[0],
    }
    if element_name == _PASSED:
        return xml_element("testcase", facts)
    tolerated = element_name == "skipped" and finding["verdict"] != Verdict.SKIPPED
    message = f"tolerated: {finding['detail']}" if tolerated else finding["detail"]
    return xml_element(
        "testcase",
        facts,
        xml_element(element_name, {"type": finding["reason"], "message": message}, _evidence(finding)),
    )


def _evidence(finding: FindingRecord) -> str:
    """Write all evidence into the element's text: GitLab shows the text, and not the message."""
    if finding["verdict"] == Verdict.SKIPPED:
        waived = [f"waived: {finding['waiver']} ({finding['waived']})"] if finding["waiver"] else []
        return xml_text("\n".join([f"skipped: {finding['reason']}: {finding['detail']}", *waived]))
    since = f" since {finding['since']}" if finding["since"] else ""
    again = f"; {finding['confirmed']}" if finding["confirmed"] else ""
    lines = [
        f"{finding['verdict'].upper()}{since}: {finding['reason']}: {finding['detail']}{again}",
        f"why:        {finding['why']}",
        f"fix:        {finding['fix']}",
        f"defined in: {finding['promise_source']} · {finding['source']}",
        f"reproduce:  {finding['curl']}",
    ]
    return xml_text("\n".join(lines))


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
    lines = [last_line(record), *record["notes"]]
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
