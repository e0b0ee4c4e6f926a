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
from prober.audit.source.analysis.project import MOST_BYTES
from prober.audit.source.audit import audit_source
from prober.audit.source.handler_status import GuardStatus
from prober.audit.source.middleware import pattern_of
from prober.audit.source.rules import RULES
from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.errors import DefinitionError, UsageError
from prober.model import ExitStatus, GuardName, Refusal, SourceGuards

if TYPE_CHECKING:
    from prober.audit.source.audit import SourceAudit

FIXTURES = Path(__file__).parents[2] / "data" / "source"
OK, UNGUARDED, UNKNOWN = GuardStatus.OK, GuardStatus.UNGUARDED, GuardStatus.UNKNOWN
HEAD = """
import {getCurrentUserId, requireAdmin} from '@/lib/brain/auth';
import {requireSession} from '@/lib/auth/requireSession';
import {auth} from '@/auth';
import {prisma} from '@/lib/db';
import {NextResponse} from 'next/server';
import {timingSafeEqual} from 'node:crypto';
import {ours, refuse, responds, judges, stub, wrapped, transparent, logs, wipes, Shop, UserError} from './ours';
const refused = () => NextResponse.json({error: 'not_signed_in'}, {status: 401});
"""
DOES = "return Response.json(await prisma.user.findMany());"
# What this application has of its own; the other modules cannot be followed.
OWN = """
import {auth} from '@/auth';
import {getCurrentUserId} from '@/lib/brain/auth';
import {prisma} from '@/lib/db';
export class UserError extends Error {}
export async function ours() {
  const session = await auth();
  if (!session?.user) throw new UserError('not signed in');
  return session.user;
}
export async function refuse() {
  const session = await auth();
  return session ? null : Response.json({error: 'no'}, {status: 401});
}
export async function responds(): Promise<Response | {id: string}> {
  const session = await auth();
  if (!session) return new Response(null, {status: 401});
  return {id: session.user.id};
}
export async function judges() {
  const session = await auth();
  if (!session) return {error: new Response(null, {status: 401})};
  return {user: session.user};
}
export async function requireAdmin() { return true; }
export const stub = async () => {};
export function wrapped(handler) {
  return async (request, context) => {
    const session = await auth();
    if (!session) return Response.json({error: 'no'}, {status: 401});
    return handler(request, context);
  };
}
export const transparent = (handler) => async (request) => {
  try { return await handler(request); } catch (error) { return Response.json({error: 'x'}, {status: 500}); }
};
export async function logs() { await prisma.log.create({}); return prisma.plan.findMany(); }
export async function wipes() { await prisma.user.deleteMany(); }
export class Shop {
  constructor(private readonly store = prisma) {}
  async wipe() { await this.store.order.deleteMany({}); }
}
"""


def audit(folder: Path, files: dict[str, str | bytes], own: SourceGuards | None = None) -> SourceAudit:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return audit_source(folder, own)


def handler(folder: Path, body: str) -> SourceAudit:
    """A route of an application whose own functions are beside it."""
    return audit(folder, {"app/api/x/route.ts": HEAD + body, "app/api/x/ours.ts": OWN})


def locks(found: SourceAudit) -> dict[str, GuardStatus]:
    return {door.name: door.status for door in found.handlers}


def broken(found: SourceAudit) -> set[str]:
    return {one.rule.id for one in found.breaches}


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


# --- what looks guarded, and is not -----------------------------------------------------------------------------------

