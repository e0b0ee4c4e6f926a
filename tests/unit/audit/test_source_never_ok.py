"""Handlers without a guard that only look as if they had one: whatever the form, never ok."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.analysis.listing import open_project
from prober.audit.source.analysis.state import GuardCall, ReturnValue
from prober.audit.source.analysis.values import OURS, GuardKind, GuardStyle, Proof
from prober.audit.source.audit import audit_source, with_shipped
from prober.audit.source.handler_analyzer import handler_analyzer
from prober.audit.source.handler_status import verdict_of
from prober.model import SourceGuards

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """import {prisma} from '@/lib/db';
import {auth} from '@/auth';
import {redirect} from 'next/navigation';
const no = () => new Response(null, {status: 401});
"""
ACTS = "await prisma.user.deleteMany(); return new Response(null, {status: 204}); }"
FORMS = {
    "module-memo": "let cached; \nexport async function POST(r) { cached ??= await auth(); if (!cached) return no(); " + ACTS,
    "module-session": "const session = await auth();\nexport async function POST(r) { if (!session) return no(); " + ACTS,
    "getter": "class A { get user() { prisma.user.deleteMany(); return 1; } }\nexport async function POST(r) { const a = new A(); a.user; return no(); }",
    "setter": "class A { set user(x) { prisma.user.deleteMany(); } }\nexport async function POST(r) { const a = new A(); a.user = 1; return no(); }",
    "super-ctor": "class B { constructor() { prisma.user.deleteMany(); } } class A extends B { constructor() { super(); } }\nexport async function POST(r) { new A(); return no(); }",
    "super-method": "class B { async go() { await prisma.user.deleteMany(); } } class A extends B { async go() { await super.go(); } }\nexport async function POST(r) { await new A().go(); return no(); }",
    "static-block": "class A { static { } static go = async () => { await prisma.user.deleteMany(); } }\nexport async function POST(r) { await A.go(); return no(); }",
    "computed-method": "class A { ['go']() { return prisma.user.deleteMany(); } }\nexport async function POST(r) { await new A().go(); return no(); }",
    "obj-in-array": "const all = [async () => prisma.user.deleteMany()];\nexport async function POST(r) { for (const f of all) await f(); return no(); }",
    "map-of-fns": "const all = {a: async () => prisma.user.deleteMany()};\nexport async function POST(r) { await all[r.kind](); return no(); }",
    "singleton": "class A { async wipe() { await prisma.user.deleteMany(); } static get() { return new A(); } }\nexport async function POST(r) { await A.get().wipe(); return no(); }",
    "opt-chain-call": "export async function POST(r) { await prisma?.user?.deleteMany?.(); return no(); }",
    "alias-db": "const p = prisma; const {user} = p;\nexport async function POST(r) { await user.deleteMany(); return no(); }",
    "alias-fn": "const del = prisma.user.deleteMany;\nexport async function POST(r) { await del({}); return no(); }",
    "after": "import {after} from 'next/server';\nexport async function POST(r) { after(async () => { await prisma.user.deleteMany(); }); return no(); }",
    "setTimeout": "export async function POST(r) { setTimeout(() => prisma.user.deleteMany(), 0); return no(); }",
    "stream": "export async function POST(r) { return new Response(new ReadableStream({start(c) { prisma.user.deleteMany(); }}), {status: 401}); }",
    "proxy-obj": "const h = new Proxy({}, {get: () => prisma.user.deleteMany()});\nexport async function POST(r) { h.x; return no(); }",
    "beside-a-guard-of-a-package": "import {checkUser} from '@acme/users';\nexport async function POST(r) { await auth(); const u = await checkUser(r); if (!u) return no(); " + ACTS,
    "caught-and-the-wrong-way-round": "export async function POST(r) { const s = await auth().catch(() => null); if (s) return no(); " + ACTS,
    "protects-if-it-must": "import {auth as clerk} from '@clerk/nextjs/server';\nexport async function POST(r) { await clerk.protect({optional: true}); " + ACTS,
    "stack-gives-null": "import {StackServerApp} from '@stackframe/stack';\nconst app = new StackServerApp({});\nexport async function POST(r) { await app.getUser({or: 'return-null'}); " + ACTS,
    "client-goes-on-either-way": "import {createSafeActionClient} from 'next-safe-action';\nconst client = createSafeActionClient().use(async ({next}) => { const s = await auth(); if (s) return next(); return next({ctx: {}}); });\nexport const POST = client.action(async () => { " + ACTS + ");",
    "client-never-goes-on": "import {createSafeActionClient} from 'next-safe-action';\nconst client = createSafeActionClient().use(async () => { await auth(); });\nexport const POST = client.action(async () => { " + ACTS + ");",
    "procedure-gives-what-may-be-null": "import {createServerActionProcedure} from 'zsa';\nconst asked = createServerActionProcedure().handler(async () => { const s = await auth(); return {s}; });\nexport const POST = asked.createServerAction().handler(async () => { " + ACTS + ");",
    "guard-from-nowhere": "export async function POST(r) { const s = await requireSession(); if (!s) return no(); " + ACTS,
    "open-by-what-seems-never-true": "const isOpen = () => false;\nexport async function POST(r) { if (isOpen()) { await prisma.user.deleteMany(); return no(); } const s = await auth(); if (!s) return no(); " + ACTS,
    "session-or": "export async function POST(r) { const s = (await auth()) || {}; if (!s) return no(); " + ACTS,
    "session-or-guest": "export async function POST(r) { const s = (await auth()) ?? {user: {id: 'guest'}}; if (!s.user) return no(); " + ACTS,
    "spread-user": "export async function POST(r) { const s = {...(await auth())}; if (!s) return no(); " + ACTS,
    "spread-session-then-body": "export async function POST(r) { const s = {user: (await auth())?.user, ...await r.json()}; if (!s.user) return no(); " + ACTS,
    "destr-default": "export async function POST(r) { const {user} = (await auth()) ?? {user: {}}; if (!user) return no(); " + ACTS,
    "Object.assign": "export async function POST(r) { const s = await auth(); const c = Object.assign({}, s, await r.json()); if (!c.user) return no(); " + ACTS,
    "boolean-loose": "export async function POST(r) { const s = await auth(); if (!s && r.headers.get('x')) return no(); " + ACTS,
    "or-header": "export async function POST(r) { const s = await auth(); if (!s && !r.headers.get('x-internal')) return no(); " + ACTS,
    "array-some": "export async function POST(r) { const s = await auth(); if (![s, r.x].some(Boolean)) return no(); " + ACTS,
    "switch-true": "export async function POST(r) { const s = await auth(); switch (true) { case !s: return no(); } " + ACTS,
    "throw-in-callback": "export async function POST(r) { const s = await auth(); [1].forEach(() => { if (!s) throw new Error('x'); }); " + ACTS,
    "finally-return": "export async function POST(r) { try { const s = await auth(); if (!s) return no(); } finally { await prisma.user.deleteMany(); } }",
    "guard-in-try-+-catch-swallow": "export async function POST(r) { try { const s = await auth(); if (!s) throw new Error('no'); } catch {} " + ACTS,
    "session-status": "export async function POST(r) { const s = await auth(); if (s.status === 'unauthenticated') return no(); " + ACTS,
    "session-undefined-strict": "export async function POST(r) { const s = await auth(); if (s === undefined) return no(); " + ACTS,
    "typeof": "export async function POST(r) { const s = await auth(); if (typeof s !== 'object') return no(); " + ACTS,
    "length-check": "export async function POST(r) { const s = await auth(); if (String(s).length === 0) return no(); " + ACTS,
    "comma": "export async function POST(r) { const s = (await auth(), {a: 1}); if (!s) return no(); " + ACTS,
    "while-not": "export async function POST(r) { let s = await auth(); while (!s) { s = {}; } " + ACTS,
    "reassigned-in-branch": "export async function POST(r) { let s = await auth(); if (r.dev) s = {user: 1}; if (!s) return no(); " + ACTS,
    "closure-reassign": "export async function POST(r) { let s = await auth(); const f = () => { s = {}; }; f(); if (!s) return no(); " + ACTS,
    "label": "export async function POST(r) { const s = await auth(); a: { if (s) break a; if (r.x) break a; return no(); } " + ACTS,
    "json-err-200": "export async function GET(r) { const s = await auth(); if (!s) return Response.json({error: 'x', rows: await prisma.user.findMany()}, {status: 401}); return Response.json(1); }",
    "refusal-leaks": "export async function GET(r) { const rows = await prisma.user.findMany(); const s = await auth(); if (!s) return Response.json(rows, {status: 401}); return Response.json(1); }",
    "redirect-leak": "export async function GET(r) { const row = await prisma.user.findFirst(); const s = await auth(); if (!s) redirect('/login?email=' + row.email); return Response.json(1); }",
    "header-secret-public": "export async function POST(r) { const k = process.env.NEXT_PUBLIC_API_KEY; if (!k) return no(); if (r.headers.get('x') !== k) return no(); " + ACTS,
    "secret-vs-itself": "export async function POST(r) { const k = process.env.API_KEY; if (!k) return no(); if (k !== process.env.API_KEY) return no(); " + ACTS,
    "secret-vs-const": "export async function POST(r) { const k = process.env.API_KEY; if (!k) return no(); if (k === 'x') return no(); " + ACTS,
    "secret-length": "export async function POST(r) { const k = process.env.API_KEY; if (!k) return no(); if (r.headers.get('x').length !== k.length) return no(); " + ACTS,
    "jwt-with-alg-none-lib-decode": "import {decodeJwt} from 'jose';\nexport async function POST(r) { const c = decodeJwt(r.headers.get('a')); if (!c) return no(); " + ACTS,
    "jwt-verify-cb": "import jwt from 'jsonwebtoken';\nexport async function POST(r) { jwt.verify(r.t, 'k', (e, d) => {}); " + ACTS,
    "jwt-ignore": "import jwt from 'jsonwebtoken';\nexport async function POST(r) { try { jwt.verify(r.t, 'k'); } catch (e) { console.log(e); } " + ACTS,
    "currentUser-not-awaited": "import {currentUser} from '@clerk/nextjs/server';\nexport async function POST(r) { const u = currentUser(); if (!u) return no(); " + ACTS,
    "clerk-other-key": "import {auth as a} from '@clerk/nextjs/server';\nexport async function POST(r) { const {getToken} = await a(); if (!getToken) return no(); " + ACTS,
    "clerk-rest": "import {auth as a} from '@clerk/nextjs/server';\nexport async function POST(r) { const {userId, ...rest} = await a(); if (!rest) return no(); " + ACTS,
    "supabase-error-only-getSession": "import {createClient} from '@supabase/supabase-js';\nexport async function POST(r) { const {data, error} = await createClient('u','k').auth.getSession(); if (error || !data.session) return no(); " + ACTS,
    "safe-action-next-before": "import {createSafeActionClient} from 'next-safe-action';\nconst c = createSafeActionClient().use(async ({next}) => { const r = await next(); const s = await auth(); if (!s) throw 1; return r; });\nexport const POST = c.action(async () => { await prisma.user.deleteMany(); });",
    "a-function-that-gives-nothing": "const f = () => null;\nexport async function POST(r) { await auth(); if (!f()) return no(); " + ACTS,
    "a-session-of-the-load-time-beside-a-guard": "const session = await auth();\nexport async function POST(r) { await auth(); if (!session) return no(); " + ACTS,
    "a-list-beside-a-guard": "const KINDS = {a: 1};\nexport async function POST(r) { await auth(); if (!(r.kind in KINDS)) return no(); " + ACTS,
    "what-stands-in-for-a-failure": "export async function POST(r) { const s = await auth().catch(() => ({user: null})); if (!s) return no(); " + ACTS,
    "what-a-package-puts-in-for-a-failure": "import {guest} from '@acme/users';\nexport async function POST(r) { const s = await auth().catch(guest); if (!s) return no(); " + ACTS,
    "a-secret-that-is-asked-for-in-a-branch": "export async function POST(r) { if (r.headers.get('x-job')) { if (!process.env.JOB_SECRET) return no(); } if (r.headers.get('x') !== process.env.JOB_SECRET) return no(); " + ACTS,
    "a-secret-that-is-asked-for-and-caught": "export async function POST(r) { try { if (!process.env.JOB_SECRET) throw new Error('unset'); } catch { console.warn('unset'); } if (r.headers.get('x') !== process.env.JOB_SECRET) return no(); " + ACTS,
    "a-secret-that-another-function-asks-for": "const set = () => { if (!process.env.JOB_SECRET) throw new Error('unset'); };\nconst same = (r) => r.headers.get('x') === process.env.JOB_SECRET;\nexport async function POST(r) { if (!same(r)) return no(); set(); " + ACTS,
    "stack-makes-a-user": "import {StackServerApp} from '@stackframe/stack';\nconst app = new StackServerApp({});\nexport async function POST(r) { const u = await app.getUser({or: 'anonymous'}); if (!u) return no(); " + ACTS,
    "an-event-of-a-calendar-beside-a-guard": "export async function POST(r) { const s = await auth(); if (s) await prisma.user.deleteMany(); await prisma.event.create({data: await r.json()}); return new Response(null, {status: 204}); }",
    "roles-that-are-not-there": "export async function POST(r) { const s = await auth(); const denied = s?.user?.roles?.every((role) => role !== 'editor'); if (denied) return no(); " + ACTS,
    "a-list-of-those-who-may-not": "export async function POST(r) { const s = await auth(); if (['banned'].includes(s?.user?.role)) return no(); " + ACTS,
    "a-list-of-nobody-knows-what": "export async function POST(r) { const s = await auth(); if (!r.roles.includes(s?.user?.role)) return no(); " + ACTS,
    "a-switch-that-strangers-fall-through": "export async function POST(r) { const s = await auth(); switch (s?.user?.role) { case 'admin': break; case 'banned': return no(); } " + ACTS,
    "a-switch-whose-default-goes-on": "export async function POST(r) { const s = await auth(); switch (s?.user?.role) { case 'banned': return no(); default: break; } " + ACTS,
    "a-switch-for-those-who-are-not": "export async function POST(r) { const s = await auth(); switch (s?.user?.role) { case undefined: case 'admin': break; default: return no(); } " + ACTS,
    "denied-is-not-only-true": "export async function POST(r) { const s = await auth(); const denied = s ? null : 'who are you'; if (denied === true) return no(); " + ACTS,
    "an-option-that-is-changed-later": "const options = {};\noptions.auth = false;\nconst route = ({auth: on = true, run}) => async (r) => { if (on) { const s = await auth(); if (!s) return no(); } return run(r); };\noptions.run = async () => { await prisma.user.deleteMany(); return new Response(null, {status: 204}); };\nexport const POST = route(options);",
    "a-flag-that-is-changed-later": "let strict = null;\nexport const relax = () => { strict = true; };\nexport async function POST(r) { if (strict === null) { const s = await auth(); if (!s) return no(); } " + ACTS,
    "a-guest-in-the-context-of-an-action": "import {createSafeActionClient} from 'next-safe-action';\nconst c = createSafeActionClient().use(async ({next}) => { const s = await auth(); return next({ctx: {user: s?.user ?? {id: 'guest'}}}); });\nexport const POST = c.action(async ({ctx}) => { if (!ctx.user) throw new Error('no'); await prisma.user.deleteMany(); });",
    "a-context-that-another-way-fills": "import {createSafeActionClient} from 'next-safe-action';\nconst c = createSafeActionClient().use(async ({next, input}) => { const s = await auth(); if (input.dev) return next({ctx: {user: input.dev}}); return next({ctx: {user: s?.user}}); });\nexport const POST = c.action(async ({ctx}) => { if (!ctx.user) throw new Error('no'); await prisma.user.deleteMany(); });",
    "wrappers-of-which-none-refuses": "const all = (...wraps) => (run) => wraps.reduceRight((next, wrap) => wrap(next), run);\nconst timed = (next) => async (r) => { const s = await auth(); const made = await next(r); console.log(s); return made; };\nexport const POST = all(timed, timed)(async (r) => { " + ACTS + ");",
    "a-lender-that-nobody-asks": "import {withIronSessionApiRoute} from 'iron-session/next';\nexport const POST = withIronSessionApiRoute(async (r) => { if (!r.session) return no(); " + ACTS + ", {});",
    "a-member-of-a-computed-name": "export async function POST(r) { const s = {user: (await auth())?.user, [r.name]: r.body}; if (!s.user) return no(); " + ACTS,
    "a-context-that-the-request-fills": "import {createSafeActionClient} from 'next-safe-action';\nconst c = createSafeActionClient().use(async ({next}) => { const s = await auth(); return next({ctx: {user: s?.user}}); }).use(async ({next, input}) => next({ctx: {...await input.json()}}));\nexport const POST = c.action(async ({ctx}) => { if (!ctx.user) throw new Error('no'); await prisma.user.deleteMany(); });",
    "a-missing-member-beside-a-guard": "const c = {a: 1};\nexport async function POST(r) { await auth(); if (!c.user) return no(); " + ACTS,
    "a-new-object-beside-a-guard": "export async function POST(r) { await auth(); const u = new URL(r.url); if (!u) return no(); " + ACTS,
    "redirects-everybody-beside-a-guard": "export async function POST(r) { await auth(); if (r.x) redirect('/a'); else redirect('/b'); " + ACTS,
    "a-function-of-its-own-that-is-not-awaited": "const must = async () => { const s = await auth(); if (!s) throw new Error('no'); };\nexport async function POST(r) { must(); " + ACTS,
    "a-guard-in-a-loop-that-may-be-empty": "export async function POST(r) { for (const id of r.ids) { const s = await auth(); if (!s) return no(); } " + ACTS,
    "typeof-another-type": "export async function POST(r) { const s = await auth(); if (typeof s?.user === 'string') return no(); " + ACTS,
    "imported-when-needed-and-not-awaited": "export async function POST(r) { const {auth: who} = await import('@/auth'); if (!who()) return no(); " + ACTS,
    "an-environment-that-is-not-demanded": "import {z} from 'zod';\nconst env = z.object({CRON_SECRET: z.string().optional()}).parse(process.env);\nexport async function POST(r) { if (r.headers.get('x') !== `Bearer ${env.CRON_SECRET}`) return no(); " + ACTS,
    "an-environment-that-may-be-empty": "import {z} from 'zod';\nconst env = z.object({CRON_SECRET: z.string()}).parse(process.env);\nexport async function POST(r) { if (r.headers.get('x') !== `Bearer ${env.CRON_SECRET}`) return no(); " + ACTS,
    "an-environment-that-may-be-skipped": "import {z} from 'zod';\nimport {createEnv} from '@t3-oss/env-nextjs';\nconst env = createEnv({server: {CRON_SECRET: z.string().min(16)}, skipValidation: !!process.env.SKIP_ENV_VALIDATION});\nexport async function POST(r) { if (r.headers.get('x') !== `Bearer ${env.CRON_SECRET}`) return no(); " + ACTS,
    "an-environment-that-is-parsed-elsewhere": "import {z} from 'zod';\nconst env = process.env;\nexport const check = () => z.object({CRON_SECRET: z.string().min(16)}).parse(process.env);\nexport async function POST(r) { if (r.headers.get('x') !== `Bearer ${env.CRON_SECRET}`) return no(); " + ACTS,
    "a-service-that-its-constructor-makes": "class Store { async wipe() { await prisma.user.deleteMany(); } }\nclass Service { constructor(store = new Store()) { this.store = store; } go() { return this.store.wipe(); } }\nclass Short { constructor(readonly store = new Store()) {} go() { return this.store.wipe(); } }\nexport async function POST(r) { await new Short().go(); return no(); }",
    "a-client-of-the-load-time-beside-a-guard": "const c = process.env.X ? new URL(process.env.X) : null;\nexport async function POST(r) { await auth(); if (!c) return no(); " + ACTS,
}  # fmt: skip


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_what_proves_no_caller_is_never_ok(body: str, tmp_path: Path) -> None:
    route = tmp_path / "app" / "api" / "x" / "route.ts"
    route.parent.mkdir(parents=True)
    route.write_text(HEAD + body)
    found = audit_source(tmp_path)
    assert [(one.status, one.reason) for one in found.handlers if one.status == "ok"] == []
    assert len(found.handlers) == 1
    assert int(found.status) != 0


GUARDED = "import {auth} from '@/auth';\nexport async function POST() { const s = await auth(); if (!s) return new Response(null, {status: 401}); return Response.json(1); }"


def test_same_frame_with_a_guard_is_ok(tmp_path: Path) -> None:
    """Without this, the table above would also hold of an audit that is never ok."""
    route = tmp_path / "app" / "api" / "x" / "route.ts"
    route.parent.mkdir(parents=True)
    route.write_text(HEAD + GUARDED.partition("\n")[2])
    assert [(one.status, one.reason) for one in audit_source(tmp_path).handlers] == [("ok", "auth in line 5 (session)")]


# --- ok names a guard -------------------------------------------------------------------------------------------------
STUB = GuardCall(name="requireUser", line=1, style=GuardStyle.STUB, kind=GuardKind.SESSION)


@pytest.mark.parametrize("called", [[], [STUB]], ids=["nobody", "what-refuses-nobody"])
def test_proof_without_a_guard_that_can_be_named_is_unknown(called: list[GuardCall], tmp_path: Path) -> None:
    walk = handler_analyzer(open_project(tmp_path), with_shipped(SourceGuards())).walk()
    walk.passed, walk.called = True, called
    status, reason = verdict_of(walk, [ReturnValue(proof=Proof.YES, value=OURS, line=1, caught=False)], "a.ts")
    assert (status, reason) == ("unknown", "no guard that it passes can be named")


@pytest.mark.parametrize(
    "made",
    ["withAuth(listNotes, { optional: true })", "withAuth({ optional: true })(listNotes)", "withNobody(listNotes)"],
)
def test_handler_of_a_package_in_a_wrapper_that_may_let_everybody_pass_is_never_ok(made: str, tmp_path: Path) -> None:
    (tmp_path / "app" / "api" / "a").mkdir(parents=True)
    head = "import {withAuth} from '@/auth';\nimport {listNotes, withNobody} from '@acme/notes';\n"
    (tmp_path / "app" / "api" / "a" / "route.ts").write_text(f"{head}export const GET = {made};")
    assert [one.status for one in audit_source(tmp_path).handlers] == ["unknown"]


WRAPPERS = {
    "passes-all-on": ("export const withAuth = (handler) => async (request) => handler(request);", "unguarded"),
    "only-logs": ("export const withAuth = (handler) => async (request) => { if (!(await auth())) console.warn('nobody'); return handler(request); };", "unguarded"),
    "only-logs-and-reads": ("export function withAuth(handler) { return async function (request) { const session = await auth(); if (!session) console.warn('nobody'); return await handler(request); }; }", "unguarded"),
    "throws-for-another-reason": ("export const withAuth = (handler) => async (request) => { if (request.method === 'HEAD') throw new Error('no'); return handler(request); };", "unguarded"),
    "refuses": ("export const withAuth = (handler) => async (request) => { if (!(await auth())) return new Response(null, {status: 401}); return handler(request); };", "ok"),
}  # fmt: skip


FACTORIES = {
    "passes-all-on": ("export const withAuth = (options) => (handler) => async (request) => { if (options.x) throw new Error('x'); return handler(request); };", "unguarded"),
    "refuses": ("export const withAuth = (options) => (handler) => async (request) => { if (!(await auth())) return new Response(null, {status: 401}); return handler(request); };", "ok"),
}  # fmt: skip


@pytest.mark.parametrize(("factory", "status"), FACTORIES.values(), ids=FACTORIES)
def test_factory_of_wrappers_of_the_folder_is_read_too(factory: str, status: str, tmp_path: Path) -> None:
    (tmp_path / "app" / "api" / "a").mkdir(parents=True)
    (tmp_path / "lib.ts").write_text(f"import {{auth}} from '@acme/auth';\n{factory}")
    head = "import {prisma} from '@/lib/db';\nimport {withAuth} from '../../../lib';\n"
    body = f"export const POST = withAuth({{role: 'admin'}})(async () => {{ {ACTS});"
    (tmp_path / "app" / "api" / "a" / "route.ts").write_text(head + body)
    assert [one.status for one in audit_source(tmp_path).handlers] == [status]


@pytest.mark.parametrize(("wrapper", "status"), WRAPPERS.values(), ids=WRAPPERS)
def test_wrapper_of_the_folder_is_read_whatever_its_name(wrapper: str, status: str, tmp_path: Path) -> None:
    (tmp_path / "app" / "api" / "a").mkdir(parents=True)
    (tmp_path / "lib.ts").write_text(f"import {{auth}} from '@acme/auth';\n{wrapper}")
    head = "import {prisma} from '@/lib/db';\nimport {withAuth} from '../../../lib';\n"
    (tmp_path / "app" / "api" / "a" / "route.ts").write_text(
        f"{head}export const POST = withAuth(async () => {{ {ACTS});"
    )
    assert [one.status for one in audit_source(tmp_path).handlers] == [status]


@pytest.mark.parametrize(("named", "status"), [(("locked",), True), ((), False)])
def test_wrapper_that_the_user_names_is_believed(named: tuple[str, ...], tmp_path: Path, *, status: bool) -> None:
    (tmp_path / "app" / "api" / "a").mkdir(parents=True)
    (tmp_path / "lib.ts").write_text(
        "class No extends Error {}\nconst GUARDS = {session: async (r) => { if (!(await member(r))) throw new No(); }};\n"
        "export function locked(guard) {\n  return async (request) => {\n    try {\n"
        "      if (!process.env.OPEN) await GUARDS[guard](request);\n    } catch (no) {\n"
        "      return Response.json({}, {status: 401});\n    }\n    return Response.json(await db.rows());\n  };\n}\n"
    )
    route = "import {locked} from '../../../lib';\nexport const GET = locked('session');\n"
    (tmp_path / "app" / "api" / "a" / "route.ts").write_text(route)
    found = audit_source(tmp_path, SourceGuards(wrappers=named)).handlers
    assert [one.status == "ok" for one in found] == [status]


# --- secrets that may be unset ----------------------------------------------------------------------------------------
UNSET = {
    "in-a-text": ("if (request.headers.get('authorization') !== `Bearer ${process.env.CRON_SECRET}`) return no();", False),
    "asked-for-only-if-set": ("if (process.env.CRON_SECRET && request.headers.get('x') !== process.env.CRON_SECRET) return no();", False),
    "in-production-alone": ("if (process.env.NODE_ENV === 'production' && request.headers.get('x') !== process.env.CRON_SECRET) return no();", False),
    "with-a-fallback": ("const key = request.headers.get('x'); const wanted = process.env.CRON_SECRET || 'dev'; if (!key || key !== wanted) return no();", False),
    "a-text-in-a-name": ("const key = request.headers.get('x'); const wanted = `Bearer ${process.env.CRON_SECRET}`; if (!key || key !== wanted) return no();", False),
    "sent-empty": ("const key = request.headers.get('x'); if (key !== process.env.CRON_SECRET) return no();", False),
    "logs-that-nothing-is-sent": ("const key = request.headers.get('x'); if (!key) console.warn('no key'); if (key !== process.env.CRON_SECRET) return no();", False),
    "only-named-by-a-platform": ("if (!request.headers.get('x-vercel-cron')) return no();", False),
    "in-constant-time": ("if (!safeEqual(request.headers.get('x') ?? '', process.env.CRON_SECRET ?? '')) return no();", False),
    "in-constant-time-and-set": ("if (!process.env.CRON_SECRET || !safeEqual(request.headers.get('x') ?? '', process.env.CRON_SECRET)) return no();", True),
    "sent-at-all": ("const key = request.headers.get('x'); if (!key || key !== process.env.CRON_SECRET) return no();", True),
    "sent-at-all-by-a-name": ("const key = request.headers.get('x'); const wanted = process.env.CRON_SECRET; if (!key) return no(); if (key !== wanted) return no();", True),
    "set-at-all": ("const wanted = process.env.CRON_SECRET; if (!wanted || request.headers.get('x') !== wanted) return no();", True),
    "set-when-loaded": ("if (request.headers.get('x') !== SECRET) return no();", True),
}  # fmt: skip


@pytest.mark.parametrize(("check", "proves"), UNSET.values(), ids=UNSET)
def test_comparison_with_a_secret_proves_a_caller_unless_it_may_be_unset(
    check: str,
    proves: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    (tmp_path / "app" / "api" / "a").mkdir(parents=True)
    load = "const SECRET = process.env.JOB_SECRET;\nif (!SECRET) throw new Error('JOB_SECRET is not set');\n"
    body = f"{HEAD}{load}export async function GET(request) {{ {check} {ACTS}"
    (tmp_path / "app" / "api" / "a" / "route.ts").write_text(body)
    [found] = audit_source(tmp_path).handlers
    assert (found.status == "ok") is proves, found.reason
