"""What docs/canary gives to operators: held against each platform's own checker, and against what the prober says."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml

from prober.canary.alert_state import step
from prober.canary.finding_state import Moment, RunFinding
from prober.canary.metrics import Metrics
from prober.canary.snapshot import Snapshot
from prober.cli.watch import command as watch_command
from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.model import Verdict
from prober.report.record import record

if TYPE_CHECKING:
    from prober.model import Report

CANARY = Path(__file__).parents[2] / "docs" / "canary"
SCRIPTS = Path(sys.executable).parent
KUBERNETES = [
    pytest.param(name, number, id=f"{name}-{document['kind']}")
    for name in ("kubernetes.yaml", "kubernetes-cronjob.yaml")
    for number, document in enumerate(yaml.safe_load_all((CANARY / name).read_text()))
]
DASHBOARD: dict[str, Any] = json.loads((CANARY / "dashboard.json").read_text())
RULES: list[dict[str, Any]] = yaml.safe_load((CANARY / "alerts.yml").read_text())["groups"][0]["rules"]
PANELS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [*PANELS, *(note["expr"] for note in DASHBOARD["annotations"]["list"])]


def run(*words: str | Path, folder: Path = CANARY) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run(words, cwd=folder, env=clean, capture_output=True, text=True, timeout=120, check=False)


def needs(program: str, package: str) -> str:
    """Skip where it is not installed; in CI it must be there."""
    found = shutil.which(program)
    if found is None:
        lacks = f"{program} is not installed: apt-get install {package}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(lacks)
    return str(found)


def exported(report: Report) -> set[str]:
    """Name every metric that the canary may tell of."""
    found = record(report)
    found["services"] = {"web": {**found["services"]["web"], "tls_expires": "2026-12-01T00:00:00Z"}}
    moment = Moment(run="r", at="2026-11-22T10:00:00Z")
    seen = [
        RunFinding(id=f["id"], verdict=Verdict(f["verdict"]), reason=f["reason"], detail="") for f in found["findings"]
    ]
    now = Snapshot(
        at=1_795_341_600.0, started=1.0, next_run=2.0, record=found, last_finished=1.0, last_locked=1.0, finished=1,
        states={s.id: s for s in step({}, seen, moment, confirm=1).states}, crashed=0, missed=0,
    )  # fmt: skip
    text = Metrics(lambda: now).render("", queued=0)[0].decode()
    return {re.split(r"[{ ]", line)[0] for line in text.splitlines() if not line.startswith("#")}


# --- Prometheus and Grafana -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("check", "rules", "--lint=all", "alerts.yml"), id="rules"),
        pytest.param(("test", "rules", "alerts_test.yml"), id="tests"),
        pytest.param(("check", "config", "--syntax-only", "prometheus.yml"), id="config"),
    ],
)
def test_promtool_takes_it(words: tuple[str, ...]) -> None:
    done = run(needs("promtool", "prometheus"), *words)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_is_tried() -> None:
    tried = yaml.safe_load((CANARY / "alerts_test.yml").read_text())["tests"]
    fired = {case["alertname"] for test in tried for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert fired == {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("expression", [*(rule["expr"] for rule in RULES), *EXPRESSIONS])
def test_every_metric_that_is_asked_for_is_told(expression: str, mixed_report: Report) -> None:
    named = set(re.findall(r"\b(?:lockdown|process)_[a-z_]+\b", expression))
    assert named or "up{" in expression
    assert named <= exported(mixed_report)


def test_every_expression_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    rules = [{"record": f"r{n}", "expr": text.replace("$job", "lockdown")} for n, text in enumerate(EXPRESSIONS)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = run(needs("promtool", "prometheus"), "check", "rules", "--lint=none", "rules.yml", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(rules) > 12


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


# --- systemd ----------------------------------------------------------------------------------------------------------

UNITS = sorted(path.name for path in CANARY.glob("*.service"))


@pytest.mark.parametrize("name", sorted(path.name for path in [*CANARY.glob("*.service"), *CANARY.glob("*.timer")]))
def test_systemd_takes_the_unit(name: str, tmp_path: Path) -> None:
    analyze = needs("systemd-analyze", "systemd")
    for unit in CANARY.glob("lockdown-*"):
        text = unit.read_text().replace("/opt/prober/bin/prober", str(SCRIPTS / "prober"))
        (tmp_path / unit.name).write_text(text)
    done = run(analyze, "verify", name, folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", UNITS)
def test_the_unit_may_do_little(name: str) -> None:
    """Systemd's own score: 10 may do all, 0 nothing."""
    done = run(needs("systemd-analyze", "systemd"), "security", "--offline=yes", "--threshold=15", name)
    assert done.returncode == 0, done.stdout