LOOKS_GUARDED = {
    "shadowed-in-the-file": "const getServerSession = async () => ({user: 1});\nexport async function GET() { await getServerSession(); " + DOES + " }",
    "shadowed-in-the-handler": "export async function GET() { const getCurrentUserId = async () => 'u1'; await getCurrentUserId(); " + DOES + " }",
    "shadowed-by-a-parameter": "const run = async (auth) => { await auth(); " + DOES + " };\nexport const GET = () => run(async () => null);",
    "another-function-by-its-name": "import {noop as getServerSession} from '@/lib/noop';\nexport async function GET() { const s = 1; " + DOES + " }",
    "a-guard-that-refuses-nobody": "import {requireAdmin as admin} from './ours';\nexport async function GET() { await admin(); " + DOES + " }",
    "an-empty-guard": "export async function GET() { await stub(); " + DOES + " }",
    "in-a-nested-function": "export async function GET() { async function check() { await requireAdmin(); } " + DOES + " }",
    "in-a-callback": "export async function GET() { [1].forEach(async () => { await requireAdmin(); }); " + DOES + " }",
    "after-a-return": "export async function GET() { " + DOES + " await requireAdmin(); }",
    "in-dead-code": "export async function GET() { if (false) { await requireAdmin(); } " + DOES + " }",
    "in-one-branch": "export async function GET(request) { if (request.url) { await requireAdmin(); } " + DOES + " }",
    "in-production-only": "export async function GET() { if (process.env.NODE_ENV === 'production') await requireAdmin(); " + DOES + " }",
    "in-a-loop": "export async function GET(request) { for (const part of request.parts) { await requireAdmin(); } " + DOES + " }",
    "in-one-case": "export async function GET(request) { switch (request.kind) { case 'a': await requireAdmin(); break; default: } " + DOES + " }",
    "behind-an-and": "export async function GET(request) { request.user && (await requireAdmin()); " + DOES + " }",
    "left-by-a-label": "export async function GET(request) { check: { if (request.fast) break check; await requireAdmin(); } " + DOES + " }",
    "in-finally": "export async function GET() { try { " + DOES + " } finally { await requireAdmin(); } }",
    "swallowed-by-try": "export async function GET() { try { await requireAdmin(); } catch {} " + DOES + " }",
    "swallowed-by-catch": "export async function GET() { await requireAdmin().catch(() => null); " + DOES + " }",
    "the-effect-is-in-the-catch": "export async function GET() { try { await requireAdmin(); } catch { " + DOES + " } }",
    "result-ignored": "export async function GET() { await auth(); " + DOES + " }",
    "result-kept-never-checked": "export async function GET() { const session = await auth(); " + DOES + " }",
    "result-asked-for-its-error": "export async function GET() { const session = await auth(); if (session?.error) return refused(); " + DOES + " }",
    "checked-the-wrong-way-round": "export async function GET() { const session = await auth(); if (session) return refused(); " + DOES + " }",
    "checked-and-gone-on": "export async function GET() { const session = await auth(); if (!session) console.warn('nobody'); " + DOES + " }",
    "a-promise-is-always-true": "export async function GET() { if (!auth()) return refused(); " + DOES + " }",
    "passed-on-as-undefined": "export async function GET() { const session = await auth(); return Response.json(await prisma.user.findMany({where: {id: session?.user?.id}})); }",
    "then-without-await": "export async function GET() { getCurrentUserId().then(() => {}); " + DOES + " }",
    "beside-the-effect": "export async function GET() { const [, users] = await Promise.all([getCurrentUserId(), prisma.user.deleteMany()]); return Response.json(users); }",
    "void": "export async function GET() { void requireAdmin(); " + DOES + " }",
    "in-a-text": "export async function GET() { console.log('await requireAdmin()', `${1} await requireAdmin()`); " + DOES + " }",
    "denial-ignored": "export async function GET() { await refuse(); " + DOES + " }",
    "response-ignored": "export async function GET() { const user = await responds(); " + DOES + " }",
    "error-not-looked-at": "export async function GET() { const {user} = await judges(); " + DOES + " }",
    "overwritten": "export async function GET() { let session = await auth(); session = {user: 'first'}; if (!session) return refused(); " + DOES + " }",
    "only-where-a-secret-is-set": "export async function POST(request) { const secret = process.env.JOB_SECRET; if (secret) { if (request.headers.get('x') !== secret) return refused(); } await prisma.job.create({}); return refused(); }",
    "auth-as-a-wrapper-lets-all-pass": "export const GET = auth(async (request) => { " + DOES + " });",
    "a-wrapper-that-only-passes-on": "export const GET = transparent(async () => { " + DOES + " });",
    "one-of-two-handlers": "const a = async () => { await requireAdmin(); " + DOES + " }; const b = async () => { " + DOES + " };\nexport const GET = process.env.FAST ? b : a;",
    "an-effect-in-another-file-first": "export async function GET() { await wipes(); await requireAdmin(); " + DOES + " }",
    "an-effect-in-a-default": "export async function GET(request, context, rows = prisma.user.deleteMany()) { await requireAdmin(); return Response.json(await rows); }",
    "an-effect-in-a-template": "import {sql} from '@vercel/postgres';\nexport async function GET() { const rows = await sql`delete from users`; await requireAdmin(); return Response.json(rows); }",
    "another-user-where-there-is-none": "export async function GET() { let user = (await auth())?.user; user ??= await fromSomewhere(); if (!user) return refused(); " + DOES + " }\nimport {fromSomewhere} from '@acme/x';",
    "a-name-of-the-module": "let user = null;\nexport async function GET(request) { user = request.headers.get('x-user'); if (!user) return refused(); " + DOES + " }",
    "a-developer-passes": "export async function GET() { const session = await auth(); if (!session && process.env.NODE_ENV === 'production') return refused(); " + DOES + " }",
    "a-user-or-a-switch": "export async function GET() { const session = await auth(); const ok = session || process.env.DEV; if (!ok) return refused(); " + DOES + " }",
    "says-401-and-goes-on": "export async function GET() { const session = await auth(); if (!session) { refused(); } " + DOES + " }",
    "the-first-of-two": "import {wait} from 'node:util';\nexport async function GET() { await Promise.race([requireAdmin(), wait(1)]); " + DOES + " }",
    "then-and-otherwise": "export async function GET() { await requireAdmin().then(() => {}, () => {}); " + DOES + " }",
    "the-finally-acts": "export async function GET() { try { await requireAdmin(); } finally { " + DOES + " } }",
    "a-cookie-is-there": "import {cookies} from 'next/headers';\nexport async function GET() { if (!(await cookies()).get('session')) return refused(); " + DOES + " }",
    "an-object-of-our-own": "export async function GET() { const guards = {requireAdmin: async () => true}; await guards.requireAdmin(); " + DOES + " }",
    "answers-without-an-effect": "export function GET() { return Response.json({version: process.env.VERSION}); }",
    "a-status-that-is-no-refusal": "export async function GET() { const session = await auth(); if (!session) return new Response('secret', {status: 200}); " + DOES + " }",
    "exported-under-another-name": "async function handler() { " + DOES + " }\nexport {handler as GET, handler as POST};",
    "a-value-of-the-load-time": "const mail = process.env.MAIL_URL ? new URL(process.env.MAIL_URL) : null;\nexport async function POST() { if (!mail) return refused(); await prisma.user.deleteMany(); return refused(); }",
    "a-load-time-switch": "const on = process.env.FEATURE_KEY && Boolean(process.env.FEATURE_KEY);\nexport async function POST() { if (!on) return refused(); await prisma.user.deleteMany(); return refused(); }",
    "a-name-in-a-list": "const KINDS = {a: 1};\nexport async function GET(request) { if (!(request.kind in KINDS)) return refused(); " + DOES + " }",
    "a-key-of-a-table": "const KINDS = {a: 1};\nexport async function GET(request) { const kind = KINDS[request.kind]; if (!kind) return refused(); " + DOES + " }",
    "a-member-that-nobody-gave": "export async function POST(request) { const body = {}; body.id = request.id; if (!body.id) return refused(); await prisma.user.deleteMany(); return refused(); }",
    "an-object-that-is-always-there": "export async function POST() { const found = new URL('https://a.example'); if (!found) return refused(); await prisma.user.deleteMany(); return refused(); }",
    "a-method-of-an-instance": "export async function POST() { const shop = new Shop(); await shop.wipe(); return refused(); }",
    "an-instance-of-the-module": "const shop = new Shop(prisma);\nexport async function POST() { await shop.wipe(); return refused(); }",
    "a-static-method": "class Jobs { static async run() { await prisma.job.deleteMany(); } }\nexport async function POST() { await Jobs.run(); return refused(); }",
    "a-method-of-the-base": "class Sale extends Shop {}\nexport async function POST() { await new Sale().wipe(); return refused(); }",
    "rows-in-the-answer": "export async function GET() { const all = await prisma.user.findMany(); return {all}; }",
    "a-query-that-is-built": "export async function POST() { await db.select().from(users); await db.update(users).set({a: 1}); return refused(); }\nimport {db} from '@/db'; import {users} from '@/schema';",
}  # fmt: skip


