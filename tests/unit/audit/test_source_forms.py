"""Forms in which a guard is passed: each is ok, and unguarded or unknown once its refusal is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import { prisma as db } from "@/lib/db";
import { auth } from "@/auth";
import { z } from "zod";
import { createSafeActionClient } from "next-safe-action";
import { createServerActionProcedure } from "zsa";
import { auth as clerk } from "@clerk/nextjs/server";
import { betterAuth } from "better-auth";
import { withIronSessionApiRoute } from "iron-session/next";
import { createServerClient } from "@supabase/ssr";
const no = () => new Response(null, { status: 401 });
const sessions = betterAuth({});
"""
ACTS = "await db.note.deleteMany({}); return new Response(null, { status: 204 });"
GUARDED = {
    "a-failure-that-is-nobody": ("const s = await auth().catch(() => null); if (!s) return no(); " + ACTS, "if (!s) return no();"),
    "a-failure-that-is-logged": ("const s = await auth().catch(console.error); if (!s) return no(); " + ACTS, "if (!s) return no();"),
    "a-role-among-those-of-the-caller": ("const s = await auth(); if (!s?.user?.roles?.includes('editor')) return no(); " + ACTS, "return no();"),
    "some-role-of-the-caller": ("const s = await auth(); const may = s?.user?.roles?.some((role) => role === 'editor') ?? false; if (!may) return no(); " + ACTS, "return no();"),
    "a-list-that-holds-the-role": ("const s = await auth(); if (!['admin', 'editor'].includes(s?.user?.role)) return no(); " + ACTS, "return no();"),
    "the-cases-of-a-role": ("const s = await auth(); switch (s?.user?.role) { case 'admin': case 'editor': break; default: return no(); } " + ACTS, "default: return no();"),
    "a-switch-for-nobody": ("const s = await auth(); switch (s) { case null: return no(); default: break; } " + ACTS, "return no();"),
    "a-text-that-is-there": ("const s = await auth(); if (typeof s?.user?.id !== 'string') return no(); " + ACTS, "return no();"),
    "nothing-for-a-stranger": ("const s = await auth(); if (s) await db.note.deleteMany({}); return new Response(null, { status: 204 });", "if (s)"),
    "imported-when-needed": ("const { auth: who } = await import('@/auth'); if (!(await who())) return no(); " + ACTS, "return no();"),
    "a-permission": ("const { success } = await sessions.api.hasPermission({}); if (!success) return no(); " + ACTS, "return no();"),
    "has-of-clerk": ("const { has } = await clerk(); if (!has({ role: 'org:admin' })) return no(); " + ACTS, "return no();"),
    "a-password": ("const { error } = await createServerClient('u', 'k', {}).auth.signInWithPassword({}); if (error) return no(); " + ACTS, "return no();"),
    "a-secret-that-its-function-asks-for": ("if (!process.env.JOB_KEY) return no(); const right = Buffer.from(createHmac('sha256', process.env.JOB_KEY).update('x').digest('hex')); if (!timingSafeEqual(right, Buffer.from('y'))) return no(); " + ACTS, "if (!process.env.JOB_KEY) return no();"),
    "a-log-of-who-was-refused": ("const s = await auth(); if (!s) { await db.auditLog.create({}); return no(); } " + ACTS, "return no();"),
}  # fmt: skip


def statuses(folder: Path, source: str, **others: str) -> dict[str, str]:
    """Give the status of each handler of a route file by its method."""
    head = HEAD + "import { createHmac, timingSafeEqual } from 'node:crypto';\n"
    files = {"app/api/a/route.ts": head + source, **{f"lib/{name}.ts": head + text for name, text in others.items()}}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return {one.name.partition(" ")[0]: str(one.status) for one in audit_source(folder).handlers}


@pytest.mark.parametrize(("body", "refusal"), GUARDED.values(), ids=GUARDED)
def test_form_is_ok_and_not_without_its_refusal(body: str, refusal: str, tmp_path: Path) -> None:
    assert refusal in body
    handler = "export async function POST(request) {{ {} }}"
    assert statuses(tmp_path, handler.format(body)) == {"POST": "ok"}
    assert statuses(tmp_path, handler.format(body.replace(refusal, "", 1)))["POST"] != "ok"


