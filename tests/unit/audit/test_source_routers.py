"""Routers in a route file: each route is judged behind the middleware that runs before it, and none is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import { prisma as db } from "@/lib/db";
import { auth } from "@/auth";
import { initTRPC, TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Hono } from "hono";
import { handle } from "hono/vercel";
import { bearerAuth } from "hono/bearer-auth";
import { createEdgeRouter } from "next-connect";
import { createNextHandler } from "@ts-rest/serverless/next";
"""
TRPC = """
const createContext = async (opts) => { const session = await auth(); return { session, db, ...opts }; };
const t = initTRPC.context().create({});
export const { router: makeRouter, procedure } = t;
const signedIn = t.middleware(async (opts) => {
  if (!opts.ctx.session?.user) throw new TRPCError({ code: "UNAUTHORIZED" });
  const started = Date.now();
  const result = await opts.next({ ctx: { ...opts.ctx, user: opts.ctx.session.user } });
  console.info(Date.now() - started);
  return result;
});
const served = (router, req) => fetchRequestHandler({ endpoint: "/api", req, router, createContext });
"""
SERVED = "export const POST = (req) => fetchRequestHandler({ endpoint: '/api', req, router: app, createContext });"
WRITES = "mutation(({ ctx }) => ctx.db.note.create({}))"
APP = "const app = new Hono().basePath('/api');\n"
WRITTEN = "async (c) => c.json(await db.note.create({}))"
CHECK = "async (c, next) => { if (!(await auth())) return c.json({ error: 'who' }, 401); await next(); }"