@pytest.mark.parametrize("body", LOOKS_GUARDED.values(), ids=LOOKS_GUARDED)
def test_what_only_looks_guarded_is_unguarded(body: str, tmp_path: Path) -> None:
    found = handler(tmp_path, body)
    assert set(locks(found).values()) == {UNGUARDED}
    assert found.status is ExitStatus.LEAK
    assert rules.UNGUARDED.id in broken(found)


# --- what is guarded --------------------------------------------------------------------------------------------------

GUARDED = {
    "throws": "export async function GET() { await requireAdmin(); " + DOES + " }",
    "its-result-kept": "export const GET = async () => { const userId = await getCurrentUserId(); " + DOES + " };",
    "session-checked": "export async function GET() { const session = await auth(); if (!session?.user) return refused(); " + DOES + " }",
    "session-compared": "export async function GET() { const session = await auth(); if (session === null) return refused(); " + DOES + " }",
    "session-in-a-branch": "export async function GET() { const session = await auth(); if (session) { " + DOES + " } return refused(); }",
    "session-in-a-ternary": "export async function GET() { const session = await auth(); return session ? Response.json(await prisma.user.findMany()) : refused(); }",
    "role-compared": "export async function GET() { const session = await auth(); if (!session || session.user.role !== 'admin') return refused(); " + DOES + " }",
    "role-in-a-name": "export async function GET() { const session = await auth(); const admin = session?.user?.role === 'admin'; if (!admin) return refused(); " + DOES + " }",
    "throws-itself": "export async function GET() { const session = await requireSession(); if (!session) throw new UserError('no'); " + DOES + " }",
    "within-try": "export async function GET() { try { await requireAdmin(); " + DOES + " } catch (error) { return refused(); } }",
    "kept-in-try-checked-after": "export async function GET() { let userId: string | null = null; try { userId = await getCurrentUserId(); } catch { userId = null; } if (!userId) return refused(); " + DOES + " }",
    "promise-awaited-later": "export async function GET() { const waiting = requireAdmin(); await waiting; " + DOES + " }",
    "all-of-several": "export async function GET(request, {params}) { const [userId, {id}] = await Promise.all([getCurrentUserId(), params]); " + DOES + " }",
    "by-a-function-of-our-own": "export async function GET() { const user = await ours(); " + DOES + " }",
    "denial-given-back": "export async function GET() { const denied = await refuse(); if (denied) return denied; " + DOES + " }",
    "response-told-apart": "export async function GET() { const user = await responds(); if (user instanceof Response) return user; " + DOES + " }",
    "error-given-back": "export async function GET() { const {user, error} = await judges(); if (error) return error; " + DOES + " }",
    "by-a-wrapper-of-our-own": "export const GET = wrapped(async () => { " + DOES + " });",
    "within-a-wrapper-that-passes-on": "export const GET = transparent(async () => { await requireAdmin(); " + DOES + " });",
    "two-wrappers": "export const GET = transparent(wrapped(async () => { " + DOES + " }));",
    "by-a-named-wrapper": "import {withAuth} from '@/lib/with-auth';\nexport const GET = withAuth(async () => { " + DOES + " });",
    "by-a-named-wrapper-with-options": "import {withAuth} from '@/lib/with-auth';\nexport const GET = withAuth({role: 'admin'})(async () => { " + DOES + " });",
    "auth-as-a-wrapper-that-is-asked": "export const GET = auth(async (request) => { if (!request.auth) return refused(); " + DOES + " });",
    "exported-under-another-name": "async function handler() { await requireAdmin(); " + DOES + " }\nexport {handler as GET};",
    "typed": "export const GET = (async (request: Request) => { await requireAdmin(); " + DOES + " }) satisfies unknown;",
    "from-a-namespace": "import * as guards from '@/lib/brain/auth';\nexport async function GET() { await guards.requireAdmin(); " + DOES + " }",
    "renamed": "import {requireAdmin as admins} from '@/lib/brain/auth';\nexport async function GET() { await admins(); " + DOES + " }",
    "each-way": "export async function GET(request) { if (request.url) { await requireAdmin(); } else { await getCurrentUserId(); } " + DOES + " }",
    "after-a-limit": "import {rateLimit} from '@/lib/limits';\nexport async function POST(request) { if (!(await rateLimit(request))) return new Response(null, {status: 429}); await requireAdmin(); " + DOES + " }",
    "after-the-body": "export async function POST(request) { const body = await request.json().catch(() => null); if (!body) return new Response(null, {status: 400}); await requireAdmin(); " + DOES + " }",
    "a-secret-that-is-there": "export async function POST(request) { const secret = process.env.MIGRATION_SECRET; if (!secret) return new Response(null, {status: 503}); if (!timingSafeEqual(hash(request), hash(secret))) return refused(); " + DOES + " }\nimport {hash} from 'node:crypto';",
    "after-a-read-and-a-record": "export async function GET() { await logs(); await requireAdmin(); " + DOES + " }",
    "rows-beside-the-guard": "export async function GET() { const [, users] = await Promise.all([getCurrentUserId(), prisma.user.findMany()]); return Response.json(users); }",
    "sends-strangers-to-the-sign-in": "import {redirect} from 'next/navigation';\nexport async function GET() { const session = await auth(); if (!session) redirect('/signin'); " + DOES + " }",
}  # fmt: skip


