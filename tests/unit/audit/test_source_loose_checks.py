"""Checks that are loose: of classes, results, matches, sessions, procedures, secrets and keys; never ok, and as they are meant, ok."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = (
    "@prisma/client", "@supabase/ssr", "@trpc/server", "better-auth", "drizzle-orm", "hono", "iron-session", "jose", "jsonwebtoken",
    "neverthrow", "next", "next-auth", "next-connect", "ts-pattern",
)  # fmt: skip
HEAD = """import {prisma} from '@/lib/db';
import {auth} from '@/auth';
const no = () => new Response(null, {status: 401});
const must = async () => { const s = await auth(); if (!s) throw new Error('no'); return s; };
"""
ACTS = "await prisma.user.deleteMany(); return new Response(null, {status: 204}); }"
POST = "export async function POST(r) { "
S = "const s = await auth(); "
IRON = "import {getIronSession} from 'iron-session';\n"
HONO = "import {Hono} from 'hono'; import {handle} from 'hono/vercel';\nconst mw = async (c, next) => { const s = await auth(); if (!s) return c.text('no', 401); await next(); };\n"
CR = "import {createHmac, createHash, timingSafeEqual} from 'node:crypto';\n"
SEC = "const k = process.env.API_SECRET; if (!k) return no(); "
ACT = "prisma.user.deleteMany()"
BETTER = "import {betterAuth} from 'better-auth';\nconst ba = betterAuth({});\n"
SUPA = "import {createServerClient} from '@supabase/ssr';\nconst sb = createServerClient(u, k, {cookies});\n"
NT = "import {ok, err, ResultAsync, Result} from 'neverthrow';\nconst login = async () => { const s = await auth(); return s ? ok(s) : err(1); };\n"
TP = "import {match, P} from 'ts-pattern';\n"
TR = "import {initTRPC} from '@trpc/server'; import {fetchRequestHandler} from '@trpc/server/adapters/fetch';\nconst t = initTRPC.create();\n"
CK = "import {cookies} from 'next/headers';\nimport {and, eq, or, sql} from 'drizzle-orm';\n"
TOK = "const token = (await cookies()).get('s')?.value; "


def trpc(middleware: str, context: str = "async () => ({s: await auth()})") -> str:
    return (
        TR
        + f"const app = t.router({{x: t.procedure.use({middleware}).mutation(async () => {{ await {ACT}; }})}});\nexport const POST = (r) => fetchRequestHandler({{endpoint: '/api/x', req: r, router: app, createContext: {context}}});"
    )


TRAPS = {
    "super-arrow": "class A { g = async () => { await must(); } }\nclass B extends A { g = async () => {}; async go() { await this.g(); " + ACTS + " }\nexport const POST = () => new B().go();",
    "super-wrong": "class A { async g() { await must(); } async h() {} }\nclass B extends A { async go() { await super.h(); " + ACTS + " }\nexport const POST = () => new B().go();",
    "super-noawait": "class A { async g() { await must(); } }\nclass B extends A { async go() { super.g(); " + ACTS + " }\nexport const POST = () => new B().go();",
    "super-unknown": "import {Base} from '@acme/base';\nclass B extends Base { async go() { await super.check(); " + ACTS + " }\nexport const POST = () => new B().go();",
    "this-set-by-option": "class D { constructor(o) { this.open = o.open; } async go() { if (!this.open) await must(); " + ACTS + " }\nexport const POST = () => new D({open: true}).go();",
    "instance-shared-user": "class D { user = null; async load() { this.user = await auth(); } async go() { if (!this.user) await this.load(); if (!this.user) return no(); " + ACTS + " }\nconst d = new D();\nexport const POST = () => d.go();",
    "static-block": "class D { static ok = false; static { D.ok = true; } }\n" + POST + "if (!D.ok) await must(); " + ACTS,
    "private-method-other": "class D { async #g() {} async go() { await this.#g(); " + ACTS + " }\nexport const POST = () => new D().go();",
    "mixin": "const M = (B) => class extends B { async g() {} };\nclass A { async g() { await must(); } }\nclass C extends M(A) { async go() { await this.g(); " + ACTS + " }\nexport const POST = () => new C().go();",
    "proxy": "const p = new Proxy({must}, {get: () => async () => {}});\n" + POST + "await p.must(); " + ACTS,
    "setting-flip": "class D { needs = true; open() { this.needs = false; return this; } h(f) { return async (r) => { if (this.needs) await must(); return f(r); }; } }\nexport const POST = new D().open().h(async () => { " + ACTS + ");",
    "setting-number": "class D { level = 1; open() { this.level = 0; return this; } h(f) { return async (r) => { if (this.level) await must(); return f(r); }; } }\nexport const POST = new D().open().h(async () => { " + ACTS + ");",
    "setting-undefined": "class D { role; only(x) { this.role = x; return this; } h(f) { return async (r) => { const s = await auth(); if (this.role && s?.role !== this.role) return no(); return f(r); }; } }\nexport const POST = new D().h(async () => { " + ACTS + ");",
    "nt-combine": NT + POST + "const all = Result.combine([ok(1), ok(2)]); if (all.isErr()) return no(); " + ACTS,
    "nt-andthen-drop": NT + POST + "const w = (await login()).orElse(() => ok(0)).andThen(() => ok(1)); if (w.isErr()) return no(); " + ACTS,
    "nt-map-err-only": NT + POST + "const w = (await login()).mapErr(() => 1); " + ACTS,
    "nt-match-lost": NT + POST + "(await login()).match(() => 1, () => no()); " + ACTS,
    "nt-unwrapor-obj": NT + POST + "const w = (await login()).unwrapOr({}); if (!w.id) {} " + ACTS,
    "nt-unwrapor-zero": NT + POST + "const w = (await login()).unwrapOr(0); if (w === null) return no(); " + ACTS,
    "nt-isok-called-not": NT + POST + "const w = await login(); if (!w.isOk) return no(); " + ACTS,
    "nt-iserr-reassigned": NT + POST + "let w = await login(); w = ok(1); if (w.isErr()) return no(); " + ACTS,
    "nt-reassigned-in-branch": NT + POST + "let w = await login(); if (r.x) w = ok(1); if (w.isErr()) return no(); " + ACTS,
    "nt-conditional": NT + POST + "const w = r.x ? await login() : ok(1); if (w.isErr()) return no(); " + ACTS,
    "nt-async-notawaited": NT + POST + "new ResultAsync(login()).map(() => 1); " + ACTS,
    "nt-frompromise-auth": NT + POST + "const w = await ResultAsync.fromPromise(auth(), () => 1); if (w.isErr()) return no(); " + ACTS,
    "nt-safetry": NT + "import {safeTry} from 'neverthrow';\n" + POST + "const w = await safeTry(async function* () { yield* login(); return ok(1); }); if (w.isErr()) return no(); " + ACTS,
    "tp-first-arm": TP + POST + S + "return match(s).with(P.any, async () => { " + ACTS + ").with(null, () => no()).exhaustive(); }",
    "tp-tuple": TP + POST + S + "return match([s, r.x]).with([P.any, true], async () => { " + ACTS + ").otherwise(() => no()); }",
    "tp-wrapped": TP + POST + S + "return match({s}).with({s: P.any}, async () => { " + ACTS + ").otherwise(() => no()); }",
    "tp-boxed-null": TP + POST + S + "return match({s}).with(null, () => no()).otherwise(async () => { " + ACTS + "); }",
    "tp-not-run": TP + POST + S + "match(s).with(null, () => no()); " + ACTS,
    "tp-union": TP + POST + S + "return match(s).with(P.union(null, P.any), async () => { " + ACTS + ").otherwise(() => no()); }",
    "tp-string-role": TP + POST + S + "return match(s?.role ?? 'guest').with('guest', async () => { " + ACTS + ").otherwise(() => no()); }",
    "tp-negated-object": TP + POST + S + "return match(s).with(P.not({banned: true}), async () => { " + ACTS + ").otherwise(() => no()); }",
    "tp-undefined-member": TP + POST + S + "return match(s?.user).with(null, () => no()).otherwise(async () => { " + ACTS + "); }",
    "tp-when-not": TP + POST + S + "return match(s).when((x) => x === undefined, () => no()).with(P.any, async () => { " + ACTS + ").exhaustive(); }",
    "sess-memo": CK + "const seen = new Map();\n" + POST + TOK + "let row = seen.get(token); if (!row) { row = await db.session.findUnique({where: {token}}); if (row && row.expiresAt < 1) return no(); } if (!row) return no(); " + ACTS,
    "sess-env-token": CK + POST + "const token = process.env.DEV_TOKEN ?? (await cookies()).get('s')?.value; const row = await db.session.findUnique({where: {token: 'x'}}); if (!row || row.expiresAt < 1) return no(); " + ACTS,
    "sess-count": CK + POST + TOK + "const n = await db.session.count({where: {token, expiresAt: {gt: 1}}}); if (n < 0) return no(); " + ACTS,
    "sess-upsert": CK + POST + TOK + "const row = await db.session.upsert({where: {token}, create: {token}, update: {}}); if (!row || row.expiresAt < 1) return no(); " + ACTS,
    "sess-sql-true": CK + POST + TOK + "const [row] = await db.select().from(sessions).where(sql`token = ${token} or true`); if (!row || row.expiresAt < 1) return no(); " + ACTS,
    "sess-eq-two-columns": CK + POST + TOK + "const [row] = await db.select().from(sessions).where(eq(sessions.token, sessions.id)); if (!row || row.expiresAt < 1) return no(); " + ACTS,
    "sess-left": CK + POST + TOK + "const [row] = await db.select().from(users).leftJoin(sessions, eq(sessions.token, token)); if (!row || row.expiresAt < 1) return no(); " + ACTS,
    "sess-created": CK + POST + "const token = (await cookies()).get('s')?.value; await db.session.create({data: {token}}); const row = await db.session.findUnique({where: {token}}); if (!row || row.expiresAt < 1) return no(); " + ACTS,
    "sess-where-twice": CK + POST + TOK + "const q = db.select().from(sessions); q.where(eq(sessions.token, token)); const [row] = await q; if (!row || row.expiresAt < 1) return no(); " + ACTS,
    "sess-header-ip": CK + POST + "const key = r.headers.get('x-forwarded-for'); const row = await db.session.findUnique({where: {ip: key}}); if (!row || row.expiresAt < 1) return no(); " + ACTS,
    "typed-await-other": POST + "const s = await wrap<typeof auth>(r); if (!s) return no(); " + ACTS,
    "react-cache-arg": "import {cache} from 'react';\nconst g = cache(async (x) => { if (x) return {id: 1}; return auth(); });\n" + POST + "if (!(await g(r.x))) return no(); " + ACTS,
    "use-cache-file": "async function cached() { 'use cache'; const s = await auth(); if (!s) throw new Error('no'); return s; }\n" + POST + "await cached(); " + ACTS,
    "use-cache-private-wrap": "const cached = async () => { 'use cache'; await must(); return 1; };\n" + POST + "if (!(await cached())) return no(); " + ACTS,
    "use-cache-remote": "const g = async () => { 'use cache: remote'; return must(); };\n" + POST + "await g(); " + ACTS,
    "use-cache-of-a-file": "'use cache';\nexport async function g() { const s = await auth(); if (!s) throw new Error('no'); }\n" + POST + "await g(); " + ACTS,
    "tp-no-arm": TP + POST + S + "match(s).exhaustive(); if (!s) {} " + ACTS,
    "unstable-cache-throw": "import {unstable_cache} from 'next/cache';\nconst g = unstable_cache(async () => must());\n" + POST + "await g(); " + ACTS,
    "trpc-after": trpc("async ({ctx, next}) => { const r = await next(); if (!ctx.s) throw new Error('no'); return r; }"),
    "trpc-warn": trpc("({ctx, next}) => { if (!ctx.s) console.warn('no'); return next(); }"),
    "trpc-meta": trpc("({ctx, next, meta}) => { if (meta?.auth && !ctx.s) throw new Error('no'); return next(); }"),
    "trpc-dev": trpc("({ctx, next}) => { if (process.env.NODE_ENV !== 'development' && !ctx.s) throw new Error('no'); return next(); }"),
    "trpc-ctx-always": trpc("({ctx, next}) => { if (!ctx.s) throw new Error('no'); return next(); }", "async () => ({s: (await auth()) ?? {guest: true}})"),
    "trpc-ctx-spread": trpc("({ctx, next}) => { if (!ctx.s) throw new Error('no'); return next(); }", "async (o) => ({s: await auth(), ...o.info})"),
    "hono-every-late": HONO + "import {every} from 'hono/combine';\nconst app = new Hono();\napp.post('/y', async (c) => { await prisma.user.deleteMany(); return c.text('x'); }, every(mw));\nexport const POST = handle(app);",
    "hono-except": HONO + "import {except} from 'hono/combine';\nconst app = new Hono();\napp.use('*', except('/y', mw));\napp.post('/y', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\nexport const POST = handle(app);",
    "hono-method": HONO + "const app = new Hono();\napp.get('*', mw);\napp.post('/y', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\nexport const POST = handle(app);",
    "hono-factory-app-late": HONO + "import {createFactory} from 'hono/factory';\nconst f = createFactory({initApp: (app) => {}});\nconst app = f.createApp();\napp.post('/y', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\napp.use(mw);\nexport const POST = handle(app);",
    "connect-mount": "import {createRouter} from 'next-connect';\nconst staff = createRouter(); staff.use(async (q, s, next) => { await must(); return next(); }); staff.get(async () => new Response('x'));\nconst app = createRouter().use(staff).post(async () => { " + ACTS + ");\nexport const POST = (r) => app.run(r, {});",
    "iron-destructured-save": IRON + POST + "const {save} = await getIronSession(c, o); if (!save) return no(); " + ACTS,
    "iron-in": IRON + POST + "const s = await getIronSession(c, o); if (!('save' in s)) return no(); " + ACTS,
    "iron-id-undefined-null": IRON + POST + "const {user} = await getIronSession(c, o); if (user === null) return no(); " + ACTS,
    "supa-signout": SUPA + POST + "const {error} = await sb.auth.signOut(); if (error) return no(); " + ACTS,
    "better-anon": BETTER + POST + "const s = await ba.api.signInAnonymous({headers: r.headers}); if (!s) return no(); " + ACTS,
    "secret-split": POST + SEC + "if (r.headers.get('x') !== k.split(r.headers.get('y'))[0]) return no(); " + ACTS,
    "secret-replace": POST + SEC + "if (r.headers.get('x') !== k.replace(new RegExp(r.headers.get('y')), '')) return no(); " + ACTS,
    "secret-replaceall": POST + SEC + "const {from} = await r.json(); if (r.headers.get('x') !== k.replaceAll(from, '')) return no(); " + ACTS,
    "secret-lower-opt": POST + "if (r.headers.get('x') !== process.env.API_SECRET?.toLowerCase()) return no(); " + ACTS,
    "secret-or": POST + SEC + "if (r.headers.get('x') !== k && r.headers.get('y') !== 'letmein') return no(); " + ACTS,
    "secret-hash-cut": CR + POST + SEC + "const n = Number(r.headers.get('n')); const m = createHmac('sha256', k).update(await r.text()).digest('hex').slice(0, n); if (m !== r.headers.get('x')) return no(); " + ACTS,
    "secret-map": POST + "const keys = {a: process.env.A_SECRET}; if (r.headers.get('x') !== keys[r.headers.get('who')]) return no(); " + ACTS,
    "secret-array": POST + SEC + "if (![k, ''].includes(r.headers.get('x'))) return no(); " + ACTS,
    "secret-array-undefined": POST + "if (![process.env.A_SECRET, process.env.B_SECRET].includes(r.headers.get('x') ?? undefined)) return no(); " + ACTS,
    "jwt-key-by-kid": "import {jwtVerify} from 'jose';\n" + POST + "const {jwk} = await r.json(); await jwtVerify(r.headers.get('t'), jwk.key); " + ACTS,
    "jwt-embedded": "import {jwtVerify, EmbeddedJWK} from 'jose';\n" + POST + "await jwtVerify(r.headers.get('t'), EmbeddedJWK); " + ACTS,
    "jwt-remote-of-client": "import {jwtVerify, createRemoteJWKSet} from 'jose';\n" + POST + "await jwtVerify(r.headers.get('t'), createRemoteJWKSet(new URL(r.headers.get('jku')))); " + ACTS,
    "jwt-undefined-key": "import jwt from 'jsonwebtoken';\n" + POST + "jwt.verify(r.headers.get('t'), undefined); " + ACTS,
    "rest-hole": POST + "const [, ...rest] = [await auth(), 1]; if (!rest) return no(); " + ACTS,
    "rest-object": POST + "const {user, ...rest} = (await auth()) ?? {}; if (!rest) return no(); " + ACTS,
    "array-hole-literal": POST + "const a = [, await auth()]; if (!a[0]) {} if (a[0]) return no(); " + ACTS,
    "length-of-list": POST + "const rows = [await auth()]; if (rows.length < 1) return no(); " + ACTS,
    "length-string": POST + S + "if ((s?.user?.name ?? 'guest').length < 1) return no(); " + ACTS,
    "ns-guard": "import * as g from './g';\n" + POST + "await g.missing(); " + ACTS,
}  # fmt: skip
RIGHT = {
    "remembered-for-one-caller": "const g = async () => { 'use cache: private'; return must(); };\n" + POST + "await g(); " + ACTS,
    "an-arm-of-an-object": TP + POST + S + "return match(s).with({user: P.optional(P.any)}, async () => { " + ACTS + ").otherwise(() => no()); }",
    "a-secret-whose-line-ends-are-written-out": POST + SEC + "if (r.headers.get('x') !== k.replace(/\\n/g, '').trim()) return no(); " + ACTS,
    "a-context-that-is-tested": trpc("({ctx, next}) => { if (!ctx.s) throw new Error('no'); return next(); }"),
    "a-step-of-the-class-above": "class A { async g() { await must(); } }\nclass B extends A { async go() { await super.g(); " + ACTS + " }\nexport const POST = () => new B().go();",
    "a-session-that-is-found": CK + POST + TOK + "const row = await db.session.findUnique({where: {token}}); if (!row || row.expiresAt < 1) return no(); " + ACTS,
}  # fmt: skip


def _status(body: str, folder: Path) -> list[str]:
    (folder / "package.json").write_text(json.dumps({"dependencies": dict.fromkeys(PACKAGES, "1.0.0")}))
    route = folder / "app" / "api" / "x" / "route.ts"
    route.parent.mkdir(parents=True)
    route.write_text(body[:13] + HEAD + body[13:] if body.startswith("'use cache'") else HEAD + body)
    return [str(one.status) for one in audit_source(folder).handlers]


@pytest.mark.parametrize("body", TRAPS.values(), ids=TRAPS)
def test_loose_check_is_never_ok(body: str, tmp_path: Path) -> None:
    found = _status(body, tmp_path)
    assert len(found) == 1
    assert found != ["ok"]


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_check_as_it_is_meant_is_ok(body: str, tmp_path: Path) -> None:
    """Without this, the table above would also hold of an audit that is never ok."""
    assert _status(body, tmp_path) == ["ok"]
