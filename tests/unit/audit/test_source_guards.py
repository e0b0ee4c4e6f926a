"""Handlers that only look guarded, those that are, and those of which nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source import rules
from prober.model import ExitStatus
from tests.support.source_audit import DOES, OK, UNGUARDED, UNKNOWN, broken, handler, locks

if TYPE_CHECKING:
    from pathlib import Path


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