@pytest.mark.parametrize("body", GUARDED.values(), ids=GUARDED)
def test_what_is_guarded_on_every_way_is_ok(body: str, tmp_path: Path) -> None:
    found = handler(tmp_path, body)
    assert set(locks(found).values()) == {OK}


# --- what nobody can tell ---------------------------------------------------------------------------------------------

UNTOLD = {
    "exported-from-a-package": "export {GET} from '@acme/routes';",
    "all-of-a-package": "export * from '@acme/routes';",
    "a-wrapper-of-a-package": "import {withLogging} from '@acme/http';\nexport const GET = withLogging(async () => { await requireAdmin(); " + DOES + " });",
    "a-wrapper-with-the-edge-taken-off": "import {withAuth} from '@/lib/with-auth';\nexport const GET = withAuth(async () => { " + DOES + " }, {public: true});",
    "a-guard-with-the-edge-taken-off": "export async function GET() { await requireAdmin({required: false}); " + DOES + " }",
    "a-guard-that-may-be-missing": "export async function GET() { await requireAdmin?.(); " + DOES + " }",
    "a-guard-that-nobody-declares": "export async function GET() { await getServerSession(); " + DOES + " }",
    "something-unread-before-the-guard": "import {load} from '@acme/data';\nexport async function GET() { const all = await load(); await requireAdmin(); return Response.json(all); }",
    "a-text-around-a-secret-that-may-be-missing": "export async function POST(request) { if (request.headers.get('authorization') !== `Bearer ${process.env.CRON_SECRET}`) return refused(); " + DOES + " }",
    "a-method-of-what-a-package-makes": "import {Client} from '@acme/billing';\nexport async function POST() { const client = new Client(); await client.wipe(); return refused(); }",
    "a-cookie-is-set": "import {cookies} from 'next/headers';\nimport {redirect} from 'next/navigation';\nexport async function POST(request) { (await cookies()).set('uid', request.id); redirect('/'); }",
    "only-a-redirect": "import {redirect} from 'next/navigation';\nexport async function GET() { redirect('/welcome'); }",
    "a-guard-that-is-called-and-asked-nothing": "import {redirect} from 'next/navigation';\nexport async function GET() { await auth(); redirect('/'); }",
    "a-look-up-by-a-cookie": "import {cookies} from 'next/headers';\nexport async function GET() { const sid = (await cookies()).get('sid')?.value; const row = await prisma.session.findUnique({where: {sid}}); if (!row) return refused(); " + DOES + " }",
    "only-a-crash-would-stop-it": "export async function GET() { const session = await auth(); return Response.json(await prisma.user.findMany({where: {id: session.user.id}})); }",
    "auth-js-at-another-path": "import {handlers} from '@/auth';\nexport const {GET, POST} = handlers;",
    "a-class": "export class GET {}",
    "does-not-parse": "export async function GET( { " + DOES + " }",
    "exports-nothing": "async function GET() { await requireAdmin(); }",
    "a-guard-that-is-chosen": "const guard = process.env.FAST ? async () => {} : requireAdmin;\nexport async function GET() { await guard(); " + DOES + " }",
    "a-helper-within-itself": "const run = async (work) => work();\nexport async function GET() { await run(() => run(() => prisma.user.deleteMany())); await requireAdmin(); " + DOES + " }",
    "answers-in-the-catch": "const known = {all: 1};\nexport async function GET() { try { await requireAdmin(); } catch { return Response.json(known); } " + DOES + " }",
    "a-default-user": "export async function GET() { const {user = {id: 1}} = await auth(); if (!user) return refused(); " + DOES + " }",
    "refuses-everybody": "export const GET = () => new Response(null, {status: 410});",
    "a-dynamic-guard": "const guards = {admin: requireAdmin};\nexport async function GET(request) { await guards[request.kind](); " + DOES + " }",
}  # fmt: skip


