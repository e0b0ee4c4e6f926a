"""The report of a fleet as JUnit XML: a suite for each combination of labels, a case for each deployment."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.fleet.record import last_line
from prober.fleet.tasks import FleetVerdict
from prober.report.junit import DECLARATION, xml_element, xml_text
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.fleet.record import DeploymentRecord, FleetRecord

_ELEMENTS = {FleetVerdict.LEAK: "failure", FleetVerdict.DRIFT: "failure", FleetVerdict.NO_VERDICT: "error"}


def render_junit(record: FleetRecord) -> str:
    """Write the suites; the first has one case, for the fleet itself, which fails unless the fleet is locked."""
    telling = _telling_labels(record["deployments"])
    suites: dict[str, list[DeploymentRecord]] = {}
    for deployment in record["deployments"]:
        pairs = [f"{key}={value}" for key, value in deployment["labels"].items() if key in telling]
        suites.setdefault(", ".join(pairs) or record["fleet"], []).append(deployment)
    whole = [_whole(record), *(_suite(name, deployments, record) for name, deployments in suites.items())]
    return DECLARATION + xml_element("testsuites", {"name": f"fleet {record['fleet']}"}, "\n", *whole)


def _telling_labels(deployments: Iterable[DeploymentRecord]) -> set[str]:
    """Name the labels that several deployments share: one that each has for itself makes no suite."""
    counts = Counter(pair for deployment in deployments for pair in deployment["labels"].items())
    return {key for (key, _), number in counts.items() if number > 1}


def _whole(record: FleetRecord) -> str:
    sentence, is_locked = last_line(record), record["exit_status"] == 0
    kind = "" if is_locked else "error" if record["verdict"] == FleetVerdict.NO_VERDICT else "failure"
    facts = {"classname": "fleet", "name": record["fleet"]}
    message = [xml_element(kind, {"type": record["verdict"], "message": sentence}, xml_text(sentence))] if kind else []
    totals = {"tests": "1", "failures": str(int(kind == "failure")), "errors": str(int(kind == "error"))}
    case = xml_element("testcase", facts, *message)
    return xml_element("testsuite", {"name": "fleet", **totals, "timestamp": record["started_at"]}, "\n", case)


def _suite(name: str, deployments: list[DeploymentRecord], record: FleetRecord) -> str:
    kinds = Counter(_ELEMENTS.get(FleetVerdict(deployment["verdict"]), "") for deployment in deployments)
    totals = {"tests": str(len(deployments)), "failures": str(kinds["failure"]), "errors": str(kinds["error"])}
    cases = [_case(deployment, name) for deployment in deployments]
    return xml_element("testsuite", {"name": name, **totals, "timestamp": record["started_at"]}, "\n", *cases)


def _case(deployment: DeploymentRecord, suite: str) -> str:
    kind = _ELEMENTS.get(FleetVerdict(deployment["verdict"]), "")
    facts = {"classname": suite, "name": deployment["name"]}
    if not kind:
        return xml_element("testcase", facts)
    sentence = deployment["sentence"] or deployment["why"] or deployment["verdict"]
    causes = [f"{cause['verdict']}: {cause['route']}: {cause['reason']}" for cause in deployment["causes"]]
    text = "\n".join([sentence, *causes, *([count(len(causes), "cause")] if causes else [])])
    inner = xml_element(kind, {"type": deployment["verdict"], "message": sentence}, xml_text(text))
    return xml_element("testcase", facts, inner)
