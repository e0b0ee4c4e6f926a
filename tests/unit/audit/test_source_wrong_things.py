"""Checks that look at the wrong thing, too late, or at what is always so: never ok; a few as they are meant: ok."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = (
    "@clerk/nextjs", "@kinde-oss/kinde-auth-nextjs", "@prisma/client", "hono", "iron-session", "jose", "jsonwebtoken", "lodash",
    "next", "next-auth",
)  # fmt: skip
HEAD = """import {prisma} from '@/lib/db';
import {auth} from '@/auth';
const no = () => new Response(null, {status: 401});
const must = async () => { const s = await auth(); if (!s) throw new Error('no'); return s; };
"""
NAV = "import {redirect} from 'next/navigation';\n"
ACTS = "await prisma.user.deleteMany(); return new Response(null, {status: 204}); }"
POST = "export async function POST(r) { "
S = "const s = await auth(); "
IRON = "import {getIronSession} from 'iron-session';\n"
CLERK = "import {auth as who} from '@clerk/nextjs/server';\n"
KINDE = "import {getKindeServerSession} from '@kinde-oss/kinde-auth-nextjs/server';\n"
HONO = "import {Hono} from 'hono'; import {handle} from 'hono/vercel';\nconst mw = async (c, next) => { const s = await auth(); if (!s) return c.text('no', 401); await next(); };\n"
CR = "import {createHmac, createHash, timingSafeEqual} from 'node:crypto';\n"
SEC = "const k = process.env.API_SECRET; if (!k) return no(); "
TRAPS = {
    "hole": "const pair = async () => { const s = await auth(); return s ? [null, s] : [new Error('no'), null]; };\n" + POST + "const [, x] = await pair(); if (x) return no(); " + ACTS,
    "comma": POST + S + "if ((s, false)) return no(); " + ACTS,
    "comma2": POST + S + "if (!(s, r)) return no(); " + ACTS,
    "foreach-async": POST + "[1].forEach(async () => { await must(); }); " + ACTS,
    "map-async": POST + "[1].map(async () => { await must(); }); " + ACTS,
    "after": "import {after} from 'next/server';\n" + POST + "after(async () => { await must(); }); " + ACTS,
    "settimeout": POST + "setTimeout(async () => { await must(); }, 1); " + ACTS,
    "waituntil": POST + "r.waitUntil(must()); " + ACTS,
    "any": POST + "await Promise.any([must(), Promise.resolve(1)]); " + ACTS,
    "all-caught": POST + "await Promise.all([must].map(async (f) => { try { await f(); } catch {} })); " + ACTS,
    "all-caught2": POST + "await Promise.all([must().catch(() => null)]); " + ACTS,
    "assign-cond": POST + "let s = await auth(); if (!(s = r.user)) return no(); " + ACTS,
    "finally-return": POST + "try { await must(); } finally { return Response.json(await prisma.user.findMany()); } }",
    "fallthrough": POST + S + "switch (s?.user.role) { case 'admin': default: " + ACTS.replace("; }", "; } }"),
    "default-guest": POST + "const s = (await auth()) ?? {id: 'guest'}; if (!s) return no(); " + ACTS,
    "or-body": POST + "const u = (await auth())?.user || (await r.json()).user; if (!u) return no(); " + ACTS,
    "json-string": POST + S + "if (!JSON.stringify(s)) return no(); " + ACTS,
    "string": POST + S + "if (!String(s)) return no(); " + ACTS,
    "template": POST + S + "if (!`${s}`) return no(); " + ACTS,
    "boxed": POST + S + "if (![s]) return no(); " + ACTS,
    "spread": POST + S + "const c = {...s}; if (!c) return no(); " + ACTS,
    "spread-arr": POST + S + "const c = [s].filter(Boolean); if (!c) return no(); " + ACTS,
    "keys": POST + S + "if (!Object.keys(s ?? {})) return no(); " + ACTS,
    "typeof-undefined": POST + S + "if (typeof s === 'undefined') return no(); " + ACTS,
    "typeof-object": POST + S + "if (typeof s !== 'object') return no(); " + ACTS,
    "instanceof-error": POST + S + "if (s instanceof Error) return no(); " + ACTS,
    "eq-object": POST + S + "if (s == {}) return no(); " + ACTS,
    "not-eq-true": POST + S + "if (s === true) return no(); " + ACTS,
    "isnan": POST + S + "if (isNaN(s)) return no(); " + ACTS,
    "then-lost": POST + "auth().then((s) => { if (!s) throw new Error('no'); }); " + ACTS,
    "then-caught": POST + "await auth().then((s) => { if (!s) throw new Error('no'); }).catch(() => {}); " + ACTS,
    "then-returned": POST + "await auth().then((s) => { if (!s) return no(); }); " + ACTS,
    "redirect-in-try": NAV + POST + S + "try { if (!s) redirect('/login'); } catch {} " + ACTS,
    "wrapper-after": "const w = (h) => async (r) => { const out = await h(r); await must(); return out; };\nexport const POST = w(async (r) => { " + ACTS + ");",
    "hono-exact": HONO + "const app = new Hono();\napp.use('/x', mw);\napp.post('/x/y', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\nexport const POST = handle(app);",
    "hono-base": HONO + "const app = new Hono().basePath('/api');\napp.use('/api/x/*', mw);\napp.post('/x/y', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\nexport const POST = handle(app);",
    "hono-noawait-mw": HONO.replace("const s = await auth(); if (!s) return c.text('no', 401);", "auth().then((s) => { if (!s) return c.text('no', 401); });") + "const app = new Hono();\napp.use('*', mw);\napp.post('/y', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\nexport const POST = handle(app);",
    "shadow": POST + "const auth = async () => ({user: 1}); const s = await auth(); if (!s) return no(); " + ACTS,
    "shadow-param": "export async function POST(r, auth) { const s = await auth(); if (!s) return no(); " + ACTS,
    "shadow-redirect": POST + "const redirect = (x) => console.log(x); const s = await auth(); if (!s) redirect('/login'); " + ACTS,
    "other-redirect": "import {redirect} from 'react-router';\n" + POST + S + "if (!s) redirect('/login'); " + ACTS,
    "decorator": "class C { @Authenticated() async post() { " + ACTS + " }\nexport const POST = new C().post;",
    "bind": POST + "await must.bind(null); " + ACTS,
    "not-called": POST + "await must; " + ACTS,
    "maybe-called": POST + "await r.must?.(); " + ACTS,
    "never-loop": POST + "for (const x of []) { await must(); } " + ACTS,
    "while-false": POST + "while (r.x) { await must(); } " + ACTS,
    "prefix": POST + SEC + "if (!k.startsWith(r.headers.get('x'))) return no(); " + ACTS,
    "includes": POST + SEC + "if (!k.includes(r.headers.get('x'))) return no(); " + ACTS,
    "indexof": POST + SEC + "if (k.indexOf(r.headers.get('x')) === -1) return no(); " + ACTS,
    "endswith": POST + SEC + "if (!k.endsWith(r.headers.get('x'))) return no(); " + ACTS,
    "regexp": POST + SEC + "if (!new RegExp(r.headers.get('x')).test(k)) return no(); " + ACTS,
    "length": POST + SEC + "if (r.headers.get('x').length !== k.length) return no(); " + ACTS,
    "slice": POST + SEC + "const t = r.headers.get('x'); if (k.slice(0, t.length) !== t) return no(); " + ACTS,
    "first-char": POST + SEC + "if (r.headers.get('x')[0] !== k[0]) return no(); " + ACTS,
    "greater": POST + SEC + "if (r.headers.get('x') < k) return no(); " + ACTS,
    "same": CR + POST + SEC + "if (!timingSafeEqual(Buffer.from(k), Buffer.from(k))) return no(); " + ACTS,
    "self": POST + SEC + "if (k !== process.env.API_SECRET) return no(); " + ACTS,
    "hmac-client-key": CR + POST + "const m = createHmac('sha256', r.headers.get('x-key')).update(await r.text()).digest('hex'); if (m !== r.headers.get('x-sig')) return no(); " + ACTS,
    "hash-only": CR + POST + "const m = createHash('sha256').update(await r.text()).digest('hex'); if (!timingSafeEqual(Buffer.from(m), Buffer.from(r.headers.get('x-sig')))) return no(); " + ACTS,
    "hmac-empty": CR + POST + "const m = createHmac('sha256', process.env.HOOK_SECRET ?? '').update(await r.text()).digest('hex'); if (m !== r.headers.get('x-sig')) return no(); " + ACTS,
    "hmac-self": CR + POST + SEC + "const m = createHmac('sha256', k).update(await r.text()).digest('hex'); const n = createHmac('sha256', k).update(await r.text()).digest('hex'); if (m !== n) return no(); " + ACTS,
    "jwt-client-key": "import {jwtVerify} from 'jose';\n" + POST + "const {payload} = await jwtVerify(r.headers.get('t'), r.headers.get('key')); if (!payload) return no(); " + ACTS,
    "jwt-none": "import jwt from 'jsonwebtoken';\n" + POST + "jwt.verify(r.headers.get('t'), '', {algorithms: ['none']}); " + ACTS,
    "jwt-body-key": "import jwt from 'jsonwebtoken';\n" + POST + "const {t, k} = await r.json(); jwt.verify(t, k); " + ACTS,
    "clerk-undefined": CLERK + POST + "const {userId} = await who(); if (userId === undefined) return no(); " + ACTS,
    "clerk-has": CLERK + POST + "const {has} = await who(); if (!has) return no(); " + ACTS,
    "iron-null": IRON + POST + "const s = await getIronSession(c, o); if (s.user === null) return no(); " + ACTS,
    "iron-save": IRON + POST + "const s = await getIronSession(c, o); if (!s.save) return no(); " + ACTS,
    "kinde-fn": KINDE + POST + "const {isAuthenticated} = getKindeServerSession(); if (!isAuthenticated) return no(); " + ACTS,
    "module-promise": "const mine = auth();\n" + POST + "if (!(await mine)) return no(); " + ACTS,
    "unstable-cache": "import {unstable_cache} from 'next/cache';\nconst cached = unstable_cache(async () => auth(), ['s']);\n" + POST + "const s = await cached(); if (!s) return no(); " + ACTS,
    "use-cache": "async function cached() { 'use cache'; return auth(); }\n" + POST + "const s = await cached(); if (!s) return no(); " + ACTS,
    "lodash-memoize": "import {memoize} from 'lodash';\nconst cached = memoize(() => auth());\n" + POST + "const s = await cached(); if (!s) return no(); " + ACTS,
    "if-else-lost": POST + S + "if (s) {} else { no(); } " + ACTS,
    "ternary-lost": POST + S + "!s ? no() : null; " + ACTS,
    "or-lost": POST + S + "s || no(); " + ACTS,
    "undefined-role": "const Role = {ADMIN: undefined};\n" + POST + S + "if (s?.user.role !== Role.ADMIN) return no(); " + ACTS,
    "env-role": POST + S + "if (s?.user?.role !== process.env.ADMIN_ROLE) return no(); " + ACTS,
    "body-id": POST + S + "if (s?.user?.id !== (await r.json()).id) return no(); " + ACTS,
    "row-email": POST + S + "const row = await prisma.user.findFirst(); if (s?.user?.email !== row?.email) return no(); " + ACTS,
    "includes-undefined": POST + S + "if (!['admin', undefined].includes(s?.user?.role)) return no(); " + ACTS,
    "in-roles": "const ROLES = {undefined: 1, admin: 2};\n" + POST + S + "if (!(s?.user?.role in ROLES)) return no(); " + ACTS,
    "less": POST + S + "if (s?.user?.age < 18) return no(); " + ACTS,
    "set-has": "const OK = new Set([undefined, 'a']);\n" + POST + S + "if (!OK.has(s?.user?.id)) return no(); " + ACTS,
    "role-banned": POST + S + "if (s?.user?.role === 'banned') return no(); " + ACTS,
    "every-empty": POST + S + "if (![].every(() => s)) return no(); " + ACTS,
    "some-other": POST + S + "if (!(s?.roles ?? ['guest']).some((x) => x)) return no(); " + ACTS,
    "roles-length": POST + S + "if ((s?.roles ?? []).length < 0) return no(); " + ACTS,
    "closure-late": POST + "let s; const load = async () => { s = await auth(); }; load(); if (s === null) return no(); " + ACTS,
    "getter": "class G { get user() { return {id: 1}; } }\n" + POST + "const g = new G(); if (!g.user) return no(); " + ACTS,
    "static-user": "class G { static user = null; static async load() { G.user = await auth(); } }\n" + POST + "await G.load(); if (!G.user) return no(); " + ACTS,
    "als": "import {AsyncLocalStorage} from 'node:async_hooks';\nconst als = new AsyncLocalStorage();\n" + POST + "const s = als.getStore(); if (!s) return no(); " + ACTS,
    "global": POST + "globalThis.user ??= await auth(); if (!globalThis.user) return no(); " + ACTS,
    "error-returned": "const g = async () => { const s = await auth(); if (!s) return new Error('no'); return s; };\n" + POST + "const s = await g(); if (!s) return no(); " + ACTS,
    "error-thrown-string-caught": POST + "try { await must(); } catch (e) { if (e.code === 'X') throw e; } " + ACTS,
    "catch-log": POST + "await must().catch(console.error); " + ACTS,
    "retry": POST + "for (let i = 0; i < 3; i++) { try { await must(); break; } catch {} } " + ACTS,
    "allsettled-value": POST + "const [x] = await Promise.allSettled([must()]); if (!x) return no(); " + ACTS,
    "delete-member": POST + S + "delete s?.user; if (s?.user === null) return no(); " + ACTS,
    "double-neg": POST + S + "if (!!s === null) return no(); " + ACTS,
    "bitwise": POST + S + "if (~s) {} else return no(); " + ACTS,
    "plus": POST + S + "if (!(s + '')) return no(); " + ACTS,
    "structuredClone": POST + S + "if (structuredClone({s}) === null) return no(); " + ACTS,
    "destr-default-obj": POST + "const {user = {id: 1}} = (await auth()) ?? {}; if (!user) return no(); " + ACTS,
    "entries": POST + S + "for (const [k, v] of Object.entries(s ?? {})) { if (!v) return no(); } " + ACTS,
}  # fmt: skip
PAIR = "const pair = async () => { const s = await auth(); return s ? [null, s] : [new Error('no'), null]; };\n"
RIGHT = {
    "the-first-of-two": PAIR + POST + "const [x] = await pair(); if (x) return no(); " + ACTS,
    "the-second-of-two": PAIR + POST + "const [, s] = await pair(); if (!s) return no(); " + ACTS,
    "so-many-letters-of-a-secret": POST + SEC + "if (r.headers.get('x') !== k.slice(0, 32)) return no(); " + ACTS,
    "a-secret-and-what-came": CR + POST + SEC + "if (!timingSafeEqual(Buffer.from(k), Buffer.from(r.headers.get('x')))) return no(); " + ACTS,
    "a-key-of-the-environment": "import {jwtVerify} from 'jose';\n" + POST + "await jwtVerify(r.headers.get('t'), new TextEncoder().encode(process.env.JWT_SECRET)); " + ACTS,
    "a-key-that-is-imported": "import {importSPKI, jwtVerify} from 'jose';\n" + POST + "await jwtVerify(r.headers.get('t'), await importSPKI(process.env.PUBLIC_PEM, 'RS256')); " + ACTS,
    "a-key-of-a-set": "import {createRemoteJWKSet, jwtVerify} from 'jose';\nconst keys = createRemoteJWKSet(new URL('https://id.test'));\n" + POST + "await jwtVerify(r.headers.get('t'), keys); " + ACTS,
    "a-member-that-is-undefined-or-null": IRON + POST + "const s = await getIronSession(c, o); if (s.user == null) return no(); " + ACTS,
    "a-session-that-is-saved": IRON + POST + "const s = await getIronSession(c, o); if (!s.user) return no(); await s.save(); " + ACTS,
    "remembered-for-one-request": "import {cache} from 'react';\nconst mine = cache(async () => auth());\n" + POST + "if (!(await mine())) return no(); " + ACTS,
    "data-for-all-behind-a-guard": "import {unstable_cache} from 'next/cache';\nconst rows = unstable_cache(async () => prisma.x.findMany());\n" + POST + "await must(); return Response.json(await rows()); }",
    "a-boolean-that-is-false": POST + S + "if (!!s === false) return no(); " + ACTS,
    "a-thrown-redirect": NAV + POST + S + "if (!s) redirect('/login'); " + ACTS,
}  # fmt: skip


def _status(body: str, folder: Path) -> list[str]:
    (folder / "package.json").write_text(json.dumps({"dependencies": dict.fromkeys(PACKAGES, "1.0.0")}))
    route = folder / "app" / "api" / "x" / "route.ts"
    route.parent.mkdir(parents=True)
    route.write_text(HEAD + body)
    return [str(one.status) for one in audit_source(folder).handlers]


@pytest.mark.parametrize("body", TRAPS.values(), ids=TRAPS)
def test_check_of_the_wrong_thing_is_never_ok(body: str, tmp_path: Path) -> None:
    found = _status(body, tmp_path)
    assert len(found) == 1
    assert found != ["ok"]


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_check_of_the_right_thing_is_ok(body: str, tmp_path: Path) -> None:
    """Without this, the table above would also hold of an audit that is never ok."""
    assert _status(body, tmp_path) == ["ok"]