@pytest.mark.parametrize("body", UNTOLD.values(), ids=UNTOLD)
def test_what_cannot_be_told_is_unknown_and_never_ok(body: str, tmp_path: Path) -> None:
    found = handler(tmp_path, body)
    assert set(locks(found).values()) == {UNKNOWN}
    assert rules.UNTOLD.id in broken(found)


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


# --- the other rules --------------------------------------------------------------------------------------------------

BROKEN = {
    "SRC003-nullish": "const s = process.env.MIGRATION_SECRET ?? process.env.NEXTAUTH_SECRET;",
    "SRC003-or": "const s = process.env.MIGRATION_SECRET || process.env.NEXTAUTH_SECRET;",
    "SRC003-names-alone": "const {MIGRATION_SECRET, NEXTAUTH_SECRET} = process.env; const s = MIGRATION_SECRET ?? NEXTAUTH_SECRET;",
    "SRC003-a-chain": "const s = (process.env.MIGRATION_SECRET ?? '') || process.env.AUTH_SECRET;",
    "SRC003-ternary": "const s = process.env.MIGRATION_SECRET ? process.env.MIGRATION_SECRET : process.env.NEXTAUTH_SECRET;",
    "SRC003-default-of-a-parameter": "export function check(secret = process.env.NEXTAUTH_SECRET) {}",
    "SRC003-default-of-a-name": "const {MIGRATION_SECRET = process.env.NEXTAUTH_SECRET} = process.env;",
    "SRC003-a-text": "const s = process.env.JWT_SECRET || 'dev-secret';",
    "SRC003-a-text-by-a-constant": "const DEV_SECRET = 'x'; const s = process.env.JWT_SECRET ?? DEV_SECRET;",
    "SRC003-assigned": "let s = process.env.MIGRATION_SECRET; if (!s) s = process.env.NEXTAUTH_SECRET;",
    "SRC003-assigned-where-nothing-is": "let s = process.env.MIGRATION_SECRET; s ??= process.env.NEXTAUTH_SECRET;",
    "SRC003-by-a-function": "const s = getEnv('MIGRATION_SECRET', 'changeme');",
    "SRC003-by-a-schema": "export const env = create({MIGRATION_SECRET: z.string().min(8).default('changeme')});",
    "SRC004-direct": "export const f = (h) => h.get('authorization') === `Bearer ${process.env.CRON_SECRET}`;",
    "SRC004-a-sum": "export const f = (h) => h.get('authorization') !== 'Bearer ' + process.env.CRON_SECRET;",
    "SRC004-by-a-name": "export function f(h) { const secret = process.env.CRON_SECRET; const wanted = `Bearer ${secret}`; return h === wanted; }",
    "SRC004-a-check-that-goes-on": "export function f(h) { const secret = process.env.CRON_SECRET; if (!secret) console.warn('unset'); return h === `Bearer ${secret}`; }",
    "SRC004-checked-elsewhere": "export function g(secret) { if (!secret) return 1; }\nexport function f(h, secret = process.env.CRON_SECRET) { return h === `Bearer ${process.env.CRON_SECRET}`; }",
    "SRC004-in-constant-time": "export const f = (h) => timingSafeEqual(digest(h), digest(`Bearer ${process.env.CRON_SECRET}`));",
    "SRC005": "export const f = (h) => h.get('x-key') === process.env.INGEST_KEY;",
    "SRC005-by-a-name": "const wanted = process.env.INGEST_TOKEN; export const f = (given) => given !== wanted;",
    "SRC006": "export const f = (a, b) => timingSafeEqual(Buffer.from(a), Buffer.from(b));",
    "SRC007": "export const makeToken = () => Math.random().toString(36);",
    "SRC007-in-a-file-of-codes": "export const make = () => Math.random();",
    "SRC007-in-an-object": "export const voucher = {code: String(Math.random())};",
    "SRC008-a-constant": "export const PAIRING_CODE_LENGTH = 5;",
    "SRC008-a-loop": "const LENGTH = 5; export function generatePairingCode() { let s = ''; for (let i = 0; i < LENGTH; i++) s += pick(); return s; }",
    "SRC008-digits": "export const makePairingCode = () => String(randomInt(0, 1000000));",
    "SRC008-cut": "export function newInviteCode() { return randomBytes(16).toString('hex').slice(0, 6); }",
    "SRC008-few-bytes": "export const voucherCode = () => randomBytes(3).toString('hex');",
    "SRC012": "export const s = process.env.NEXT_PUBLIC_API_SECRET;",
    "SRC013": "'use client';\nimport {prisma} from '@/lib/db';",
    "SRC014-void": "export async function f() { void writeAudit({}); }",
    "SRC014": "export async function f() { writeAudit({}); }",
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_found(name: str, tmp_path: Path) -> None:
    found = audit(tmp_path, {"lib/pairing-code.ts": BROKEN[name], "app/api/a/route.ts": GOOD})
    assert name[:6] in broken(found)
    assert found.status is ExitStatus.LEAK


GOOD = HEAD + "export async function GET() { await requireAdmin(); " + DOES + " }"
KEPT = {
    "two-names-of-one-secret": "const s = process.env.AUTH_SECRET ?? process.env.NEXTAUTH_SECRET;",
    "a-fallback-that-is-no-secret": "const url = process.env.BASE_URL ?? 'http://localhost:3000';",
    "a-fallback-that-throws": "const s = process.env.JWT_SECRET ?? missing('JWT_SECRET');",
    "an-injected-secret": "export function check(secret = process.env.MIGRATION_SECRET) { if (!secret) throw new Error('unset'); }",
    "a-secret-that-is-asked-for": "export function f(h) { const secret = process.env.CRON_SECRET; if (!secret) return false; return timingSafeEqual(digest(h), digest(`Bearer ${secret}`)); }",
    "asked-for-when-loaded": "const secret = process.env.CRON_SECRET; if (!secret) throw new Error('unset'); export const f = (h) => timingSafeEqual(digest(h), digest(`Bearer ${secret}`));",
    "a-comparison-with-nothing": "export const f = () => process.env.JWT_SECRET === undefined || process.env.JWT_SECRET === '';",
    "two-secrets-that-must-differ": "if (process.env.MIGRATION_SECRET === process.env.NEXTAUTH_SECRET) throw new Error('same');",
    "digests": "export const f = (a, b) => timingSafeEqual(sha(a).digest(), sha(b).digest());",
    "lengths": "export const f = (a, b) => a.length === b.length && timingSafeEqual(a, b);",
    "random-that-is-no-secret": "export const jitter = () => Math.random() * 100; export const requestId = Math.random();",
    "long-codes": "export const PAIRING_CODE_LENGTH = 10; export const voucherCode = () => randomBytes(16).toString('hex');",
    "a-status-code": "export const statusCodeLength = 3; export const errorCode = 4;",
    "an-awaited-record": "export async function f() { await writeAudit({}); }",
    "a-keyboard-shortcut": "export const f = (event) => event.key === Keys.ENTER_KEY || event.key === SHORTCUT_KEY;",
    "a-storage-key": "const STORAGE_KEY = 'x'; export const f = (event) => event.key === STORAGE_KEY;",
    "a-constant-of-the-file": "const ACCESS_KEY = 'k'; export const f = (event) => event.key === ACCESS_KEY;",
    "a-tab": "export const f = (tab) => tab === Tabs.PASSWORD || tab === TABS.TOKEN;",
    "an-enum": "export const f = (kind) => kind === Method.API_KEY;",
    "a-flag": "const on = process.env.PASSWORD_LOGIN_ENABLED ?? 'true'; const most = process.env.MAX_TOKENS ?? '100';",
    "a-public-key": "const key = process.env.NEXT_PUBLIC_SITE_KEY ?? 'demo'; const cookie = process.env.TOKEN_COOKIE_NAME || 'token';",
    "in-a-comment": "// process.env.MIGRATION_SECRET ?? process.env.NEXTAUTH_SECRET\nexport const why = 'process.env.A_SECRET || process.env.B_SECRET';",
}  # fmt: skip


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_keeps_the_rules_is_not_told_of(text: str, tmp_path: Path) -> None:
    found = audit(tmp_path, {"lib/things.ts": text, "app/api/a/route.ts": GOOD})
    assert [(one.rule.id, one.what) for one in found.breaches] == []
    assert found.status is ExitStatus.LOCKED


@pytest.mark.parametrize("file", ["prisma/seed.ts", "tests/login.ts", "lib/fixtures/users.ts", "stories/Button.tsx"])
def test_secret_rules_look_at_what_is_deployed_only(file: str, tmp_path: Path) -> None:
    text = "const s = process.env.JWT_SECRET || 'dev-secret'; export const makeToken = () => Math.random();"
    assert audit(tmp_path, {file: text, "app/api/a/route.ts": GOOD}).breaches == ()
    assert broken(audit(tmp_path, {"lib/token.ts": text})) == {"SRC003", "SRC007"}


# --- the middleware ---------------------------------------------------------------------------------------------------

PAGE = "export default function Page() { return <main>secret</main>; }"


@pytest.mark.parametrize(
    ("matcher", "rule"),
    [
        pytest.param("'/settings/:path*'", None, id="covers"),
        pytest.param("['/settings/:path+']", None, id="covers-by-a-list"),
        pytest.param("'/((?!api|_next/static).*)'", None, id="all-but"),
        pytest.param("'/admin/:path*'", "SRC009", id="leaves-out"),
        pytest.param("'/settings'", "SRC009", id="only-the-top"),
        pytest.param("'/((?!settings).*)'", "SRC009", id="leaves-out-by-looking-ahead"),
        pytest.param("{source: '/settings/:path*', missing: [{type: 'header', key: 'purpose'}]}", "SRC010", id="only-without-a-header"),
        pytest.param("makeMatcher()", "SRC002", id="made-when-it-runs"),
    ],
)  # fmt: skip
def test_matchers_are_compared_with_the_pages(matcher: str, rule: str | None, tmp_path: Path) -> None:
    found = audit(tmp_path, {
        "app/settings/tokens/page.tsx": PAGE,
        "app/signin/page.tsx": PAGE,
        "app/api/a/route.ts": GOOD,
        "middleware.ts": f"export function middleware() {{}}\nexport const config = {{matcher: {matcher}}};",
    })  # fmt: skip
    assert (rule in broken(found)) if rule else broken(found) == set()


def test_a_page_that_guards_itself_needs_no_middleware_and_a_layout_does_not_count(tmp_path: Path) -> None:
    page = "import {auth} from '@/auth';\nimport {redirect} from 'next/navigation';\nexport default async function Page() { if (!(await auth())) redirect('/signin'); return <main/>; }"
    found = audit(tmp_path, {
        "app/own/page.tsx": page, "app/laid/layout.tsx": page, "app/laid/page.tsx": PAGE, "app/api/a/route.ts": GOOD,
        "proxy.ts": "export const proxy = () => {}; export const config = {matcher: ['/none']};",
    })  # fmt: skip
    assert [one.what for one in found.breaches] == ["/laid (app/laid/page.tsx) has no guard of its own"]


@pytest.mark.parametrize(
    ("condition", "loose"),
    [
        ("path.startsWith('/api/auth')", True),
        ("path.startsWith('/api/auth/')", False),
        ("path === '/api/auth'", False),
        ("!path.startsWith('/admin')", False),
        ("path === '/' || path.includes('/public')", True),
    ],
)
def test_an_exemption_by_the_beginning_of_a_name_is_found(condition: str, loose: bool, tmp_path: Path) -> None:  # noqa: FBT001
    text = f"export function middleware(request) {{ const path = request.nextUrl.pathname; if ({condition}) return NextResponse.next(); return NextResponse.redirect('/signin'); }}"
    assert ("SRC011" in broken(audit(tmp_path, {"src/middleware.ts": text, "app/api/a/route.ts": GOOD}))) is loose


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("/", "/", True),
        ("/a", "/a/", True),
        ("/a", "/ab", False),
        ("/a/:b", "/a/x", True),
        ("/a/:b", "/a/x/y", False),
        ("/a/:b?", "/a", True),
        ("/a/:b*", "/a", True),
        ("/a/:b*", "/a/x/y", True),
        ("/a/:b+", "/a", False),
        ("/a/:id(\\d+)", "/a/12", True),
        ("/a/:id(\\d+)", "/a/x", False),
        ("/((?!api|_next).*)", "/settings", True),
        ("/((?!api|_next).*)", "/api/x", False),
        ("/(a|b)/c", "/b/c", True),
    ],
)
def test_a_pattern_matches_as_next_js_reads_it(pattern: str, path: str, wanted: bool) -> None:  # noqa: FBT001
    compiled = pattern_of(pattern)
    assert compiled is not None
    assert bool(compiled.match(path)) is wanted


