"""Which applications a source holds, what of it is left out in sight, and how long the largest may take."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source
from prober.model import ExitStatus

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from prober.audit.source.audit import SourceAudit

OPEN = "import {prisma} from '@/db';\nexport async function POST() { await prisma.user.create({}); return new Response(null, {status: 204}); }"
GUARDED = "import {auth} from '@/auth';\nexport async function GET() { const s = await auth(); if (!s) return new Response(null, {status: 401}); return Response.json({}); }"
NEXT = '{"dependencies": {"next": "15.0.0"}}'


def audit(folder: Path, files: dict[str, str]) -> SourceAudit:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return audit_source(folder)


def broken(found: SourceAudit) -> list[tuple[str, str]]:
    return [(one.rule.id, one.what) for one in found.breaches]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"frontend/package.json": NEXT, "frontend/app/api/a/route.ts": OPEN}, id="package-json"),
        pytest.param({"clients/web/next.config.mjs": "", "clients/web/src/app/api/a/route.ts": OPEN}, id="next-config"),
        pytest.param({"code/site/package.json": NEXT, "code/site/pages/api/a.ts": "export default async (req, res) => { await prisma.a.create({}); res.end(); }"}, id="pages"),
    ],
)  # fmt: skip
def test_application_is_found_wherever_it_lies(files: dict[str, str], tmp_path: Path) -> None:
    found = audit(tmp_path, {"shared/other.ts": "export const a = 1;", **files})
    assert [(one.path, one.status) for one in found.handlers] == [("/api/a", "unguarded")]


def test_application_of_which_nothing_was_read_is_a_finding(tmp_path: Path) -> None:
    found = audit(tmp_path, {"web/package.json": NEXT, "web/app/api/a/route.ts": GUARDED, "shop/package.json": NEXT})
    assert broken(found) == [("SRC016", "the Next.js application in 'shop' has no route that was found")]
    assert found.status is ExitStatus.NO_VERDICT


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"requirements.txt": "fastapi==0.115\nuvicorn"}, "FastAPI"),
        ({"server/package.json": '{"dependencies": {"express": "5"}}'}, "Express"),
        ({"pyproject.toml": '[project]\ndependencies = ["Django>=5"]'}, "Django"),
        ({"Gemfile": "gem 'rails'"}, "Rails"),
        ({"go.mod": "module example.com/x"}, "Go"),
    ],
    ids=["fastapi", "express", "django", "rails", "go"],
)
def test_tree_without_next_says_what_it_is_and_is_no_verdict(files: dict[str, str], name: str, tmp_path: Path) -> None:
    """Also where a rule of Next.js would be broken: nobody can tell from here whether it matters."""
    found = audit(tmp_path, {"src/a.js": "const s = process.env.JWT_SECRET || 'dev-secret';", **files})
    assert [one.rule.id for one in found.breaches] == ["SRC016"]
    assert name in found.breaches[0].what
    assert "prober discover openapi" in found.breaches[0].what
    assert found.status is ExitStatus.NO_VERDICT


BESIDE = {
    "fastapi": {"api/requirements.txt": "fastapi==0.115"},
    "express": {"server/package.json": '{"dependencies": {"express": "5"}}'},
    "custom-server": {"package.json": '{"dependencies": {"next": "15", "fastify": "5"}}'},
    "gin": {"go.mod": "module example.com/x\nrequire github.com/gin-gonic/gin v1.10.0"},
    "hono-without-a-route-file": {"package.json": '{"dependencies": {"next": "15", "hono": "4"}}'},
}


@pytest.mark.parametrize("files", BESIDE.values(), ids=BESIDE)
def test_other_application_beside_next_is_a_finding(files: dict[str, str], tmp_path: Path) -> None:
    found = audit(tmp_path, {"package.json": NEXT, "app/api/a/route.ts": GUARDED, **files})
    assert [one.rule.id for one in found.breaches] == ["SRC019"]
    assert found.status is ExitStatus.NO_VERDICT


TOOLS = {
    "a-tool-in-go": {"tools/go.mod": "module example.com/x"},
    "for-tests-alone": {"package.json": '{"dependencies": {"next": "15"}, "devDependencies": {"express": "5"}}'},
    "hono-in-a-route-file": {
        "package.json": '{"dependencies": {"next": "15", "hono": "4"}}',
        "app/api/b/route.ts": "import {Hono} from 'hono';\nimport {handle} from 'hono/vercel';\nimport {auth} from '@/auth';\nexport const GET = handle(new Hono().get('/api/b', async (c) => { if (!(await auth())) return c.text('no', 401); return c.text('yes'); }));",
    },
}  # fmt: skip


@pytest.mark.parametrize("files", TOOLS.values(), ids=TOOLS)
def test_what_serves_nothing_of_its_own_is_no_finding(files: dict[str, str], tmp_path: Path) -> None:
    found = audit(tmp_path, {"package.json": NEXT, "app/api/a/route.ts": GUARDED, **files})
    assert (broken(found), found.status) == ([], ExitStatus.LOCKED)


RUN = "import {NextResponse} from 'next/server';\nexport function middleware(request) { return NextResponse.next(); }"


@pytest.mark.parametrize(
    "file", ["app/api/middleware.ts", "src/pages/api/admin/_middleware.js", "shop/app/middleware.ts"]
)
def test_middleware_in_a_folder_where_none_runs_is_a_finding(file: str, tmp_path: Path) -> None:
    found = audit(tmp_path, {"app/api/a/route.ts": GUARDED, "middleware.ts": RUN, file: RUN})
    assert [one.source.file for one in found.breaches if one.rule.id == "SRC020"] == [file]


def test_middleware_that_runs_and_a_helper_of_that_name_are_no_finding(tmp_path: Path) -> None:
    helper = "export const withLog = (handler) => handler;"
    found = audit(
        tmp_path,
        {
            "app/api/a/route.ts": GUARDED,
            "src/middleware.ts": RUN,
            "app/api/middleware.ts": helper,
            "lib/middleware.ts": RUN,
        },
    )
    assert broken(found) == []


def test_what_nobody_wrote_by_hand_is_left_out_in_sight(tmp_path: Path) -> None:
    fallback = "const s = process.env.JWT_SECRET || 'dev-secret';"
    found = audit(tmp_path, {
        "app/api/a/route.ts": GUARDED,
        "lib/vendor/x.js": fallback,
        "public/site.min.js": fallback,
        "lib/client.ts": "/* @generated */\n" + fallback,
        "lib/packed.js": fallback + "f(1);" * 2_000,
    })  # fmt: skip
    assert found.breaches == ()
    assert found.left_out == ("lib/client.ts", "lib/packed.js", "lib/vendor/", "public/site.min.js")


def test_unread_file_is_a_finding_only_where_a_handler_needs_it(tmp_path: Path) -> None:
    half = "export const env = process.env.X; export const f = ("
    found = audit(tmp_path, {"app/api/a/route.ts": GUARDED, "lib/half.ts": half})
    assert broken(found) == []
    assert found.left_out == ("lib/half.ts (line 1 cannot be parsed)",)
    needs = "import {f} from '../../../lib/half';\n" + GUARDED.replace("const s", "f(); const s")
    found = audit(tmp_path, {"app/api/a/route.ts": needs})
    assert ("SRC015", "line 1 cannot be parsed") in broken(found)


def test_base_url_serves_beside_paths(tmp_path: Path) -> None:
    found = audit(tmp_path, {
        "tsconfig.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["./*"]}}}',
        "models/team.ts": "import {auth} from '@/auth';\nexport async function team() { const s = await auth(); if (!s) throw new Error('no'); return s; }",
        "app/api/a/route.ts": "import {team} from 'models/team';\nexport async function GET() { await team(); return Response.json({}); }",
    })  # fmt: skip
    assert [(one.status, one.reason) for one in found.handlers] == [("ok", "auth in models/team.ts:2 (session)")]


# --- large files ------------------------------------------------------------------------------------------------------
HEAVY = {
    "comparisons": ("export async function POST(request) {", "  if (request.a{n} === process.env.S{n}_KEY) out.push({n});", "}"),
    "one-secret": ("export function f(a) { const secret = process.env.MY_SECRET;", "  if (a[{n}] === `x${{secret}}`) return {n};", "}"),
    "constants": ("", "export const A{n}_KEY = process.env.A{n}_KEY ?? process.env.B{n}_KEY;", ""),
    "codes": ("", "export const voucherCode{n} = () => Math.random().toString(36).slice({n});", ""),
    "functions": ("", "export async function f{n}(a) {{ return f{n}0(a); }}", ""),
    "a-table": ("export const ROWS = [", "{{id:{n},name:'n{n}'}},", "]; export const E = process.env.E;"),
    "one-sum": ("export const E = process.env.E + ", "'a{n}' +", " 'end';"),
    "routes": ("import {Hono} from 'hono'; import {handle} from 'hono/vercel'; const app = new Hono();", "app.use('/n{n}/*', f); app.get('/n{n}', (c) => c.text('a'));", "export const PUT = handle(app);"),
}  # fmt: skip


def calls_of_an_audit(folder: Path, lines: tuple[str, str, str], size: int) -> int:
    """Count the calls of functions that an audit of one route file of this size makes."""
    head, line, tail = lines
    text = "\n".join([head, *(line.format(n=n) for n in range(size)), tail])
    (folder / "app" / "api" / "a").mkdir(parents=True)
    (folder / "app" / "api" / "a" / "route.ts").write_text(f"{text}\nexport const GET = () => Response.json(1);")
    calls = 0

    def count(frame: FrameType, event: str, arg: object) -> None:  # noqa: ARG001 - as sys.setprofile calls it
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        audit_source(folder)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("lines", HEAVY.values(), ids=HEAVY)
def test_twice_the_file_takes_at_most_some_more_than_twice_the_work(
    lines: tuple[str, str, str], tmp_path: Path
) -> None:
    once, twice = (calls_of_an_audit(tmp_path / str(size), lines, size) for size in (100, 200))
    assert twice < 2.5 * once


def test_one_door_that_is_too_large_is_unknown_and_the_others_are_judged(tmp_path: Path) -> None:
    rows = ",".join(f"{{id: make({n})}}" for n in range(20_000))
    found = audit(tmp_path, {
        "app/api/a/route.ts": GUARDED,
        "app/api/b/route.ts": f"import {{wrap}} from '@acme/x';\nconst ROWS = [{rows}];\nexport const GET = wrap(ROWS);",
        "app/api/c/route.ts": f"import {{wrap}} from '@acme/x';\nexport const GET = wrap([{rows}]);",
        "app/api/d/route.ts": OPEN,
    })  # fmt: skip
    assert [one.status for one in found.handlers] == ["ok", "unknown", "unknown", "unguarded"]


def test_only_handlers_are_judged_where_nobody_asks_for_more(tmp_path: Path) -> None:
    files = {
        "package.json": '{"dependencies": {"next": "15.0.0"}}',
        "app/api/a/route.ts": "export const GET = () => Response.json([await db.user.findMany()]);",
        "app/actions.ts": "'use server';\nexport async function save() { await db.user.deleteMany(); }",
        "lib/keys.ts": "export const key = process.env.API_SECRET || 'fallback';",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    whole, handlers = audit_source(tmp_path), audit_source(tmp_path, only_handlers=True)
    assert [(one.name, one.status) for one in handlers.handlers] == [(one.name, one.status) for one in whole.handlers]
    assert "SRC003" in {one.rule.id for one in whole.breaches}
    assert {one.rule.id for one in handlers.breaches} <= {"SRC001", "SRC002"}