# --- containers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.30", "1.34"])
@pytest.mark.parametrize(("name", "number"), KUBERNETES)
def test_kubernetes_takes_it(name: str, number: int, version: str) -> None:
    """By the JSON Schemas of its API, in their strict form: an unknown key is an error."""
    document = list(yaml.safe_load_all((CANARY / name).read_text()))[number]
    assert kubernetes_validate.validate(document, version, strict=True) == version


def test_kubernetes_does_not_take_everything() -> None:
    document = next(yaml.safe_load_all((CANARY / "kubernetes-cronjob.yaml").read_text()))
    document["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["readonly"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, "1.30", strict=True)


@pytest.mark.parametrize(("schema", "name"), [("compose-spec", "compose.yaml"), ("github-workflows", "workflow.yml")])
def test_a_platform_s_own_schema_takes_it(schema: str, name: str) -> None:
    done = run(SCRIPTS / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", name)
    assert done.returncode == 0, done.stdout


# --- what the prober says of it ---------------------------------------------------------------------------------------


def container(name: str) -> dict[str, Any]:
    documents = {d["kind"]: d for d in yaml.safe_load_all((CANARY / name).read_text())}
    spec = documents.get("Deployment", documents.get("CronJob"))
    assert spec is not None
    pod = spec["spec"].get("jobTemplate", spec)["spec"]["template"]["spec"]
    found: dict[str, Any] = pod["containers"][0]
    return found


def started(name: str) -> list[str]:
    text = (CANARY / name).read_text()
    if name.endswith(".service"):
        return shlex.split(next(line for line in text.splitlines() if line.startswith("ExecStart=")))[1:]
    if name == "compose.yaml":
        return [str(word) for word in yaml.safe_load(text)["services"]["canary"]["command"]]
    if name == "workflow.yml":
        return shlex.split(yaml.safe_load(text)["jobs"]["once"]["steps"][-1]["run"])[1:]
    return [str(word) for word in container(name)["args"]]


STARTED = ["compose.yaml", "kubernetes-cronjob.yaml", "kubernetes.yaml", "workflow.yml", *UNITS]


@pytest.mark.parametrize("name", STARTED)
def test_what_is_started_is_a_watch_that_the_prober_knows(name: str) -> None:
    program, *words = started(name)
    assert program == "watch"
    read = watch_command.make_context("watch", words).params
    assert bool(read["once"]) is ("once" in name or name in {"kubernetes-cronjob.yaml", "workflow.yml"})
    assert read["history"] != "prober-history.db"


def test_the_definition_in_kubernetes_is_one_and_names_only_what_its_secret_has_a_place_for() -> None:
    first = next(yaml.safe_load_all((CANARY / "kubernetes.yaml").read_text()))
    read = parse_deployment(parse_document(first["data"]["prober.yaml"], file="prober.yaml"))
    assert read.canary.page_token == "env:PAGE_TOKEN"
    assert read.canary.listen == "0.0.0.0:9420"
    assert container("kubernetes.yaml")["ports"] == [{"name": "page", "containerPort": 9420}]


@pytest.mark.parametrize("name", sorted(path.name for path in CANARY.iterdir() if path.suffix != ".md"))
def test_nothing_passes_whatever_comes(name: str) -> None:
    code = [line.partition("#")[0] for line in (CANARY / name).read_text().splitlines()]
    assert not re.search(r"\|\|\s*true|continue-on-error|SuccessExitStatus=.*\b[12]\b", "\n".join(code))


def test_every_file_is_in_the_table() -> None:
    told = set(re.findall(r"\]\(([^)]+)\)", (CANARY / "README.md").read_text()))
    assert {path.name for path in CANARY.iterdir()} - {"README.md"} <= told
    assert [path for path in told if not (CANARY / path).is_file()] == []