# --- files that are hard to read --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(b"export const GET = '\xff';", "byte 0xff in line 1 is not UTF-8", id="latin-1"),
        pytest.param("export const GET = 1;".encode("utf-16"), "is not UTF-8", id="utf-16"),
        pytest.param(b"export const GET = 1;\0", "null bytes", id="null"),
        pytest.param(b"export const GET = (", "cannot be parsed", id="half"),
        pytest.param(b"", "none of its exports", id="empty"),
    ],
)
def test_a_route_that_cannot_be_read_is_unknown(raw: bytes, said: str, tmp_path: Path) -> None:
    found = audit(tmp_path, {"app/api/a/route.ts": raw})
    assert [(door.status, said in door.reason) for door in found.handlers] == [(UNKNOWN, True)]


def test_a_file_that_is_too_large_is_no_verdict(tmp_path: Path) -> None:
    found = audit(tmp_path, {"app/api/a/route.ts": GOOD, "app/api/b/route.ts": GOOD + " " * MOST_BYTES})
    assert [one.what for one in found.breaches] == ["is larger than 1 MiB"]
    assert found.status is ExitStatus.NO_VERDICT


def test_a_handler_that_is_nested_too_deep_is_unknown(tmp_path: Path) -> None:
    deep = "export const GET = () => " + "(" * 20_000 + "1" + ")" * 20_000 + ";"
    chain = "export const GET = (x) => x" + ".a(1)" * 20_000 + ";"
    found = audit(tmp_path, {"app/api/a/route.js": deep, "app/api/b/route.js": chain})
    assert OK not in locks(found).values()


