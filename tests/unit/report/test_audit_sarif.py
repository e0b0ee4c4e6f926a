"""An audit as SARIF: a result for each finding, and the code flow that shows why a handler is what it is."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from prober.cli.audit_source import command

FIXTURES = Path(__file__).parents[2] / "data" / "source"


def sarif(name: str) -> dict[str, object]:
    ended = CliRunner().invoke(command, [str(FIXTURES / name), "--format", "sarif"], standalone_mode=False)
    said: dict[str, object] = json.loads(ended.output)["runs"][0]
    return said


def test_code_flow_shows_the_guard_the_effect_and_where_they_are() -> None:
    result = sarif("not-awaited")["results"][0]  # type: ignore[index]
    flow = [
        (step["location"]["message"]["text"], step["location"]["physicalLocation"]["region"]["startLine"])
        for step in result["codeFlows"][0]["threadFlows"][0]["locations"]
    ]
    assert flow[0] == ("GET /api/admin/users begins", 4)
    assert flow[1] == ("calls the guard requireAdmin", 5)
    assert len(flow) == 3
    assert result["level"] == "error"
    assert result["ruleId"] == "SRC001"


def test_code_flow_is_in_the_order_in_which_things_come(tmp_path: Path) -> None:
    route = tmp_path / "app" / "api" / "x" / "route.ts"
    route.parent.mkdir(parents=True)
    route.write_text(
        "import {auth} from '@/auth';\nconst tidy = async () => {\n  await db.log2.deleteMany();\n};\n"
        "export async function POST() {\n  await tidy();\n  const s = await auth();\n"
        "  if (!s) return new Response(null, {status: 401});\n  await db.x.create({});\n"
        "  return new Response(null, {status: 204});\n}\n"
    )
    ended = CliRunner().invoke(command, [str(tmp_path), "--format", "sarif"], standalone_mode=False)
    steps = json.loads(ended.output)["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [
        (one["location"]["message"]["text"], one["location"]["physicalLocation"]["region"]["startLine"])
        for one in steps
    ] == [
        ("POST /api/x begins", 5),
        ("reaches db.log2.deleteMany()", 3),
        ("calls the guard auth", 7),
        ("refuses", 8),
    ]


def test_finding_keeps_its_fingerprint_from_run_to_run() -> None:
    prints = {json.dumps(sarif("route-js")["results"][0]["partialFingerprints"]) for _ in range(2)}  # type: ignore[index]
    assert len(prints) == 1


def test_locked_source_has_no_result() -> None:
    run = sarif("after-the-read")
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])  # type: ignore[index]
