"""Styles of guards and of syntax: what can be said of each, beside the handler, in prober.yaml, or by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source import proposals
from prober.audit.source.analysis import syntax
from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

    from prober.audit.source.audit import SourceAudit

HEAD = "import {prisma as db} from '@/db';\nimport {auth} from '@/auth';\n"
DOES = "return Response.json(await db.note.findMany());"


def audit(folder: Path, body: str, **others: str) -> SourceAudit:
    files = {"app/api/x/route.ts": HEAD + body, **{f"lib/{name}.ts": text for name, text in others.items()}}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return audit_source(folder)


def seen(found: SourceAudit) -> list[tuple[str, str]]:
    return [(one.status, one.reason) for one in found.handlers]


# --- the comment beside a handler -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("// prober: public a catalogue for everybody\nexport async function GET() { " + DOES + " }", id="above"),
        pytest.param("/* prober: public a catalogue for everybody */\nexport async function GET() { " + DOES + " }", id="block"),
        pytest.param("// what it is\n// prober: public: a catalogue for everybody\n// and more\nexport const GET = async () => { " + DOES + " };", id="among-others"),
        pytest.param("export async function GET() { " + DOES + " } // prober: public a catalogue for everybody", id="behind"),
    ],
)  # fmt: skip
def test_comment_beside_a_handler_declares_it_public_and_is_counted(body: str, tmp_path: Path) -> None:
    found = audit(tmp_path, body)
    assert [(one.status, one.inline) for one in found.handlers] == [("ok", True)]
    assert found.handlers[0].reason.endswith(": a catalogue for everybody")
    assert found.breaches == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("// prober: public\nexport async function GET() { " + DOES + " }", id="no-reason"),
        pytest.param("/* prober: public */\nexport async function GET() { " + DOES + " }", id="no-reason-in-a-block"),
    ],
)
def test_comment_without_a_reason_is_refused(body: str, tmp_path: Path) -> None:
    found = audit(tmp_path, body)
    assert [one.status for one in found.handlers] == ["unguarded"]
    assert {one.rule.id for one in found.breaches} == {"SRC001", "SRC018"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("// prober: public a catalogue\n\nexport async function GET() { " + DOES + " }", id="a-line-between"),
        pytest.param("export const a = 1; // prober: public a catalogue\nexport async function GET() { " + DOES + " }", id="behind-another"),
        pytest.param("const why = '// prober: public a catalogue';\nexport async function GET() { " + DOES + " }", id="in-a-text"),
        pytest.param("// prober: publicly known\nexport async function GET() { " + DOES + " }", id="another-word"),
    ],
)  # fmt: skip
def test_comment_elsewhere_declares_nothing(body: str, tmp_path: Path) -> None:
    assert [one.status for one in audit(tmp_path, body).handlers] == ["unguarded"]


# --- how a guard gives its answer -------------------------------------------------------------------------------------
STYLES = {
    "auth-and-error": ("const {user, error} = await who(); if (error) return error; " + DOES, "export async function who() { const s = await auth(); if (!s) return {user: null, error: new Response(null, {status: 401})}; return {user: s.user, error: null}; }"),
    "the-user-of-it": ("const {user} = await who(); if (!user) return new Response(null, {status: 401}); " + DOES, "export async function who() { const s = await auth(); if (!s) return {user: null, error: 'no'}; return {user: s.user, error: null}; }"),
    "a-tuple": ("const [error, user] = await who(); if (error) return new Response(null, {status: 401}); " + DOES, "export async function who() { const s = await auth(); if (!s) return ['no', null]; return [null, s.user]; }"),
    "a-result": ("const result = await who(); if (!result.ok) return new Response(null, {status: 401}); " + DOES, "export async function who() { const s = await auth(); if (!s) return {ok: false}; return {ok: true, user: s.user}; }"),
    "a-class-of-ones-own": ("try { await who(); } catch (error) { if (error instanceof Refused) return new Response(null, {status: 401}); throw error; } " + DOES, "export class Refused extends Error { constructor(readonly status = 401) { super(); } }\nexport async function who() { const s = await auth(); if (!s) throw new Refused(); return s; }"),
    "an-instance": ("await new Guards().who(); " + DOES, "export class Guards { async who() { const s = await auth(); if (!s) throw new Error('no'); return s; } }"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "guards"), STYLES.values(), ids=STYLES)
def test_guard_is_followed_whatever_it_gives(body: str, guards: str, tmp_path: Path) -> None:
    route = f"import {{who, Refused, Guards}} from '../../../lib/guards';\nexport async function GET() {{ {body} }}"
    found = audit(tmp_path, route, guards=HEAD + guards)
    assert [one.status for one in found.handlers] == ["ok"]
    assert "auth in lib/guards.ts" in found.handlers[0].reason
    unchecked = route.replace("return new Response(null, {status: 401});", "").replace("return error;", "")
    if unchecked != route:
        assert [one.status for one in audit(tmp_path, unchecked).handlers] != ["ok"]


FACTORY = "export const guarded = (options) => (handler) => async (request) => { const s = await auth(); if (!s) return new Response(null, {status: 401}); return handler(request, s); };\nexport const pipe = (...steps) => async (request) => { for (const step of steps) await step(request); };"


def test_wrapper_as_a_factory_is_followed(tmp_path: Path) -> None:
    route = "import {guarded} from '../../../lib/guards';\nexport const GET = guarded({role: 'admin'})(async () => { " + DOES + " });"  # fmt: skip
    assert seen(audit(tmp_path, route, guards=HEAD + FACTORY)) == [("ok", "auth in lib/guards.ts:3 (session)")]


# --- proposals --------------------------------------------------------------------------------------------------------
LOOK_UP = "import {cookies} from 'next/headers';\nexport async function member() { const sid = (await cookies()).get('sid')?.value; if (!sid) return null; return db.session.findUnique({where: {sid}}); }"


def test_what_looks_like_a_guard_is_proposed_with_what_it_settles(tmp_path: Path) -> None:
    body = "const m = await member(); if (!m) return new Response(null, {status: 401}); " + DOES
    route = "import {member} from '../../../lib/guards';\n" + "".join(
        f"export async function {method}() {{ {body} }}\n" for method in ("GET", "POST")
    )
    found = audit(tmp_path, route, guards=HEAD + LOOK_UP)
    assert [one.status for one in found.handlers] == ["unknown", "unknown"]
    assert "behind member(), which may be a guard" in found.handlers[0].reason
    assert [(one.line, one.where, one.settles) for one in found.proposals] == [
        ("guards: [{name: member, refuses: 'null'}]", "lib/guards.ts", 2)
    ]


def test_a_proposal_is_tried_within_a_bound_and_still_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its count is then of those that were tried."""
    monkeypatch.setattr(proposals, "_MOST_TRIED_IN_ALL", 1)
    body = "const m = await member(); if (!m) return new Response(null, {status: 401}); " + DOES
    route = "import {member} from '../../../lib/guards';\n" + "".join(
        f"export async function {method}() {{ {body} }}\n" for method in ("GET", "POST")
    )
    found = audit(tmp_path, route, guards=HEAD + LOOK_UP)
    assert [(one.name, one.settles) for one in found.proposals] == [("member", 1)]