DEFINITIONS = {
    "asks-the-library": ("const { getServerSession: ask } = await import('next-auth'); return ask();", "ok"),
    "looks-up-a-cookie": ("const id = (await cookies()).get('id')?.value; if (!id) return null; return db.session.findUnique({ where: { id } });", "ok"),
    "asks-a-package": ("const found = await check(request); if (!found) throw new Error('no'); return found;", "ok"),
    "gives-the-first-user": ("return { user: await db.user.findFirst() };", "unguarded"),
    "gives-the-guest": ("const user = await db.user.findFirst({ where: { name: 'guest' } }); return { user };", "unguarded"),
    "only-logs": ("console.log('who?', request?.url); return true;", "unguarded"),
    "writes-and-goes-on": ("await db.visit.create({ data: {} }); return { id: 1 };", "unguarded"),
    "believes-a-header": ("return request.headers.get('x-user-id');", "unguarded"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_shipped_name_of_a_guard_is_believed_unless_its_definition_certainly_asks_nobody(
    body: str, status: str, tmp_path: Path
) -> None:
    guards = f"import {{ cookies }} from 'next/headers';\nimport {{ check }} from '@acme/users';\nexport async function requireSession(request) {{ {body} }}"
    route = f"import {{ requireSession }} from '../../../lib/guards';\nexport async function POST(request) {{ const s = await requireSession(request); if (!s) return no(); {ACTS} }}"
    assert statuses(tmp_path, route, guards=guards) == {"POST": status}


WRAPPER = "const route = ({ auth: asks = true, run }) => async (request) => { if (asks) { if (!(await auth())) return no(); } return run(request); };\nconst run = async () => { " + ACTS + " };\n"  # fmt: skip
OPTIONS = {
    "default": ("route({ run })", "ok"),
    "on": ("route({ run, auth: true })", "ok"),
    "off": ("route({ run, auth: false })", "unguarded"),
    "chosen-elsewhere": ("route({ run, auth: process.env.ASKS })", "unguarded"),
}
STRICT = "const route = (options, run) => async (request) => { if (options.auth !== false) { if (!(await auth())) return no(); } return run(request); };\nconst run = async () => { " + ACTS + " };\n"  # fmt: skip


@pytest.mark.parametrize(("made", "status"), OPTIONS.values(), ids=OPTIONS)
def test_option_of_a_wrapper_that_is_written_out_is_followed(made: str, status: str, tmp_path: Path) -> None:
    assert statuses(tmp_path, f"{WRAPPER}export const POST = {made};") == {"POST": status}


@pytest.mark.parametrize(
    ("options", "status"), [("{}", "ok"), ("{ auth: true }", "ok"), ("{ auth: false }", "unguarded")]
)
def test_option_that_is_compared_with_a_constant_is_followed(options: str, status: str, tmp_path: Path) -> None:
    assert statuses(tmp_path, f"{STRICT}export const POST = route({options}, run);") == {"POST": status}


COMPOSED = "const all = (...wraps) => (run) => wraps.reduceRight((next, wrap) => wrap(next), run);\nconst asked = (next) => async (...given) => { if (!(await auth())) return no(); return next(...given); };\nconst timed = (next) => async (request) => { console.time(); return next(request); };\n"  # fmt: skip


@pytest.mark.parametrize(
    ("wraps", "status"), [("timed, asked", "ok"), ("asked, timed", "ok"), ("timed", "unguarded"), ("", "unguarded")]
)
def test_wrappers_that_are_composed_are_followed(wraps: str, status: str, tmp_path: Path) -> None:
    source = f"{COMPOSED}export const POST = all({wraps})(async (request) => {{ await request.json(); {ACTS} }});"
    assert statuses(tmp_path, source) == {"POST": status}


CONTEXTS = {
    "asked-by-the-action": ("if (!ctx.user) throw new Error('who');", "ok"),
    "not-asked": ("console.log(ctx.user);", "unguarded"),
    "asked-of-what-is-always-there": ("if (!ctx.started) throw new Error('who');", "unguarded"),
}


@pytest.mark.parametrize(("check", "status"), CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize(
    "client",
    [
        "createSafeActionClient().use(async ({ next }) => next({ ctx: { started: Date.now() } })).use(async ({ next, ctx }) => { const s = await auth(); return next({ ctx: { user: s?.user } }); }).schema({}).action",
        "createServerActionProcedure().handler(async () => { const s = await auth(); return { user: s?.user, started: 1 }; }).createServerAction().input({}).handler",
    ],
    ids=["next-safe-action", "zsa"],
)
def test_context_of_an_action_is_what_its_client_passes_on(
    client: str, check: str, status: str, tmp_path: Path
) -> None:
    source = f"export const POST = {client}(async ({{ ctx }}) => {{ {check} await db.note.deleteMany({{}}); }});"
    assert statuses(tmp_path, source) == {"POST": status}


@pytest.mark.parametrize(("tested", "status"), [("user", "ok"), ("nobody", "unguarded")])
def test_session_that_a_wrapper_of_a_library_lends_is_asked(tested: str, status: str, tmp_path: Path) -> None:
    check = "if (!request.session.user) return no();" if tested == "user" else ""
    source = f"export const POST = withIronSessionApiRoute(async (request) => {{ {check} {ACTS} }}, {{}});"
    assert statuses(tmp_path, source) == {"POST": status}


ENVIRONMENTS = {
    "parsed": ("z.object({ CRON_SECRET: z.string().min(16) }).parse(process.env)", "ok"),
    "made": ("createEnv({ server: { CRON_SECRET: z.string().min(1) } })", "ok"),
    "not-parsed": ("process.env", "unknown"),
}


@pytest.mark.parametrize(("env", "status"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_secret_that_a_schema_demands_is_set(env: str, status: str, tmp_path: Path) -> None:
    route = f"import {{ env }} from '../../../lib/env';\nexport async function POST(request) {{ if (request.headers.get('authorization') !== `Bearer ${{env.CRON_SECRET}}`) return no(); {ACTS} }}"
    assert statuses(tmp_path, route, env=f"export const env = {env};") == {"POST": status}


def test_secret_that_a_caller_asks_for_is_set_where_it_is_compared(tmp_path: Path) -> None:
    same = "const same = (request) => request.headers.get('x') === process.env.JOB_SECRET;\n"
    body = "if (!process.env.JOB_SECRET) return no(); if (!same(request)) return no(); "
    asked = f"{same}export async function POST(request) {{ {body}{ACTS} }}"
    assert statuses(tmp_path, asked) == {"POST": "ok"}
    assert statuses(tmp_path, asked.replace("if (!process.env.JOB_SECRET) return no(); ", "")) == {"POST": "unknown"}


def test_message_of_an_action_is_no_data(tmp_path: Path) -> None:
    """A stranger who gets an object of constants has got nothing; what was read is another thing."""
    message = "return { message: 'not for you' };"
    source = f"export async function POST() {{ if (!(await auth())) {message} await db.note.deleteMany({{}}); }}"
    assert statuses(tmp_path, source) == {"POST": "ok"}
    told = source.replace("'not for you'", "await db.note.findMany()")
    assert statuses(tmp_path, told) == {"POST": "unguarded"}
