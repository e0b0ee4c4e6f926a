"""Undefined instead of null, secrets that a function demands, and results: what lets strangers by, and what does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'import { jwtVerify } from "jose";\nimport { err, errAsync, ok } from "neverthrow";\nimport { auth } from "@/auth";\n'
NO = "return new Response(null, { status: 401 });"
ACTS = "await prisma.user.deleteMany(); return new Response(null, { status: 204 });"
CLAIMS = "async function claimsOf(r) { const t = r.headers.get('authorization'); if (!t) { %s } try { const { payload } = await jwtVerify(t, key); return payload; } catch { %s } }\n"
ASKS = f"const claims = %s; if (claims === undefined) {{ {NO} }} {ACTS}"
NEED = "function need(name) { const value = process.env[name]; %s return value; }\n"
NAMED = NEED.replace("return value", "return name")
CHECKED = 'if (!value) throw new Error("unset");'
CRON = f"if (r.headers.get('authorization') !== `Bearer ${{%s}}`) {{ {NO} }} {ACTS}"
LOGIN = "async function login(r) { const s = await auth(); %s }\n"
FAILED = f"const who = await login(r); if (who.isErr()) {{ {NO} }} {ACTS}"


def post(before: str, body: str) -> str:
    return f"{before}export async function POST(r) {{ {body} }}\n"


def claims(*none: str, asked: str = "await claimsOf(r)") -> str:
    return post(CLAIMS % none, ASKS % asked)


def login(made: str, body: str = FAILED) -> str:
    return post(LOGIN % made, body)


def cron(before: str, check: str = CHECKED, secret: str = "env.CRON_SECRET") -> str:
    return post(NEED % check + before, CRON % secret)


ENV = 'const env = { CRON_SECRET: need("CRON_SECRET") };\n'
PAIRS = {
    "null-on-one-way-is-not-undefined": (
        claims("return null;", "return undefined;"), claims("return undefined;", "return undefined;")),
    "null-in-a-catch-is-not-undefined": (claims("return;", "return null;"), claims("return;", "return;")),
    "false-is-not-undefined": (claims("return;", "return false;"), claims("return;", "console.error(t);")),
    "undefined-made-null": (
        claims("return;", "return;", asked="(await claimsOf(r)) ?? null"),
        claims("return;", "return;", asked="(await claimsOf(r))")),
    "a-guest-is-not-undefined": (
        claims("return { sub: 'guest' };", "return;"), claims("return undefined;", "return;")),
    "a-name-that-holds-undefined": (
        post("async function claimsOf() { let found; const s = await auth(); [1].forEach(() => { found = {}; }); if (s) return s; return found; }\n", ASKS % "await claimsOf(r)"),
        post("async function claimsOf() { const s = await auth(); if (s) return s; return undefined; }\n", ASKS % "await claimsOf(r)")),
    "demanded-in-production-only": (
        cron(ENV, 'if (!value && process.env.NODE_ENV === "production") throw new Error("unset");'), cron(ENV)),
    "demanded-with-a-warning": (cron(ENV, "if (!value) console.warn(name);"), cron(ENV, f"{CHECKED}")),
    "demanded-with-a-way-round": (
        cron(ENV, 'if (!value) { if (process.env.CI) return ""; throw new Error("unset"); }'),
        cron(ENV, 'if (value === undefined) { throw new Error("unset"); }')),
    "another-variable-is-demanded": (
        cron('need("CRON_SECRET");\nconst env = { CRON_SECRET: process.env.JOB_SECRET };\n'),
        cron('const env = { CRON_SECRET: need("JOB_SECRET") };\n')),
    "demanded-and-given-another-value": (cron(ENV + "env.CRON_SECRET = process.env.JOB_SECRET;\n"), cron(ENV)),
    "demanded-and-then-another": (
        cron('let secret = need("CRON_SECRET");\nsecret = process.env.JOB_SECRET;\n', secret="secret"),
        cron('let secret = need("CRON_SECRET");\n', secret="secret")),
    "demanded-as-a-constant": (
        cron("const secret = process.env.CRON_SECRET;\n", secret="secret"),
        cron('const secret = need("CRON_SECRET");\n', secret="secret")),
    "demanded-by-its-value": (
        post("function need(value) { if (!value) console.warn('unset'); return value; }\nconst secret = need(process.env.CRON_SECRET);\n", CRON % "secret"),
        post("function need(value) { if (!value) throw new Error('unset'); return value; }\nconst secret = need(process.env.CRON_SECRET);\n", CRON % "secret")),
    "demanded-and-its-name-given": (
        post(NAMED % CHECKED + ENV, CRON % "env.CRON_SECRET"), post(NEED % CHECKED + ENV, CRON % "env.CRON_SECRET")),
    "demanded-and-a-fallback-given": (
        post((NEED % CHECKED).replace("return value", "return process.env.OLD_SECRET") + ENV, CRON % "env.CRON_SECRET"),
        post((NEED % CHECKED).replace("return value", "return (value)") + ENV, CRON % "env.CRON_SECRET")),
    "a-good-result-for-a-guest": (
        login("if (!s) return ok({ id: 'guest' }); return ok(s);"), login("if (!s) return err(401); return ok(s);")),
    "a-result-on-the-wrong-way": (login("return s ? err(401) : ok({});"), login("return s ? ok(s) : err(401);")),
    "a-result-asked-the-wrong-way-round": (
        login("return s ? ok(s) : err(401);", FAILED.replace("isErr", "isOk")),
        login("return s ? ok(s) : err(401);", FAILED.replace("who.isErr()", "!who.isOk()"))),
    "a-result-that-is-always-there": (
        login("return s ? ok(s) : err(401);", FAILED.replace("who.isErr()", "!who")),
        login("return s ? ok(s) : errAsync(401);")),
    "a-result-made-good-again": (
        login("return s ? ok(s) : err(401);", FAILED.replace("await login(r);", "(await login(r)).orElse(() => ok({}));")),
        login("return s ? ok(s) : err(401);", FAILED.replace("await login(r);", "(await login(r));"))),
    "a-result-of-nobody-knows-which-kind": (
        login("if (!s) return fromThrowable(JSON.parse)(r.headers.get('x-user')); return ok(s);"),
        login("if (!s) return err(401); return ok(s);")),
    "a-result-that-a-catch-gives": (
        login("try { if (s) return ok(s); } catch (failed) { return failed.result; } return err(401);"),
        login("try { if (s) return ok(s); } catch (failed) { return err(failed); } return err(401);")),
    "a-result-that-nobody-asks": (
        login("return s ? ok(s) : err(401);", f"const who = await login(r); who.isErr(); {ACTS}"),
        login("return s ? ok(s) : err(401);", f"const who = await login(r); const bad = who.isErr(); if (bad) {{ {NO} }} {ACTS}")),
    "a-result-given-again": (
        login("let who = ok(s); if (!s) who = ok({}); return who;"),
        post("async function first() { const s = await auth(); return s ? ok(s) : err(401); }\nasync function login() { const f = await first(); if (f.isErr()) return err(f.error); return ok(f.value); }\n", FAILED)),
}  # fmt: skip
SIDES = [(name, side) for name in PAIRS for side in (0, 1)]


@pytest.mark.parametrize(("name", "side"), SIDES, ids=[f"{name}-{('open', 'closed')[side]}" for name, side in SIDES])
def test_style_is_ok_only_where_strangers_are_refused(name: str, side: int, tmp_path: Path) -> None:
    packages = {"next": "15.0.0", "jose": "5.0.0", "neverthrow": "8.0.0"}
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": packages}))
    (tmp_path / "app/api/jobs").mkdir(parents=True)
    (tmp_path / "app/api/jobs/route.js").write_text(HEAD + PAIRS[name][side])
    (found,) = audit_source(tmp_path).handlers
    assert (found.status == "ok") is bool(side), found.reason
