"""The audit of a source: no handler is ok unless a guard is passed on every way, whatever the text around it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.audit.source import rules
from prober.audit.source.audit import audit_source
from prober.audit.source.rules import RULES
from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.errors import DefinitionError
from prober.model import ExitStatus, GuardName, Refusal, SourceGuards
from tests.support.source_audit import DOES, HEAD, OK, UNGUARDED, UNKNOWN, audit, broken, locks

if TYPE_CHECKING:
    from prober.audit.source.handler_status import GuardStatus


FIXTURES = Path(__file__).parents[2] / "data" / "source"


# --- what grep missed (documents.md, 1e) ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "wanted"),
    [
        ("none-of-the-words", {"GET /api/knowledge": UNGUARDED}),
        ("only-in-a-comment", {"GET /api/projects": UNGUARDED}),
        ("imported-never-called", {"GET /api/tokens": UNGUARDED}),
        ("get-guarded-post-not", {"GET /api/knowledge": OK, "POST /api/knowledge": UNGUARDED}),
        ("handlers-in-a-comment", {"GET /api/sessions": UNGUARDED}),
        ("only-in-catch", {"GET /api/me": UNGUARDED}),
        ("after-the-read", {"GET /api/graph": OK}),  # the rows are in no answer before the guard has let pass
        ("not-awaited", {"GET /api/admin/users": UNGUARDED}),
        ("healthz-debug", {"GET /api/healthz-debug": UNGUARDED}),
        ("auth-provider", {"GET /api/auth/:provider": UNGUARDED}),
        ("route-tsx", {"GET /api/export": UNGUARDED}),
        ("route-js", {"DELETE /api/export": UNGUARDED}),
        ("pages-api", {"ANY /api/users": UNGUARDED}),
        ("server-action", {"app/settings/actions.ts#renameProject": UNGUARDED}),
        ("forgot-password", {"POST /api/auth/forgot-password": OK}),
        ("invites-signup", {"POST /api/invites/signup": OK}),
    ],
)
def test_fixture_that_grep_got_wrong_is_told_right(folder: str, wanted: dict[str, GuardStatus]) -> None:
    found = audit_source(FIXTURES / folder)
    assert locks(found) == wanted
    assert found.status == (ExitStatus.LEAK if UNGUARDED in wanted.values() else ExitStatus.LOCKED)


def test_every_fixture_is_in_the_table() -> None:
    assert len([path for path in FIXTURES.iterdir() if path.is_dir()]) == 16


# --- pages/api, actions, and where things are -------------------------------------------------------------------------

PAGES = "import {getServerSession} from 'next-auth';\nimport {prisma} from '@/lib/db';\nexport default async function handler(req, res) { "


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        pytest.param("const s = await getServerSession(req, res); if (!s) { res.status(401).json({}); return; } res.json(await prisma.a.findMany()); }", OK, id="returns"),
        pytest.param("const s = await getServerSession(req, res); if (!s) return res.status(401).end(); res.json(await prisma.a.findMany()); }", OK, id="returns-the-call"),
        pytest.param("const s = await getServerSession(req, res); if (!s) res.status(401).json({}); res.json(await prisma.a.findMany()); }", UNGUARDED, id="says-401-and-goes-on"),
        pytest.param("if (req.method === 'POST') { const s = await getServerSession(req, res); if (!s) return res.status(401).end(); } res.json(await prisma.a.findMany()); }", UNGUARDED, id="one-method-only"),
        pytest.param("res.send('hello'); }", UNGUARDED, id="answers"),
        pytest.param("res.status(code(req)).json({}); }", UNKNOWN, id="a-status-that-varies"),
    ],
)  # fmt: skip
def test_pages_api_answers_by_its_response_object(body: str, wanted: GuardStatus, tmp_path: Path) -> None:
    found = audit(tmp_path, {"pages/api/things/[id].ts": PAGES + body})
    assert locks(found) == {"ANY /api/things/:id": wanted}


ACTION = "import {auth} from '@/auth';\nimport {prisma} from '@/lib/db';\n"


def test_server_actions_are_judged_where_they_are_exported_and_where_they_are_written(tmp_path: Path) -> None:
    found = audit(tmp_path, {
        "lib/actions.ts": "'use server';\n" + ACTION + "export async function save(id) { const s = await auth(); if (!s) throw new Error('no'); await prisma.a.update({id}); }\nexport const drop = async (id) => { await prisma.a.delete({id}); };\nasync function inner() { await prisma.a.deleteMany(); }",
        "app/page.tsx": ACTION + "export default function Page() { async function like() { 'use server'; await prisma.a.update({}); }\n return <form action={like}><button formAction={async () => { 'use server'; const s = await auth(); if (!s) return; await prisma.a.update({}); }}/></form>; }",
    })  # fmt: skip
    assert locks(found) == {
        "lib/actions.ts#save": OK,
        "lib/actions.ts#drop": UNGUARDED,
        "app/page.tsx#like": UNGUARDED,
        "app/page.tsx#line-4": OK,
    }


def test_an_action_is_public_by_its_exact_name_only(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"lib/actions.ts": "'use server';\n" + ACTION + "export async function redeem() { await prisma.a.create({}); }\nexport async function redeemAll() { await prisma.a.create({}); }"}  # fmt: skip
    own = parse_deployment(
        parse_document("source: {public: [{action: lib/actions.ts#redeem, why: a voucher is asked for}]}", file="p")
    ).source
    assert locks(audit(tmp_path, files, own)) == {"lib/actions.ts#redeem": OK, "lib/actions.ts#redeemAll": UNGUARDED}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("app/api/a/route.ts", "GET /api/a"),
        ("src/app/api/a/route.mjs", "GET /api/a"),
        ("apps/web/app/(shell)/api/[team_id]/route.js", "GET /api/:teamId"),
        ("apps/web/src/app/@slot/api/[...rest]/route.tsx", "GET /api/:rest+"),
        ("app/.well-known/build/route.ts", "GET /.well-known/build"),
        ("app/api/%5Fhidden/route.ts", "GET /api/_hidden"),
    ],
)
def test_routes_are_found_wherever_next_js_finds_them(path: str, name: str, tmp_path: Path) -> None:
    assert list(locks(audit(tmp_path, {path: HEAD + "export async function GET() { " + DOES + " }"}))) == [name]


@pytest.mark.parametrize(
    "path",
    ["app/_lib/route.ts", "app/api/a/routes.ts", "node_modules/x/app/api/a/route.ts", "app/api/a/route.test.ts", "lib/route.ts"],
)  # fmt: skip
def test_what_next_js_does_not_serve_is_no_route(path: str, tmp_path: Path) -> None:
    found = audit(tmp_path, {path: HEAD + "export async function GET() { " + DOES + " }"})
    assert found.handlers == ()
    assert broken(found) == {rules.NO_ROUTE.id}
    assert found.status is ExitStatus.NO_VERDICT


# --- other files of the same source -----------------------------------------------------------------------------------

GUARDS = "import {auth} from './auth-js';\nexport async function mustBeUser() { const s = await auth(); if (!s) throw new Error('no'); return s.user; }\nexport async function requireAdmin() { return (await auth())?.user; }"


@pytest.mark.parametrize(
    ("configuration", "from_"),
    [
        pytest.param({}, "../../../lib/guards", id="relative"),
        pytest.param({}, "../../../lib/guards.js", id="relative-by-its-javascript-name"),
        pytest.param({"tsconfig.json": '{\n // paths\n "compilerOptions": {"paths": {"@/*": ["./*"],}},\n}'}, "@/lib/guards", id="alias"),
        pytest.param({"jsconfig.json": '{"compilerOptions": {"baseUrl": "."}}'}, "lib/guards", id="base-url"),
        pytest.param({"tsconfig.json": '{"extends": "./base.json"}', "base.json": '{"compilerOptions": {"paths": {"~/*": ["lib/*"]}}}'}, "~/guards", id="extended"),
        pytest.param({"lib/index.ts": "export * from './guards';"}, "../../../lib", id="an-index-that-exports-all"),
        pytest.param({"packages/core/package.json": '{"name": "@acme/core"}', "packages/core/src/index.ts": "export {mustBeUser} from '../../../lib/guards';"}, "@acme/core", id="a-package-of-the-workspace"),
    ],
)  # fmt: skip
def test_imports_are_followed_within_the_folder(
    configuration: dict[str, str | bytes], from_: str, tmp_path: Path
) -> None:
    body = f"import {{mustBeUser}} from '{from_}';\nimport {{prisma}} from 'db';\nexport async function GET() {{ await mustBeUser(); {DOES} }}"
    found = audit(tmp_path, {"app/api/a/route.ts": body, "lib/guards.ts": GUARDS, **configuration})
    assert locks(found) == {"GET /api/a": OK}


def test_a_guard_is_read_where_it_is_defined_and_not_believed_by_its_name(tmp_path: Path) -> None:
    """By its name it throws; here it gives null."""
    body = "import {requireAdmin} from '../../../lib/guards';\nimport {prisma} from 'db';\nexport async function GET() { await requireAdmin(); " + DOES + " }"  # fmt: skip
    assert locks(audit(tmp_path, {"app/api/a/route.ts": body, "lib/guards.ts": GUARDS})) == {"GET /api/a": UNGUARDED}


def test_a_route_of_another_route_is_followed(tmp_path: Path) -> None:
    found = audit(tmp_path, {
        "app/api/a/route.ts": HEAD + "export async function GET() { await requireAdmin(); " + DOES + " }\nexport async function POST() { " + DOES + " }",
        "app/api/b/route.ts": "export {GET, POST} from '../a/route';",
        "app/api/c/route.ts": "export * from '../a/route';",
    })  # fmt: skip
    assert set(locks(found).items()) == {
        (f"{method} /api/{name}", lock) for name in "abc" for method, lock in (("GET", OK), ("POST", UNGUARDED))
    }


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        (SourceGuards(guards=(GuardName(name="mine", refusal=Refusal.THROWS),)), OK),
        (SourceGuards(guards=(GuardName(name="mine", refusal=Refusal.NULL),)), UNGUARDED),
        (SourceGuards(guards=(GuardName(name="mine"),)), UNKNOWN),
        (SourceGuards(guards=(GuardName(name="mine", refusal=Refusal.THROWS, module="@/elsewhere"),)), UNGUARDED),
        (SourceGuards(harmless=("mine",)), UNGUARDED),
        (None, UNGUARDED),
    ],
)
def test_a_guard_counts_as_it_is_declared(declared: SourceGuards | None, wanted: GuardStatus, tmp_path: Path) -> None:
    body = (
        "import {mine} from '@/x';\nimport {prisma} from 'db';\nexport async function GET() { await mine(); "
        + DOES
        + " }"
    )
    assert locks(audit(tmp_path, {"app/api/a/route.ts": body}, declared)) == {"GET /api/a": wanted}


def test_a_public_door_is_one_method_at_one_path(tmp_path: Path) -> None:
    node = parse_document("source: {public: [{route: 'GET /api/items/[id]', why: a catalogue}]}", file="prober.yaml")
    route = HEAD + "export async function GET() { " + DOES + " }\nexport async function PUT() { " + DOES + " }"
    files: dict[str, str | bytes] = {
        f"app/api/{path}/route.ts": route for path in ("items/[itemId]", "items", "items/[id]/all")
    }
    found = audit(tmp_path, files, parse_deployment(node).source)
    assert [name for name, lock in locks(found).items() if lock is OK] == ["GET /api/items/:itemId"]


def test_an_exemption_that_nothing_needs_is_told(tmp_path: Path) -> None:
    node = parse_document("source: {public: [{route: GET /api/gone, why: it was}]}", file="prober.yaml")
    found = audit(tmp_path, {"app/api/a/route.ts": "export const GET = 1;"}, parse_deployment(node).source)
    assert [(str(one.source), one.what) for one in found.breaches if one.rule.id == "SRC017"] == [
        ("prober.yaml:1", "'GET /api/gone'")
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{public: [{route: 'GET /api/*', why: w}]}", "'GET /api/*' is not a method and exact path"),
        ("{public: [{route: /api/a, why: w}]}", "'/api/a' is not a method and exact path"),
        ("{public: [{route: GET /a}]}", "a public route has no 'why'"),
        ("{public: [{why: w}]}", "a public route needs either 'route' or 'action'"),
        ("{public: [{action: save, why: w}]}", "'save' is not a server action"),
        ("{guards: ['auth()']}", "'auth()' is not a function name"),
        ("{guards: [{name: a, refuses: sometimes}]}", "'sometimes' is not a way to refuse"),
        ("{wrappers: []}", "'wrappers' is an empty list"),
        ("{guard: [a]}", "unknown key 'guard' in 'source'"),
    ],
)
def test_mistakes_in_the_section_are_told(text: str, what: str) -> None:
    with pytest.raises(DefinitionError, match=r"prober\.yaml:1") as caught:
        parse_deployment(parse_document(f"source: {text}", file="prober.yaml"))
    assert caught.value.what == what


# --- what is printed --------------------------------------------------------------------------------------------------


@pytest.mark.integration
def test_text_tells_each_finding_with_why_and_fix_and_ends_in_a_sentence(tmp_path: Path) -> None:
    said = prober(FIXTURES / "get-guarded-post-not", "--verbose", folder=tmp_path).stdout
    words = " ".join(said.split())
    assert "leak SRC001" in words
    assert "app/api/knowledge/route.ts:9: POST /api/knowledge: reaches prisma.knowledge.create()" in words
    assert "GET /api/knowledge: ok, app/api/knowledge/route.ts:4, getCurrentUserId in line 5 (session)" in words
    assert "2 handlers in 1 files: 1 ok, 1 unguarded" in words
    assert said.endswith("\nleak: 1 rule of 20 broken (1 leak)\n")


@pytest.mark.integration
def test_json_holds_every_handler_and_every_finding(tmp_path: Path) -> None:
    said = json.loads(prober(FIXTURES / "not-awaited", "--format", "json", folder=tmp_path).stdout)
    assert said["exit_status"] == 1
    assert [one["name"] for one in said["looked_at"]] == ["GET /api/admin/users", "1 handlers in 1 files"]
    assert [(one["rule"], one["severity"]) for one in said["breaches"]] == [("SRC001", "leak")]


@pytest.mark.integration
def test_rules_are_chosen_and_that_nothing_was_found_is_always_told(tmp_path: Path) -> None:
    fixture = FIXTURES / "none-of-the-words"
    assert prober(fixture, "--skip", "SRC001", folder=tmp_path).returncode == 0
    assert prober(fixture, "--rule", "SRC00*", folder=tmp_path).returncode == 1
    (tmp_path / "empty").mkdir()
    assert prober("empty", "--skip", "SRC016", folder=tmp_path).returncode == 2


def test_every_rule_has_an_id_of_its_own_and_all_its_words() -> None:
    assert [rule.id for rule in RULES] == [f"SRC{number:03}" for number in range(1, len(RULES) + 1)]
    assert all(rule.title and rule.why.endswith(".") and rule.fix.endswith(".") for rule in RULES)


def prober(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("prober"), "audit", "source", *words]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.integration
def test_the_command_goes_by_prober_yaml_and_exits_by_what_it_found(tmp_path: Path) -> None:
    fixture = FIXTURES / "none-of-the-words"
    assert prober(fixture, folder=tmp_path).returncode == 1
    (tmp_path / "prober.yaml").write_text("source: {public: [{route: GET /api/knowledge, why: everybody reads it}]}")
    ended = prober(fixture, "--verbose", folder=tmp_path)
    assert ended.returncode == 0
    assert "public: everybody reads it" in ended.stdout
    (tmp_path / "empty").mkdir()
    assert prober("empty", folder=tmp_path).returncode == 2
    assert prober("none", folder=tmp_path).returncode == 64


@pytest.mark.integration
def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['tree_sitter'] = None; from prober.cli.main import main; main()"
    command = [sys.executable, "-c", code, "audit", "source", str(FIXTURES / "route-js")]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 64
    assert "fix: in a clone of the prober: pip install '.[audit]'" in ended.stderr
