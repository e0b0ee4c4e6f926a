"""The audit takes as many steps for twice the source as twice: steps are counted, not seconds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.analysis.listing import open_project
from prober.audit.source.audit import audit_source, with_shipped
from prober.audit.source.handler_analyzer import handler_analyzer
from prober.audit.source.handlers import handlers_of_actions
from prober.model import SourceGuards

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

HEAD = '"use server";\nimport { auth } from "@/auth";\nimport { db } from "@/db";\nimport { timingSafeEqual } from "node:crypto";\n'
MOST_GROWTH = 2.2  # of the calls, for twice the source


def actions(body: Callable[[int], str]) -> Callable[[int], dict[str, str]]:
    return lambda count: {
        "app/actions.ts": HEAD + "".join(f"export async function act{at}(x) {{ {body(at)} }}\n" for at in range(count))
    }


def ring(count: int) -> dict[str, str]:
    files = {}
    for at in range(count):
        others = [(at + step) % count for step in (1, 2, 5)]
        imports = "".join(f'import {{ f{other} }} from "@/lib/m{other}";\n' for other in others)
        calls = " ".join(f"await f{other}(x);" for other in others)
        files[f"lib/m{at}.ts"] = f"{imports}export async function f{at}(x) {{ {calls} return x; }}\n"
        files[f"app/api/r{at}/route.ts"] = (
            f'import {{ auth }} from "@/auth";\nimport {{ f{at} }} from "@/lib/m{at}";\nexport async function GET(r) {{ '
            f"if (!(await auth())) return new Response(null, {{ status: 401 }}); return Response.json(await f{at}(r)); }}\n"
        )
    return files


def timing_safe(count: int) -> dict[str, str]:
    lines = "".join(
        f"if (!timingSafeEqual(Buffer.from(x.a{at}), Buffer.from(x.b{at}))) return;\n" for at in range(count)
    )
    return {
        "lib/compare.ts": f'import {{ timingSafeEqual }} from "node:crypto";\nexport function same(x) {{ {lines} }}\n'
    }


def checks_at_the_top(count: int) -> dict[str, str]:
    lines = "".join(
        f'const k{at} = process.env.K{at}_SECRET;\nif (!k{at}) throw new Error("x");\n'
        f"export const c{at} = (x) => x === `Bearer ${{k{at}}}`;\n"
        for at in range(count)
    )
    return {"lib/keys.ts": lines}


def calls_in(folder: Path, files: dict[str, str]) -> int:
    """Give how many functions the audit of these files calls."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        audit_source(folder)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(actions(lambda at: f"if (!(await auth())) return; await db.order.update({{x, at: {at}}});"), id="actions"),
        pytest.param(
            actions(lambda at: f"const key = process.env.K{at}_SECRET; if (!key || x !== key) return; await db.order.update(x);"),
            id="actions-with-secrets-of-one-name",
        ),
        pytest.param(
            actions(lambda at: f"const key = `Bearer ${{process.env.K{at}_SECRET}}`; if (x !== key) return; await db.order.update(x);"),
            id="actions-with-texts-of-one-name",
        ),
        pytest.param(ring, id="a-ring-of-files"),
        pytest.param(timing_safe, id="comparisons-in-one-function"),
        pytest.param(checks_at_the_top, id="checks-at-the-top-of-a-file"),
    ],
)  # fmt: skip
def test_twice_the_source_takes_twice_the_steps(files: Callable[[int], dict[str, str]], tmp_path: Path) -> None:
    audit_source(tmp_path)  # what is read once for all
    some = calls_in(tmp_path / "some", files(150))
    assert calls_in(tmp_path / "twice", files(300)) <= MOST_GROWTH * some


def test_function_that_is_too_large_is_not_tried_again_by_every_handler(tmp_path: Path) -> None:
    body = "{} if (!(await auth())) return; await db.order.update(x);"
    files = actions(lambda at: body.format(" ".join(f"await act{(at + step) % 120}(x);" for step in (1, 2, 3, 5, 8))))
    calls_in(tmp_path, files(120))
    project = open_project(tmp_path)
    analyzer = handler_analyzer(project, with_shipped(SourceGuards()))
    module = project.module("app/actions.ts")
    assert module is not None
    found = list(handlers_of_actions(analyzer, module))
    assert {one.reason for one in found} == {"it calls more than can be followed"}
    assert analyzer.steps < 130_000  # 50,000 each for the first two, and 1,000 for few of the others


def test_function_that_calls_one_that_is_too_large_is_not_tried_again_either(tmp_path: Path) -> None:
    count = 1_000
    files = actions(lambda at: " ".join(f"await act{(at * 7 + step) % count}(x);" for step in (1, 14, 27)))(count)
    (tmp_path / "app").mkdir()
    (tmp_path / "app/actions.ts").write_text(files["app/actions.ts"])
    project = open_project(tmp_path)
    analyzer = handler_analyzer(project, with_shipped(SourceGuards()))
    module = project.module("app/actions.ts")
    assert module is not None
    found = list(handlers_of_actions(analyzer, module))
    assert {one.reason for one in found} == {"it calls more than can be followed"}
    assert len(found) == count
    assert analyzer.steps < 150_000  # about a second and a half