def test_functions_that_call_each_other_end(tmp_path: Path) -> None:
    body = "const a = async () => { await b(); }; const b = async () => { await a(); };\nexport async function GET() { await a(); " + DOES + " }"  # fmt: skip
    assert locks(handler(tmp_path, body)) == {"GET /api/x": UNGUARDED}


@pytest.mark.slow
def test_many_calls_end_as_unknown(tmp_path: Path) -> None:
    functions = "".join(
        f"const f{n} = async () => {{ await f{n + 1}(); await f{n + 1}(); await f{n + 1}(); }};\n" for n in range(30)
    )
    body = (
        functions
        + "const f30 = async () => {};\nexport async function GET() { await f0(); await requireAdmin(); "
        + DOES
        + " }"
    )
    assert locks(handler(tmp_path, body)) == {"GET /api/x": UNKNOWN}


def test_links_that_lead_round_or_out_end(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    audit(folder, {"app/api/a/route.ts": GOOD})
    (folder / "app" / "again").symlink_to(folder, target_is_directory=True)
    (tmp_path / "other").mkdir()
    (folder / "app" / "out").symlink_to(tmp_path / "other", target_is_directory=True)
    found = audit_source(folder)
    assert locks(found) == {"GET /api/a": OK}
    assert [(one.source.file, one.what) for one in found.breaches] == [("app/out", "is a link out of the folder")]
    assert found.status is ExitStatus.NO_VERDICT


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        audit_source(tmp_path / "none")


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
    assert "fix: install it: pip install 'lockdown-prober[audit]'" in ended.stderr
