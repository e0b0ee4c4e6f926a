"""The schema of the report, against real reports and against the types that they are made from."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import types
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

from prober.cli.schema import schema_of
from prober.demo.doors import door_named
from prober.demo.server import running
from prober.model import Verdict
from prober.report import shape as records
from tests.support.schemas import PROBER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


JSON_TYPES = {str: "string", int: "integer", bool: "boolean", types.NoneType: "null"}
ROOM = ("--surface", "health", "--surface", "me", "--surface", "mcp")


def run(*words: str, folder: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PROBER_", "BASE_URL", "MCP_URL"))
    }
    words = ("run", "--report", "json=report.json", *words)
    return subprocess.run([PROBER, *words], cwd=folder, env={**kept, **(env or {})}, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


def kept(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of a deployment with two doors open, one of them waived, beside what it was before."""
    folder = tmp_path_factory.mktemp("leaking")
    day = "2999-01-01"
    (folder / "waivers.yaml").write_text(
        f"waivers: [{{finding: 'mcp: POST /mcp tools-list [*]', reason: known, owner: us, expires: {day}}}]\n"
    )
    with running("oauth") as demo:
        before = run("--profile", "oauth", "--base-url", demo.web_url, "--mcp-url", demo.mcp_url, *ROOM, folder=folder)
    assert before.returncode == 0, before.stdout
    earlier = (folder / "report.json").read_text(encoding="utf-8")
    locked = demo
    with running("oauth", doors=[door_named("mcp-any-bearer")]) as demo:
        moved = earlier.replace(locked.web_url, demo.web_url).replace(locked.mcp_url, demo.mcp_url)
        (folder / "before.json").write_text(moved, encoding="utf-8")
        done = run(
            "--profile", "oauth", "--base-url", demo.web_url, "--mcp-url", demo.mcp_url, *ROOM,
            "--waivers", "waivers.yaml", "--baseline", "before.json", folder=folder,
        )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return kept(folder)


def test_a_report_with_leaks_is_right(leaking: dict[str, Any], wrong_in: Callable[[str, object], list[str]]) -> None:
    assert wrong_in("report", leaking) == []
    assert leaking["counts"]["leak"] > 0
    assert leaking["waivers"]
    assert leaking["baseline"]["opened"] > 0


def test_a_report_of_nobody_is_right(tmp_path: Path, wrong_in: Callable[[str, object], list[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = run("--profile", "oauth", "--base-url", f"http://127.0.0.1:{port}", folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert wrong_in("report", kept(tmp_path)) == []
    assert kept(tmp_path)["counts"]["unreachable"] > 0


def test_a_report_of_an_interrupted_run_is_right(tmp_path: Path, wrong_in: Callable[[str, object], list[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        words = [str(PROBER), "run", "--report", "json=report.json", "--profile", "oauth", "--base-url", url]
        with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            listener.settimeout(30)
            held, _ = listener.accept()  # it has begun, and is kept waiting
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            held.close()
    assert process.returncode == 130
    assert wrong_in("report", kept(tmp_path)) == []
    assert kept(tmp_path)["interrupted"] is True


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"more": 1}, id="a-key-too-many"),
        pytest.param({"verdict": "open"}, id="no-verdict"),
        pytest.param({"schema": 2}, id="another-schema"),
        pytest.param({"exit_status": 64}, id="no-exit-status"),
        pytest.param({"started_at": "yesterday"}, id="no-time"),
        pytest.param({"counts": {}}, id="counts-left-out"),
        pytest.param({"findings": [{}]}, id="an-empty-finding"),
        pytest.param({"baseline": {}}, id="an-empty-baseline"),
    ],
)
def test_a_report_that_is_changed_is_refused(
    change: dict[str, object], leaking: dict[str, Any], wrong_in: Callable[[str, object], list[str]]
) -> None:
    assert wrong_in("report", {**leaking, **change}) != []


RECORDS = [
    pytest.param(records.Record, None, id="report"),
    pytest.param(records.ToolRecord, "tool", id="tool"),
    pytest.param(records.CoverageRecord, "coverage", id="coverage"),
    pytest.param(records.ServiceRecord, "service", id="service"),
    pytest.param(records.FindingRecord, "finding", id="finding"),
    pytest.param(records.WaiverRecord, "waiver", id="waiver"),
    pytest.param(records.BaselineRecord, "baseline", id="baseline"),
]


def shape_of(name: str | None) -> dict[str, Any]:
    """The schema of a record: the whole, or the part of this name."""
    schema: Any = schema_of("report")
    return {**schema["properties"], **schema["$defs"]}[name] if name else schema


def parts_of(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def hints_of(record: type) -> dict[str, Any]:
    """The types of a record's keys; its module names those of the model for type checkers alone."""
    return get_type_hints(record, vars(records))


@pytest.mark.parametrize(("record", "name"), RECORDS)
def test_the_schema_has_every_key_of_the_record_and_each_must_be_there(record: type, name: str | None) -> None:
    shape = shape_of(name)
    assert set(shape["properties"]) == set(shape["required"]) == set(hints_of(record))
    assert shape["additionalProperties"] is False


@pytest.mark.parametrize(("record", "name"), RECORDS)
def test_the_schema_says_null_where_the_record_may_be_null(record: type, name: str | None) -> None:
    shape = shape_of(name)
    may = {key for key, said in shape["properties"].items() if "null" in said.get("type", ()) or {"type": "null"} in said.get("anyOf", ())}  # fmt: skip
    assert may == {key for key, hint in hints_of(record).items() if types.NoneType in get_args(hint)}


@pytest.mark.parametrize(("record", "name"), RECORDS)
def test_the_schema_gives_each_key_the_type_that_the_record_has(record: type, name: str | None) -> None:
    said = {key: {value["type"]} if isinstance(value.get("type"), str) else set(value.get("type", ())) for key, value in shape_of(name)["properties"].items()}  # fmt: skip
    hints = {key: {JSON_TYPES.get(part) for part in parts_of(hint)} for key, hint in hints_of(record).items()}
    plain = {key for key, parts in hints.items() if None not in parts and said[key]}
    assert {key: said[key] for key in plain} == {key: hints[key] for key in plain}
    assert plain


def test_every_verdict_is_counted() -> None:
    assert set(shape_of("counts")["properties"]) == set(shape_of("counts")["required"]) == set(Verdict)