def seen(folder: Path, body: str, **others: str) -> dict[str, str]:
    """Give the status of each handler by its name."""
    files = {
        "app/api/[...all]/route.ts": HEAD + body,
        **{f"lib/{name}.ts": HEAD + text for name, text in others.items()},
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    found = audit_source(folder)
    assert all(one.reason for one in found.handlers)
    return {one.name: str(one.status) for one in found.handlers}


PROCEDURES = {
    "guarded": (f"procedure.use(signedIn).{WRITES}", "ok"),
    "guarded-twice-built": (f"procedure.use(signedIn).input({{}}).use(({{ next }}) => next()).{WRITES}", "ok"),
    "guard-in-the-procedure": ("procedure.mutation(async ({ ctx }) => { if (!ctx.session) throw new TRPCError({}); await ctx.db.note.create({}); })", "ok"),
    "a-piece-of-another-procedure": (f"procedure.concat(t.procedure.use(signedIn)).{WRITES}", "ok"),
    "open": (f"procedure.{WRITES}", "unguarded"),
    "open-by-the-answer": ("procedure.mutation(({ ctx }) => ctx.db.note.findMany())", "unguarded"),
    "logs-and-goes-on": (f"procedure.use(({{ ctx, next }}) => {{ if (!ctx.session) console.warn('nobody'); return next(); }}).{WRITES}", "unguarded"),
    "goes-on-twice": (f"procedure.use(({{ ctx, next }}) => {{ if (ctx.session) return next(); return next({{ ctx: {{}} }}); }}).{WRITES}", "unguarded"),
    "refuses-those-who-are-known": (f"procedure.use(({{ ctx, next }}) => {{ if (ctx.session) throw new TRPCError({{}}); return next(); }}).{WRITES}", "unguarded"),
    "checks-afterwards": (f"procedure.use(async ({{ ctx, next }}) => {{ const made = await next(); if (!ctx.session) throw new TRPCError({{}}); return made; }}).{WRITES}", "unguarded"),
    "checks-what-is-always-there": (f"procedure.use(({{ ctx, next }}) => {{ if (!ctx.db) throw new TRPCError({{}}); return next(); }}).{WRITES}", "unguarded"),
    "middleware-of-a-package": (f"procedure.use(limitedBy()).{WRITES}", "unknown"),
    "handler-of-a-package": ("procedure.mutation(made)", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("procedure", "status"), PROCEDURES.values(), ids=PROCEDURES)
def test_procedure_is_judged_behind_its_middleware(procedure: str, status: str, tmp_path: Path) -> None:
    body = f"{TRPC}\nconst app = makeRouter({{ notes: makeRouter({{ add: {procedure} }}) }});\n{SERVED}"
    assert seen(tmp_path, body) == {"POST /api/notes.add": status}


CONTEXTS = {
    "asks-a-guard": ("createContext: async () => ({ session: await auth() })", "ok"),
    "always-the-same": ("createContext: () => ({ session: { user: 'guest' } })", "unguarded"),
    "none": ("onError: () => {}", "unknown"),
    "of-a-package": ("createContext: madeElsewhere", "unknown"),
}


@pytest.mark.parametrize(("context", "status"), CONTEXTS.values(), ids=CONTEXTS)
def test_session_of_a_procedure_is_what_the_context_gives(context: str, status: str, tmp_path: Path) -> None:
    body = f"{TRPC}\nconst app = t.router({{ add: procedure.use(signedIn).mutation(() => db.note.create({{}})) }});\n"
    served = f"export const POST = (req) => fetchRequestHandler({{ req, router: app, {context} }});"
    assert seen(tmp_path, body + served) == {"POST /api/add": status}


ROLES = {
    "compared": "if (ctx.session.user.role !== 'ADMIN') throw new TRPCError({});",
    "listed": "if (!['ADMIN'].includes(ctx.session.user.role)) throw new TRPCError({});",
    "by-its-own-name": "const { role } = ctx.session.user; if (role !== 'ADMIN') throw new TRPCError({});",
}


@pytest.mark.parametrize("check", ROLES.values(), ids=ROLES)
def test_role_that_a_procedure_asks_for_is_named(check: str, tmp_path: Path) -> None:
    admin = f"procedure.use(signedIn).use(({{ ctx, next }}) => {{ {check} return next(); }})"
    body = (
        f"{TRPC}\nconst app = t.router({{ wipe: {admin}.{WRITES}, add: procedure.use(signedIn).{WRITES} }});\n{SERVED}"
    )
    assert seen(tmp_path, body) == {"POST /api/wipe": "ok", "POST /api/add": "ok"}
    reasons = {one.name: one.reason for one in audit_source(tmp_path).handlers}
    assert "(session), the role ADMIN in line " in reasons["POST /api/wipe"]
    assert "role" not in reasons["POST /api/add"]


def test_guard_of_the_route_file_holds_for_every_procedure(tmp_path: Path) -> None:
    body = f"{TRPC}\nconst app = t.router({{ add: procedure.{WRITES} }});\nexport async function POST(req) {{ if (!(await auth())) return new Response(null, {{ status: 401 }}); return served(app, req); }}"
    assert seen(tmp_path, body) == {"POST /api/add": "ok"}


def test_query_is_a_get_and_a_router_of_another_file_is_followed(tmp_path: Path) -> None:
    other = f"{TRPC}\nexport const notes = t.mergeRouters(t.router({{ list: procedure.query(({{ ctx }}) => ctx.db.note.findMany()) }}), t.router({{ add: procedure.use(signedIn).{WRITES} }}));"
    body = f"{TRPC}\nimport {{ notes }} from '../../../lib/notes';\nconst app = t.router({{ notes, later: lazily(() => import('./x')), ...more }});\nconst handler = (req) => served(app, req);\nexport {{ handler as GET, handler as POST }};"
    found = seen(tmp_path, body, notes=other)
    assert found["ANY /api/*"] == "unknown"  # what is spread into it cannot be told


def test_comment_beside_a_procedure_is_for_that_one_alone(tmp_path: Path) -> None:
    body = f"{TRPC}\nconst app = t.router({{\n  // prober: public everybody may write here\n  one: procedure.{WRITES},\n  two: procedure.{WRITES},\n}});\n{SERVED}"
    assert seen(tmp_path, body) == {"POST /api/one": "ok", "POST /api/two": "unguarded"}


APPS = {
    "guard-of-the-app": (f"app.use('*', {CHECK});\napp.post('/notes', {WRITTEN});", "ok"),
    "guard-of-the-path": (f"app.use('/notes/*', {CHECK});\napp.post('/notes', {WRITTEN});", "ok"),
    "guard-of-the-route": (f"app.post('/notes', {CHECK}, {WRITTEN});", "ok"),
    "bearer": (f"app.post('/notes', bearerAuth({{ token }}), {WRITTEN});", "ok"),
    "left-for-the-handler": ("app.use(async (c, next) => { const s = await auth(); if (!s) { c.set('user', null); return next(); } c.set('user', s.user); return next(); });\napp.post('/notes', async (c) => { if (!c.var.user) return c.text('who', 401); return c.json(await db.note.create({})); });", "ok"),
    "open": (f"app.post('/notes', {WRITTEN});", "unguarded"),
    "acts-after-the-rest": (f"app.use(async (c, next) => {{ await next(); await db.note.create({{}}); }});\napp.post('/notes', {CHECK}, (c) => c.text('done'));", "unguarded"),
    "guard-of-another-path": (f"app.use('/admin/*', {CHECK});\napp.post('/notes', {WRITTEN});", "unguarded"),
    "guard-of-a-longer-name": (f"app.use('/note/*', {CHECK});\napp.post('/notes', {WRITTEN});", "unguarded"),
    "guard-after-it": (f"app.post('/notes', {WRITTEN});\napp.use('*', {CHECK});", "unguarded"),
    "checks-afterwards": (f"app.use(async (c, next) => {{ await next(); if (!(await auth())) return c.text('who', 401); }});\napp.post('/notes', {WRITTEN});", "unguarded"),
    "answers-401-and-goes-on": (f"app.use(async (c, next) => {{ if (!(await auth())) c.status(401); await next(); }});\napp.post('/notes', {WRITTEN});", "unguarded"),
    "a-guest-is-somebody": ("app.use(async (c, next) => { c.set('user', { guest: true }); const s = await auth(); if (s) c.set('user', s.user); await next(); });\napp.use(async (c, next) => { if (c.req.header('x')) c.set('user', null); await next(); });\napp.post('/notes', async (c) => { if (!c.get('user')) return c.text('who', 401); return c.json(await db.note.create({})); });", "unguarded"),
    "middleware-of-a-package": (f"app.use(gate());\napp.post('/notes', {WRITTEN});", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status"), APPS.values(), ids=APPS)
def test_route_of_an_app_is_judged_behind_what_was_used_before_it(body: str, status: str, tmp_path: Path) -> None:
    assert seen(tmp_path, f"{APP}{body}\nexport const POST = handle(app);") == {"POST /api/notes": status}


def test_app_that_is_mounted_runs_behind_its_parents_middleware(tmp_path: Path) -> None:
    other = f"const notes = new Hono().post('/', {WRITTEN});\nexport default notes;"
    body = f"import notes from '../../../lib/notes';\n{APP}app.use('/mine/*', {CHECK});\napp.route('/mine', notes).route('/open', notes);\nexport const POST = handle(app);"
    assert seen(tmp_path, body, notes=other) == {"POST /api/mine": "ok", "POST /api/open": "unguarded"}


@pytest.mark.parametrize(
    "rest", ["register(app);", "for (const one of all) app.post(one.path, one.run);", "app.route('/x', made);"]
)
def test_route_that_somebody_else_adds_is_unknown_and_not_left_out(rest: str, tmp_path: Path) -> None:
    body = f"{APP}app.post('/notes', {CHECK}, {WRITTEN});\n{rest}\nexport const POST = handle(app);"
    assert sorted(seen(tmp_path, body).values()) == ["ok", "unknown"]


def test_router_without_a_route_is_unknown(tmp_path: Path) -> None:
    assert seen(tmp_path, f"{APP}export const POST = handle(app);") == {"POST /api/:all+": "unknown"}


CONNECTED = {
    "guarded": ("router.use(check).post(add);", "ok"),
    "guard-of-the-method": ("router.post(check, add);", "ok"),
    "guard-after-it": ("router.post(add).use(check);", "unguarded"),
    "does-not-wait": (
        "router.use(async (request, context, next) => { await auth(); return next(); }).post(add);",
        "unguarded",
    ),
}


@pytest.mark.parametrize(("body", "status"), CONNECTED.values(), ids=CONNECTED)
def test_method_of_next_connect_is_judged_behind_what_was_used_before_it(
    body: str, status: str, tmp_path: Path
) -> None:
    parts = "const router = createEdgeRouter();\nconst check = async (request, context, next) => { if (!(await auth())) return new Response(null, { status: 401 }); return next(); };\nconst add = async () => Response.json(await db.note.create({}));\n"
    served = "\nexport async function POST(request, context) { return router.run(request, context); }"
    assert seen(tmp_path, parts + body + served) == {"POST /api/:all+": status}


def test_functions_of_ts_rest_are_handlers_by_their_names(tmp_path: Path) -> None:
    guard = "if (!(await auth())) return { status: 401 as const, body: null };"
    body = f"const notes = {{ add: async () => {{ {guard} return {{ status: 201 as const, body: await db.note.create({{}}) }}; }}, list: async () => ({{ status: 200 as const, body: await db.note.findMany() }}) }};\nconst handler = createNextHandler(contract, {{ notes }}, {{}});\nexport {{ handler as GET, handler as POST }};"
    assert seen(tmp_path, body) == {"ANY /api/notes.add": "ok", "ANY /api/notes.list": "unguarded"}


# --- what other modules register --------------------------------------------------------------------------------------
REGISTERED = f"export function register(app) {{ app.get('/list', {CHECK}, async (c) => c.json(await db.note.findMany())); app.post('/notes', {WRITTEN}); }}"


def test_routes_that_another_module_registers_are_handlers(tmp_path: Path) -> None:
    body = f"import {{ register }} from '../../../lib/notes';\n{APP}app.use('/later/*', {CHECK});\nregister(app);\napp.delete('/later/x', {WRITTEN});\nconst handler = handle(app);\nexport {{ handler as GET, handler as POST, handler as DELETE }};"
    assert seen(tmp_path, body, notes=REGISTERED) == {
        "GET /api/list": "ok",
        "POST /api/notes": "unguarded",
        "DELETE /api/later/x": "ok",
    }


def test_routes_of_an_app_that_a_function_makes_are_handlers(tmp_path: Path) -> None:
    made = f"export function make() {{ const app = new Hono().basePath('/api'); app.use({CHECK}); app.post('/notes', {WRITTEN}); return app; }}"
    body = "import { make } from '../../../lib/notes';\nconst app = make();\nexport const POST = handle(app);"
    assert seen(tmp_path, body, notes=made) == {"POST /api/notes": "ok"}
    assert seen(tmp_path, body, notes=made.replace(f"app.use({CHECK});", "")) == {"POST /api/notes": "unguarded"}


def test_function_that_adds_nothing_leaves_the_route_unknown(tmp_path: Path) -> None:
    other = "export function register(app) { for (const one of all) one(app); }"
    body = f"import {{ register }} from '../../../lib/notes';\n{APP}app.post('/notes', {CHECK}, {WRITTEN});\nregister(app);\nexport const POST = handle(app);"
    assert sorted(seen(tmp_path, body, notes=other).values()) == ["ok", "unknown"]


def test_routes_for_several_methods_and_paths_are_handlers_each(tmp_path: Path) -> None:
    body = f"{APP}app.use('/b', {CHECK});\napp.on(['POST', 'PUT'], ['/a', '/b'], {WRITTEN});\napp.on(methods, '/c', {WRITTEN});\nexport const POST = handle(app);\nexport const PUT = POST;"
    assert seen(tmp_path, body) == {
        "POST /api/a": "unguarded", "POST /api/b": "ok", "PUT /api/a": "unguarded", "PUT /api/b": "ok",
        "ANY /api/*": "unknown",
    }  # fmt: skip


def test_method_that_no_route_has_is_no_handler(tmp_path: Path) -> None:
    body = f"{APP}app.post('/notes', {CHECK}, {WRITTEN});\nexport const POST = handle(app);\nexport const OPTIONS = handle(app);"
    assert seen(tmp_path, body) == {"POST /api/notes": "ok"}


def test_librarys_own_handler_below_a_path_of_the_app_is_public(tmp_path: Path) -> None:
    body = f"import {{ betterAuth }} from 'better-auth';\nconst sessions = betterAuth({{}});\n{APP}app.on(['POST'], '/auth/*', (c) => sessions.handler(c.req.raw));\napp.on(['POST'], '/one', (c) => sessions.handler(c.req.raw));\nexport const POST = handle(app);"
    assert seen(tmp_path, body) == {"POST /api/auth/*": "ok", "POST /api/one": "unknown"}


# --- contracts of ts-rest ---------------------------------------------------------------------------------------------
CONTRACT = """
import { initContract } from "@ts-rest/core";
const c = initContract();
const notes = c.router({
  list: { method: "GET", path: "/notes", responses: {} },
  add: { method: "POST", path: "/notes", body: null, responses: {} },
}, { pathPrefix: "/v1" });
export const contract = c.router({ notes, ping: { method: "GET", path: "/ping", responses: {} } }, { pathPrefix: "/api" });
"""
KEPT = "const notes = { add: async () => { if (!(await auth())) return { status: 401, body: null }; return { status: 201, body: await db.note.create({}) }; }, list: async () => ({ status: 200, body: await db.note.findMany() }) };"


@pytest.mark.parametrize("table", ["{ notes }", "{ notes: tsr.router(contract.notes, notes) }"], ids=["plain", "apart"])
def test_function_of_ts_rest_is_named_by_its_contract(table: str, tmp_path: Path) -> None:
    body = f"import {{ contract }} from '../../../lib/contract';\nimport {{ tsr }} from '@ts-rest/serverless/next';\n{KEPT}\nconst handler = createNextHandler(contract, {table}, {{}});\nexport {{ handler as GET, handler as POST, handler as DELETE }};"
    found = seen(tmp_path, body, contract=CONTRACT)
    assert found == {"GET /api/v1/notes": "unguarded", "POST /api/v1/notes": "ok"}


def test_base_path_of_ts_rest_is_before_the_contracts(tmp_path: Path) -> None:
    contract = CONTRACT.replace('{ pathPrefix: "/api" }', "{}")
    body = f"import {{ contract }} from '../../../lib/contract';\n{KEPT}\nexport const POST = createNextHandler(contract, {{ notes }}, {{ basePath: '/api/app' }});"
    assert seen(tmp_path, body, contract=contract) == {"POST /api/app/v1/notes": "ok"}