def test_what_reads_and_refuses_nobody_is_not_proposed(tmp_path: Path) -> None:
    route = "import {member} from '../../../lib/guards';\nexport async function GET() { await member(); " + DOES + " }"
    found = audit(tmp_path, route, guards=HEAD + LOOK_UP)
    assert ([one.status for one in found.handlers], found.proposals) == (["unguarded"], ())


# --- what the grammar cannot read by itself ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("export const A = () => <p>Salt & Pepper && more</p>;", ".tsx"),
        ("export const A = () => <a href='/x?b=1&c=2&d'>x</a>;", ".tsx"),
        ("export type * from './types';\nexport type * as T from \"./types\";", ".ts"),
        ("export const f = make<typeof import('./b')>();", ".ts"),
        ("let a: import('./b').Thing<string, number>;\nfunction f(x: import('./c').D<1> | null) {}", ".ts"),
        ("const a = await sql<{ n: number; m: Array<string> }[]>`select 1`;", ".ts"),
        ("class A { accessor x = 1; static accessor #y = 2; }", ".ts"),
        ("interface A<in T, out U> {}\ntype B<in out T extends string> = T;", ".ts"),
        ("import defer * as a from './a';", ".ts"),
        ("a?.<string>(1); b?.c<string>(1); f<Map<string, number>>?.(1);", ".ts"),
        ("class A { [k: string]: unknown; static [j: string]: number; }", ".ts"),
    ],
)
def test_syntax_that_the_grammar_stumbles_over_is_read(text: str, suffix: str) -> None:
    root = syntax.parse(text.encode(), suffix)
    assert not root.has_error
    assert root.end_byte == len(text)


def test_ampersand_that_is_no_text_stays_an_error() -> None:
    assert syntax.parse(b"export const a = (b & ) + c;", ".ts").has_error


def test_effect_of_a_tagged_template_with_types_is_seen(tmp_path: Path) -> None:
    body = "export async function POST() { await db.sql<{ n: number }[]>`delete from notes`; return new Response(null, {status: 401}); }"  # fmt: skip
    assert [one.status for one in audit(tmp_path, body).handlers] == ["unguarded"]


# --- look-ups that are no named guard, and are not taken for none either ----------------------------------------------
LOOK_UPS = {
    "a-key-of-redis": "const sid = (await cookies()).get('s')?.value; const u = await redis.get(`session:${sid}`); if (!u) return no();",
    "the-hash-of-a-key": "const key = request.headers.get('x-api-key'); if (!key) return no(); const hash = createHash('sha256').update(key).digest('hex'); const row = await db.apiKey.findUnique({where: {hash}}); if (!row) return no();",
    "the-first-row-of-a-query": "const sid = (await cookies()).get('s')?.value; const [row] = await db.select().from(sessions).where(eq(sessions.id, sid)).limit(1); if (!row) return no();",
    "a-secret-of-a-checked-environment": "if (request.headers.get('authorization') !== `Bearer ${env.CRON_SECRET}`) return no();",
}  # fmt: skip


@pytest.mark.parametrize("body", LOOK_UPS.values(), ids=LOOK_UPS)
def test_look_up_by_a_credential_is_neither_ok_nor_unguarded(body: str, tmp_path: Path) -> None:
    head = "import {cookies} from 'next/headers';\nimport {createHash} from 'node:crypto';\nimport {redis} from '@/redis';\nimport {eq} from 'drizzle-orm';\nimport {sessions} from '@/schema';\nimport {env} from '@/env';\nconst no = () => new Response(null, {status: 401});\n"
    found = audit(tmp_path, f"{head}export async function GET(request) {{ {body} {DOES} }}")
    assert [one.status for one in found.handlers] == ["unknown"]
    unasked = audit(
        tmp_path, f"{head}export async function GET(request) {{ {body.replace('return no();', '{}')} {DOES} }}"
    )
    assert [one.status for one in unasked.handlers] == ["unguarded"]
