"""The table of the report's keys says what reports are, as JSON Schema does; what is no report is never merged to a 0."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest
from jsonschema import Draft202012Validator

from prober.cli.main import exit_with, prober
from prober.cli.schema import schema_of
from prober.fleet import record as shapes
from prober.fleet.record import record_of
from prober.fleet.report_keys import CAUSE, CAUSE_GROUP, COUNTS, DEPLOYMENT, REPORT, UNKNOWN_GROUP, misfit
from prober.fleet.tally import Tally
from prober.fleet.tasks import Cause, FleetVerdict, Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ["a", "b", "c", "d"]
VALIDATOR = Draft202012Validator(schema_of("fleet-report"))


def report(shard: str | None = "1/1", names: list[str] = NAMES) -> dict[str, Any]:
    tally = Tally(labels=dict.fromkeys(names, (("env", "prod"),)), inventory=len(NAMES), at_least=2)
    causes = (Cause(surface="me", route="GET /x", verdict="leak", reason="granted"),)
    tally.record(Result(name="a", verdict=FleetVerdict.LEAK, causes=causes, sentence="LEAK", run="r", requests=3))
    tally.record(Result(name="b", verdict=FleetVerdict.NO_VERDICT, why="dns: nobody"))
    tally.record(Result(name="c", verdict=FleetVerdict.LOCKED, requests=3))
    made = record_of(tally, fleet="acme", run="r", digest="d", started_at="2026-11-22T10:00:00Z", elapsed_ms=5, shard=shard, names=NAMES if shard else [])  # fmt: skip
    parsed: dict[str, Any] = json.loads(json.dumps(made))
    return parsed


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every part of a report."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from places(part, (*path, key))


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made: Any = copy.deepcopy(report())
    at = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    result: dict[str, Any] = made
    return result


@pytest.mark.parametrize(
    ("table", "shape"),
    [
        (REPORT, shapes.FleetRecord), (CAUSE, shapes.CauseRecord), (CAUSE_GROUP, shapes.CauseGroupRecord),
        (UNKNOWN_GROUP, shapes.UnknownGroupRecord), (DEPLOYMENT, shapes.DeploymentRecord),
    ],
)  # fmt: skip
def test_the_table_has_the_keys_of_the_typed_record(table: Any, shape: Any) -> None:
    assert set(table.names) == get_type_hints(shape).keys()
    assert set(COUNTS.names) == set(FleetVerdict)


@pytest.mark.parametrize("shard", ["1/1", None])
def test_a_report_is_as_the_table_and_the_schema_have_it(shard: str | None) -> None:
    assert list(VALIDATOR.iter_errors(report(shard))) == []
    assert misfit(report(shard), REPORT) is None


@pytest.mark.parametrize("value", [None, True, -1, 1.5, "x", [], {}, [[]], {"x": {}}], ids=repr)
def test_the_check_refuses_what_the_schema_refuses(value: Any) -> None:
    paths = list(places(report()))
    assert len(paths) > 80
    different = [
        path for path in paths
        if (misfit(changed(path, value), REPORT) is None) != (not list(VALIDATOR.iter_errors(changed(path, value))))
    ]  # fmt: skip
    assert different == []


def test_a_key_that_is_missing_or_unknown_is_named() -> None:
    without = report()
    del without["deployments"][1]["why"]
    assert misfit(without, REPORT) == "the report: deployments: 1"
    assert misfit({**report(), "more": 1}, REPORT) == "the report"
    assert misfit(changed(("counts", "leak"), "1"), REPORT) == "the report: counts: leak"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(report()).replace('"r"', "NaN"), id="not-a-number"),
        pytest.param(json.dumps({**report(), "names": []}), id="names-forgotten"),
        pytest.param(json.dumps({**report(), "names": ["a"]}), id="a-name-forgotten"),
        pytest.param(json.dumps({**report(), "elapsed_ms": "1"}), id="text-as-number"),
        pytest.param(json.dumps({**report(), "at_least": "9"}), id="text-as-expected"),
        pytest.param(json.dumps({**report(), "shard": "x"}), id="no-shard"),
        pytest.param(json.dumps(report())[:-40], id="cut-off"),
        pytest.param("[" * 100_000, id="too-deep"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_no_report_is_refused_and_never_a_0(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shard.json").write_text(text)
    assert exit_with(prober, ["fleet", "merge", str(tmp_path / "shard.json")], name="prober") == 64
    said = capsys.readouterr()
    assert (said.out, "Traceback" in said.err, "\n  fix: " in said.err) == ("", False, True)


def test_a_report_of_one_half_alone_leaves_the_other_without_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    locked = [deployment for deployment in report()["deployments"] if deployment["verdict"] == "locked"]
    half = {**report("1/2"), "deployments": locked, "causes": [], "no_verdicts": []}
    (tmp_path / "shard.json").write_text(json.dumps(half))
    assert exit_with(prober, ["fleet", "merge", str(tmp_path / "shard.json"), "-q"], name="prober") == 2
    assert "NO VERDICT: 3 of 4" in capsys.readouterr().out
