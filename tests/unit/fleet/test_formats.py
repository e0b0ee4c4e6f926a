"""The report of a fleet in each format, read back by a parser of its kind; and shards that are joined to one."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from junitparser import JUnitXml
from prometheus_client.parser import text_string_to_metric_families

from prober.errors import UsageError
from prober.fleet.formats import FORMATS
from prober.fleet.inventory import Shard
from prober.fleet.merge import load_report, merge
from prober.fleet.record import FleetRecord, last_line, record_of
from prober.fleet.tally import Tally
from prober.fleet.tasks import Cause, FleetVerdict, Result

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [f"shop-{n}" for n in range(12)]
HOSTILE = "<script>alert(1)</script> | `x` \x1b[31m"


def result(name: str) -> Result:
    number = int(name.removeprefix("shop-"))
    if number in {2, 4}:
        cause = Cause(surface="me", route=f"GET /api/{HOSTILE}", verdict="leak", reason="granted")
        return Result(name=name, verdict=FleetVerdict.LEAK, sentence=HOSTILE, causes=(cause,), requests=5, run="ab")
    if number == 5:
        return Result(name=name, verdict=FleetVerdict.NO_VERDICT, sentence="NO VERDICT", why=f"dns: {HOSTILE}")
    return Result(name=name, verdict=FleetVerdict.LOCKED, requests=5, run="cd")


def record(names: list[str] = NAMES, shard: str | None = None, **more: Any) -> FleetRecord:
    labels = {name: (("env", "prod" if int(name[5:]) % 2 else "preview"), ("instance", name)) for name in names}
    tally = Tally(labels=labels, inventory=len(NAMES), at_least=12)
    for name in names:
        tally.record(result(name))
    given: dict[str, Any] = {
        "fleet": "acme", "run": "0123abcd", "digest": "d", "started_at": "2026-11-22T10:00:00Z", "elapsed_ms": 1500,
        "shard": shard, "names": NAMES if shard else [], **more,
    }  # fmt: skip
    return record_of(tally, **given)


def test_the_table_says_the_causes_first_and_the_verdict_last() -> None:
    lines = FORMATS["table"](record()).splitlines()
    assert lines[0].startswith("LEAK       me: GET /api/")
    assert lines[1].strip() == "2 deployments, env=preview (2 of 6): shop-2, shop-4"
    assert lines[2].startswith("NO VERDICT dns: ")
    assert lines[-1] == "LEAK: 2 of 12 deployments leak; 1 without a verdict, 9 locked"


def test_junit_has_a_suite_for_each_label_and_a_case_for_each_deployment() -> None:
    suites = list(JUnitXml.fromstring(FORMATS["junit"](record()).encode()))
    assert [(suite.name, suite.tests, suite.failures, suite.errors) for suite in suites] == [
        ("fleet", 1, 1, 0), ("env=preview", 6, 2, 0), ("env=prod", 6, 0, 1)
    ]  # fmt: skip


def test_metrics_are_read_and_their_number_is_bounded() -> None:
    families = {family.name: family for family in text_string_to_metric_families(FORMATS["prometheus"](record()))}
    counts = {s.labels["verdict"]: s.value for s in families["lockdown_fleet_deployments"].samples}
    assert counts == {"leak": 2, "drift": 0, "no-verdict": 1, "locked": 9}
    assert families["lockdown_fleet_no_verdicts"].samples[0].labels == {"fleet": "acme", "reason": "dns"}
    assert sum(len(family.samples) for family in families.values()) < 20


def test_ndjson_has_a_line_for_each_deployment_and_the_run_last() -> None:
    lines = [json.loads(line) for line in FORMATS["ndjson"](record()).splitlines()]
    assert [line["type"] for line in lines] == ["deployment"] * 12 + ["fleet"]
    assert lines[-1]["exit_status"] == 1


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        del attrs


def test_the_page_has_every_deployment_filters_and_no_script() -> None:
    page = FORMATS["html"](record())
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.names
    assert tags.names.count("option") == 3
    assert [name for name in NAMES if f" {name} " not in page] == []


@pytest.mark.parametrize("format_", [name for name in FORMATS if name != "json"])
def test_no_format_passes_on_what_a_terminal_or_a_page_obeys(format_: str) -> None:
    text = FORMATS[format_](record())
    assert "\x1b" not in text
    assert "<script>alert" not in text.replace("`", "") or format_ in {"table", "ndjson", "prometheus", "markdown"}


def shards(of: int) -> list[FleetRecord]:
    made = [Shard(number=number, of=of) for number in range(1, of + 1)]
    return [record([name for name in NAMES if name in shard], str(shard)) for shard in made]


def test_shards_are_disjoint_and_merged_they_give_what_a_whole_run_gives() -> None:
    whole, merged = record(), merge(shards(3))
    for key in ("counts", "causes", "no_verdicts", "requests", "exit_status", "inventory", "verdict"):
        assert merged[key] == whole[key]
    by_name = {deployment["name"]: deployment["verdict"] for deployment in merged["deployments"]}
    assert by_name == {deployment["name"]: deployment["verdict"] for deployment in whole["deployments"]}


def test_a_shard_that_is_missing_leaves_its_deployments_without_a_verdict() -> None:
    parts = shards(3)
    missing = {deployment["name"] for deployment in parts[1]["deployments"]}
    merged = merge([parts[0], parts[2]])
    assert sum(merged["counts"].values()) == 12
    group = next(group for group in merged["no_verdicts"] if "shard 2/3 is missing" in group["why"])
    assert set(group["names"]) == missing
    assert merged["exit_status"] != 0


@pytest.mark.parametrize(
    ("reports", "what"),
    [
        pytest.param(lambda: [shards(2)[0]] * 2, "a shard is there twice", id="twice"),
        pytest.param(lambda: [shards(2)[0], shards(3)[1]], "the reports are of different divisions", id="divisions"),
        pytest.param(lambda: [shards(2)[0], record(["shop-1"], "2/2", digest="e")], "the reports are of different fleets", id="fleets"),
    ],
)  # fmt: skip
def test_reports_that_do_not_belong_together_are_refused(reports: Any, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        merge(reports())


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": 1}', json.dumps(record()), json.dumps({**record(), "schema": 2})]
)
def test_what_is_no_report_of_a_shard_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        load_report(tmp_path / "report.json")


def test_a_fleet_that_has_shrunk_says_so_in_its_last_line() -> None:
    tally = Tally(labels={"a": ()}, at_least=3)
    tally.record(Result(name="a", verdict=FleetVerdict.LOCKED))
    made = record_of(tally, fleet="acme", run="r", digest="d", started_at="2026-11-22T10:00:00Z", elapsed_ms=1)
    assert last_line(made).startswith("NO VERDICT: the fleet has 1 deployment and expects at least 3; ")


@pytest.mark.parametrize(
    ("verdicts", "line"),
    [
        pytest.param(["locked", "locked"], "LOCKED: all 2 deployments of 'acme'", id="locked"),
        pytest.param(
            ["locked", "no-verdict"], "NO VERDICT: 1 of 2 deployments has no verdict; 1 locked", id="no-verdict"
        ),
        pytest.param(["no-verdict"], "NO VERDICT: 1 of 1 deployment has no verdict", id="one"),
        pytest.param(["drift", "locked"], "DRIFT: 1 of 2 deployments answered unexpectedly; 1 locked", id="drift"),
        pytest.param(["leak", "drift"], "LEAK: 1 of 2 deployments leaks; 1 drifted", id="leak"),
        pytest.param([], "NO VERDICT: no deployment was chosen", id="empty"),
    ],
)
def test_each_verdict_of_a_fleet_that_expects_nothing_has_a_last_line(verdicts: list[str], line: str) -> None:
    tally = Tally(labels={f"d{number}": () for number in range(len(verdicts))})
    for number, verdict in enumerate(verdicts):
        tally.record(Result(name=f"d{number}", verdict=FleetVerdict(verdict)))
    made = record_of(tally, fleet="acme", run="r", digest="d", started_at="2026-11-22T10:00:00Z", elapsed_ms=1)
    assert last_line(made) == line
    assert [name for name, render in FORMATS.items() if not render(made)] == []
