"""Classes over classes, settings, typed awaits, cookies of a session, and pieces of routers: ok only where it is closed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("@clerk/nextjs", "@trpc/server", "hono", "iron-session", "lucia", "next", "next-auth", "next-safe-action")
HEAD = 'import { auth } from "@/auth";\nimport { prisma } from "@/db";\n'
NO = "return new Response(null, { status: 401 });"
ACTS = "await prisma.user.deleteMany(); return new Response(null, { status: 204 });"
BASE = f"class Base {{ async before() {{ const s = await auth(); if (!s) {{ {NO} }} return null; }} async go() {{ const no = await this.before(); if (no) return no; return this.run(); }} }}\n"
LUCIA = 'import { Lucia } from "lucia";\nimport { cookies } from "next/headers";\nimport { SignJWT } from "jose";\nconst lucia = new Lucia({});\n'
IRON = 'import { getIronSession } from "iron-session";\n'
SAFE = 'import { createSafeActionClient, returnValidationErrors } from "next-safe-action";\nconst client = createSafeActionClient();\n'
TRPC = 'import { initTRPC } from "@trpc/server";\nconst t = initTRPC.create();\nconst who = t.procedure.use(async ({ next }) => next({ ctx: { s: await auth() } }));\nconst must = who.use(({ ctx, next }) => { if (!ctx.s) throw new Error("no"); return next(); });\n'
HONO = 'import { Hono } from "hono";\nimport { createFactory } from "hono/factory";\nimport { every, some } from "hono/combine";\nimport { handle } from "hono/vercel";\nconst factory = createFactory();\nconst must = factory.createMiddleware(async (c, next) => { const s = await auth(); if (!s) return c.json({}, 401); await next(); });\nconst look = factory.createMiddleware(async (c, next) => { await auth(); await next(); });\nconst app = factory.createApp();\n'


def post(body: str, before: str = "") -> str:
    return f"{before}export async function POST(r) {{ {body} }}\n"


def runs(class_: str, base: str = BASE) -> str:
    return f"{base}class One extends Base {{ {class_} async run() {{ {ACTS} }} }}\nexport const POST = (r) => new One().go();\n"


def setting(first: str, later: str, asked: str = "this.needs && !s") -> str:
    return f"class Door {{ needs = {first}; open() {{ {later} return this; }} handle(f) {{ return async (r) => {{ const s = await auth(); if ({asked}) {{ {NO} }} return f(r); }}; }} }}\nexport const POST = new Door().open().handle(async () => {{ {ACTS} }});\n"


def hono(*stages: str) -> str:
    return f"{HONO}app.post('/x', {', '.join(stages)}, async (c) => {{ await prisma.user.deleteMany(); return c.body(null, 204); }});\nexport const POST = handle(app);\n"


def lucia(cookie: str) -> str:
    return post(
        f"const {{ user }} = await lucia.validateSession(r.headers.get('x')); if (!user) {{ {cookie} {NO} }} {ACTS}",
        LUCIA,
    )


def action(made: str, before: str = SAFE) -> str:
    return f"'use server';\n{before}export const save = {made};\n"


PAIRS = {  # what lets strangers by, and what does not
    "a-step-that-a-subclass-replaces": (runs("async before() { return null; }"), runs("")),
    "a-step-above-whose-refusal-is-lost": (
        runs("async before() { await super.before(); return null; }"),
        runs("async before() { const no = await super.before(); if (no) return no; return null; }")),
    "a-step-above-that-is-another": (
        runs("async before() { const no = await super.after(); if (no) return no; return null; }", BASE.replace("async go", "async after() { return null; } async go")),
        runs("async before() { return super.before(); }")),
    "a-step-above-that-is-replaced-below-again": (
        runs("", BASE + "class Base2 extends Base { async before() { return null; } }\n").replace("One extends Base ", "One extends Base2 "),
        runs("", BASE + "class Base2 extends Base { async before() { return super.before(); } }\n").replace("One extends Base ", "One extends Base2 ")),
    "a-setting-that-is-off": (setting("true", "this.needs = false;"), setting("true", "", "!s")),
    "a-setting-that-may-be-on": (setting("false", "if (process.env.STRICT) this.needs = true;"), setting("true", "")),
    "a-setting-that-says-the-opposite": (setting("true", "", "!this.needs && !s"), setting("true", "", "this.needs && !s")),
    "an-awaited-call-with-types": (
        post(f"const s = await getIronSession<{{ id: string }}>(r, o); if (!s) {{ {NO} }} {ACTS}", IRON),
        post(f"const s = await getIronSession<{{ id: string }}>(r, o); if (!s.id) {{ {NO} }} {ACTS}", IRON)),
    "an-awaited-call-with-types-of-functions": (
        post(f"const s = await getIronSession<Map<string, () => void>>(r, o); if (s === null) {{ {NO} }} {ACTS}", IRON),
        post(f"const s = await getIronSession<Map<string, () => void>>(r, o); if (!s.id) {{ {NO} }} {ACTS}", IRON)),
    "a-comparison-behind-an-await": (
        post(f"if (await size() < 1 && 2 > (await auth())) {{ {NO} }} {ACTS}", "async function size() { return 1; }\n"),
        post(f"const n = await size < 2 || 3 > (4); if (!(await auth())) {{ {NO} }} {ACTS}", "const size = 1;\n")),
    "a-cookie-of-a-token-that-is-made-here": (
        lucia("(await cookies()).set('s', await new SignJWT({ sub: 'guest' }).sign(key));"),
        lucia("const blank = lucia.createBlankSessionCookie(); (await cookies()).set(blank.name, blank.value, blank.attributes);")),
    "a-cookie-of-what-was-sent": (
        lucia("(await cookies()).set('s', await r.text());"), lucia("(await cookies()).set('s', ''); (await cookies()).delete('t');")),
    "an-error-that-is-made-and-not-thrown": (
        action("client.action(async () => { const s = await auth(); if (!s) client.returnValidationErrors({}); await prisma.x.create({}); })"),
        action("client.action(async () => { const s = await auth(); if (!s) returnValidationErrors({}, {}); await prisma.x.create({}); })")),
    "an-error-of-an-own-function-of-that-name": (
        action("client.action(async () => { const s = await auth(); if (!s) returnValidationErrors({}); await prisma.x.create({}); })", SAFE.replace(", returnValidationErrors", "") + "const returnValidationErrors = (x) => x;\n"),
        action("client.action(async () => { const s = await auth(); if (!s) throw new Error('no'); await prisma.x.create({}); })")),
    "a-procedure-as-an-action": (
        action("who.mutation(async () => { await prisma.x.create({}); })", TRPC),
        action("must.mutation(async () => { await prisma.x.create({}); })", TRPC)),
    "a-procedure-as-an-action-that-asks-itself": (
        action("who.mutation(async ({ ctx }) => { if (ctx.t) throw new Error('no'); await prisma.x.create({}); })", TRPC),
        action("who.mutation(async ({ ctx }) => { if (!ctx.s) throw new Error('no'); await prisma.x.create({}); })", TRPC)),
    "every-of-none": (hono("every(look)"), hono("every(look, must)")),
    "some-of-two": (hono("some(look, must)"), hono("every(must, look)")),
    "handlers-in-a-list": (hono("...factory.createHandlers(look)"), hono("...factory.createHandlers(must, look)")),
    "a-chain-that-ends-early": (
        post(f"const s = await auth(); const name = s?.user.name; if (name === 'x') {{ {NO} }} {ACTS}"),
        post(f"const s = await auth(); const name = s?.user.name; if (!name) {{ {NO} }} {ACTS}")),
    "a-status-of-a-table": (
        post(f"const s = await auth(); if (!s) return new Response(await prisma.x.findMany(), {{ status: ({{ a: 200, b: 401 }})[r.x] }}); {ACTS}"),
        post(f"const s = await auth(); if (!s) return new Response('no', {{ status: ({{ a: 403, b: 401 }})[r.x] }}); {ACTS}")),
}  # fmt: skip
SIDES = [(name, side) for name in PAIRS for side in (0, 1)]


def audited(folder: Path, body: str) -> list[tuple[str, str]]:
    (folder / "package.json").write_text(json.dumps({"dependencies": dict.fromkeys(PACKAGES, "1.0.0")}))
    file = folder / ("app/actions.ts" if body.startswith("'use server'") else "app/api/x/route.ts")
    file.parent.mkdir(parents=True)
    file.write_text(body if body.startswith("'use server'") else HEAD + body)
    if body.startswith("'use server'"):
        file.write_text(body.replace("'use server';\n", "'use server';\n" + HEAD))
    return [(str(one.status), one.reason) for one in audit_source(folder).handlers]


@pytest.mark.parametrize(("name", "side"), SIDES, ids=[f"{name}-{('open', 'closed')[side]}" for name, side in SIDES])
def test_builder_is_ok_only_where_strangers_are_refused(name: str, side: int, tmp_path: Path) -> None:
    (found,) = audited(tmp_path, PAIRS[name][side])
    assert (found[0] == "ok") is bool(side), found[1]


def test_client_of_a_service_acts_but_for_what_only_reads(tmp_path: Path) -> None:
    client = 'import { clerkClient } from "@clerk/nextjs/server";\n'
    body = "".join(
        f"export async function {name}(id) {{ const c = await clerkClient(); await c.users.{name}(id); }}\n"
        for name in ("deleteUser", "getUser")
    )
    assert [status for status, _ in audited(tmp_path, f"'use server';\n{client}{body}")] == ["unguarded", "unknown"]
