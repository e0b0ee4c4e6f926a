"""Guards that may not run, that are replaced, or that look at what the server itself has made: never ok."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """import {prisma} from '@/lib/db';
import {auth} from '@/auth';
import {redirect} from 'next/navigation';
const no = () => new Response(null, {status: 401});
const must = async () => { const s = await auth(); if (!s) throw new Error('no'); return s; };
"""
ACTS = "await prisma.user.deleteMany(); return new Response(null, {status: 204}); }"
POST = "export async function POST(r) { "
TRAPS = {
    "generator": "function* g() { must(); const s = yield auth(); if (!s) throw new Error('no'); }\n" + POST + "g(); " + ACTS,
    "async-generator": "async function* g() { const s = await auth(); if (!s) throw new Error('no'); yield s; }\n" + POST + "await g(); " + ACTS,
    "generator-forof": "async function* g() { const s = await auth(); if (!s) throw new Error('no'); yield s; }\n" + POST + "g().return(); " + ACTS,
    "destr-default-guard": POST + "const { user = await must() } = await r.json(); " + ACTS,
    "param-default": "const chk = async (u = must()) => { await u; };\n" + POST + "await chk(await r.json()); " + ACTS,
    "nullish-assign": POST + "let u = (await r.json()).user; u ??= await must(); " + ACTS,
    "or-assign": POST + "let u = (await r.json()).user; u ||= await must(); " + ACTS,
    "and-assign": POST + "let u = (await r.json()).user; u &&= await must(); " + ACTS,
    "optional-arg": POST + "r.logger?.info(await must()); " + ACTS,
    "optional-arg2": POST + "const b = await r.json(); b.x?.y.z(await must()); " + ACTS,
    "reassigned-export": "let h = async (r) => { await must(); " + ACTS + ";\nif (process.env.DEV) h = async (r) => { " + ACTS + ";\nexport { h as POST };",
    "reassigned-export-let": "export let POST = async (r) => { await must(); " + ACTS + ";\nPOST = async (r) => { " + ACTS + ";",
    "reassigned-guard": "let g = must;\ng = async () => {};\n" + POST + "await g(); " + ACTS,
    "reassigned-guard-fn": "let g = must;\nexport function dev() { g = async () => {}; }\n" + POST + "await g(); " + ACTS,
    "function-twice": "async function g() { await must(); }\nasync function g() { }\n" + POST + "await g(); " + ACTS,
    "object-guard-replaced": "const o = {g: must};\no.g = async () => {};\n" + POST + "await o.g(); " + ACTS,
    "object-guard-replaced-dev": "const o = {g: must};\nif (process.env.DEV) o.g = async () => {};\n" + POST + "await o.g(); " + ACTS,
    "object-dup-key": "const o = {g: must, g: async () => {}};\n" + POST + "await o.g(); " + ACTS,
    "object-spread-after": "const dev = {g: async () => {}}; const o = {g: must, ...dev};\n" + POST + "await o.g(); " + ACTS,
    "object-assign": "const o = {g: must}; Object.assign(o, {g: async () => {}});\n" + POST + "await o.g(); " + ACTS,
    "proto-method": "class A { async g() { await must(); } }\nA.prototype.g = async () => {};\n" + POST + "await new A().g(); " + ACTS,
    "subclass-override": "class A { async g() { await must(); } async go() { await this.g(); await prisma.user.deleteMany(); } } class B extends A { async g() {} }\n" + POST + "await new B().go(); return no(); }",
    "secret-vs-config": POST + "if (!process.env.API_SECRET) return no(); if (process.env.API_SECRET !== process.env.EXPECTED) return no(); " + ACTS,
    "secret-vs-member": "const config = {secret: 'abc'};\n" + POST + "if (!process.env.API_SECRET) return no(); if (process.env.API_SECRET !== config.secret) return no(); " + ACTS,
    "secret-vs-db": POST + "if (!process.env.API_SECRET) return no(); const row = await prisma.config.findFirst(); if (process.env.API_SECRET !== row.secret) return no(); " + ACTS,
    "timing-const": "import {timingSafeEqual} from 'crypto';\n" + POST + "const k = process.env.API_SECRET; if (!k) return no(); if (!timingSafeEqual(Buffer.from(k), Buffer.from(process.env.EXPECTED))) return no(); " + ACTS,
    "jwt-sign": "import {SignJWT, jwtVerify} from 'jose';\n" + POST + "const t = await new SignJWT({}).sign(key); const {payload} = await jwtVerify(t, key); " + ACTS,
    "jwt-own-token": "import jwt from 'jsonwebtoken';\n" + POST + "const t = jwt.sign({a: 1}, 'k'); jwt.verify(t, 'k'); " + ACTS,
    "iron-self-set": "import {getIronSession} from 'iron-session';\n" + POST + "const s = await getIronSession(c, o); s.user = await r.json(); if (!s.user) return no(); " + ACTS,
    "iron-self-set2": "import {getIronSession} from 'iron-session';\n" + POST + "const s = await getIronSession(c, o); Object.assign(s, await r.json()); if (!s.user) return no(); " + ACTS,
    "better-auth-query": "import {betterAuth} from 'better-auth';\nconst a = betterAuth({});\n" + POST + "const s = await a.api.getSession({headers: r.headers, asResponse: true}); if (!s) return no(); " + ACTS,
    "better-auth-headers": "import {betterAuth} from 'better-auth';\nconst a = betterAuth({});\n" + POST + "const s = await a.api.getSession({headers: r.headers, returnHeaders: true}); if (!s) return no(); " + ACTS,
    "hono-bearer-any": "import {Hono} from 'hono'; import {handle} from 'hono/vercel'; import {bearerAuth} from 'hono/bearer-auth';\nconst app = new Hono();\napp.use('*', bearerAuth({verifyToken: async () => true}));\napp.post('/x', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\nexport const POST = handle(app);",
    "hono-order": "import {Hono} from 'hono'; import {handle} from 'hono/vercel';\nconst app = new Hono();\napp.post('/x', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\napp.use('*', async (c, next) => { const s = await auth(); if (!s) return c.text('no', 401); await next(); });\nexport const POST = handle(app);",
    "hono-next-anyway": "import {Hono} from 'hono'; import {handle} from 'hono/vercel';\nconst app = new Hono();\napp.use('*', async (c, next) => { const s = await auth(); if (!s) c.text('no', 401); await next(); });\napp.post('/x', async (c) => { await prisma.user.deleteMany(); return c.text('x'); });\nexport const POST = handle(app);",
    "guard-env-bypass": "const g = async () => { if (process.env.SKIP_AUTH) return {id: 1}; const s = await auth(); if (!s) throw new Error('no'); return s; };\n" + POST + "await g(); " + ACTS,
    "guard-named-bypass": "const requireSession = async (r) => { if (r.headers.get('x-dev')) return {id: 1}; const s = await auth(); if (!s) throw new Error('no'); return s; };\n" + POST + "await requireSession(r); " + ACTS,
    "promise-race": POST + "await Promise.race([must(), new Promise((d) => setTimeout(d, 10))]); " + ACTS,
    "all-settled": POST + "await Promise.allSettled([must()]); " + ACTS,
    "wrapper-parallel": "const withX = (h) => async (r) => { const [s, made] = await Promise.all([auth(), h(r)]); if (!s) return no(); return made; };\nexport const POST = withX(async (r) => { " + ACTS + ");",
    "wrapper-catch-runs": "const withX = (h) => async (r) => { try { await must(); } catch { return h(r); } return h(r); };\nexport const POST = withX(async (r) => { " + ACTS + ");",
    "module-flag-guard": "let ok = false;\nconst g = async () => { if (ok) return; const s = await auth(); if (!s) throw new Error('no'); ok = true; };\n" + POST + "await g(); " + ACTS,
    "memo-guard": "const cache = new Map();\nconst g = async (r) => { if (cache.has('u')) return cache.get('u'); const s = await auth(); if (!s) throw new Error('no'); cache.set('u', s); return s; };\n" + POST + "await g(r); " + ACTS,
    "stripe-if-sig": "import Stripe from 'stripe';\nconst s = new Stripe('k');\n" + POST + "const sig = r.headers.get('stripe-signature'); let e; if (sig) { e = s.webhooks.constructEvent(await r.text(), sig, 'k'); } else { e = await r.json(); } " + ACTS,
    "svix-if-secret": "import {Webhook} from 'svix';\n" + POST + "if (process.env.HOOK_SECRET) new Webhook(process.env.HOOK_SECRET).verify(await r.text(), r.headers); " + ACTS,
    "assert-warn": "const assert = (c, m) => { if (!c) console.warn(m); };\n" + POST + "const s = await auth(); assert(s, 'no'); " + ACTS,
    "assert-dev": "const assert = (c, m) => { if (process.env.NODE_ENV !== 'production' && !c) throw new Error(m); };\n" + POST + "const s = await auth(); assert(s, 'no'); " + ACTS,
    "console-assert": POST + "const s = await auth(); console.assert(s); " + ACTS,
    "invariant-lib": "import invariant from 'tiny-invariant';\n" + POST + "const s = await auth(); invariant(r.x, 'no'); " + ACTS,
    "finally-swallow": POST + "x: try { await must(); } finally { break x; } " + ACTS,
    "response-not-returned": POST + "const s = await auth(); if (!s) no(); " + ACTS,
}  # fmt: skip
RIGHT = {
    "a-guard-that-throws": POST + "await must(); " + ACTS,
    "an-invariant": "import invariant from 'tiny-invariant';\n" + POST + "const s = await auth(); invariant(s, 'no'); " + ACTS,
    "an-assertion-of-node": "import assert from 'node:assert';\n" + POST + "const s = await auth(); assert.ok(s); " + ACTS,
    "a-session-behind-a-question-mark": "const o = {who: async () => auth()};\n" + POST + "const s = await o?.who(); if (!s) return no(); " + ACTS,
    "a-method-of-an-abstract-class": "abstract class A { async must() { const s = await auth(); if (!s) throw new Error('no'); } }\nclass B extends A { go = async () => { await this.must(); await prisma.user.deleteMany(); return no(); }; }\nexport const POST = new B().go;",
    "a-wrapper-twice": "const wrap = (run) => async (r) => { try { return await run(r); } catch (e) { return Response.json({}, {status: e.status}); } };\nexport const POST = wrap(wrap(async (r) => { await must(); " + ACTS + "));",
    "a-member-that-is-changed-and-guards-nothing": "const o = {must, seen: 0};\nexport const look = () => { o.seen = 1; };\n" + POST + "await o.must(); " + ACTS,
}  # fmt: skip


def _status(body: str, folder: Path) -> list[str]:
    route = folder / "app" / "api" / "x" / "route.ts"
    route.parent.mkdir(parents=True)
    route.write_text(HEAD + body)
    return [str(one.status) for one in audit_source(folder).handlers]


@pytest.mark.parametrize("body", TRAPS.values(), ids=TRAPS)
def test_guard_that_may_not_run_or_asks_nobody_is_never_ok(body: str, tmp_path: Path) -> None:
    found = _status(body, tmp_path)
    assert len(found) == 1
    assert found != ["ok"]


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_guard_that_certainly_runs_is_ok(body: str, tmp_path: Path) -> None:
    """Without this, the table above would also hold of an audit that is never ok."""
    assert _status(body, tmp_path) == ["ok"]
