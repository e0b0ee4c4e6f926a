"""Checks that look like a guard and let a stranger by, each beside the same check as it is meant: never ok, and ok."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "import {auth} from '@/auth';\nimport {prisma} from '@/lib/db';\n"
NO = "return new Response(null, {status: 401});"
ACTS = "await prisma.user.deleteMany(); return new Response(null, {status: 204});"
KEY = "const key = process.env.CRON_SECRET; "
BEARER = "if (r.headers.get('authorization') !== `Bearer ${key}`) { " + NO + " } "
DIRECT = "if (r.headers.get('authorization') !== `Bearer ${process.env.JOB_TOKEN}`) { " + NO + " } "
GUARDS = "import {auth} from '@/auth';\nimport {seen} from '@acme/log';\nexport async function requireAdmin(o) { await seen(o); %s const s = await auth(); if (!s) throw new Error('no'); return s; }\n"
FACTORY = "const make = () => { %s return async (r) => { %s const s = await auth(); if (s) user = s.user; if (!user) { %s } %s }; };\nexport const POST = make();"

IN_A_BLOCK = FACTORY.replace("=> { %s return", "=> { { %s return").replace("}; };", "}; } };")


def post(body: str) -> str:
    return f"export async function POST(r) {{ {body}{ACTS} }}\n"


PAIRS = {  # what lets strangers by, and what does not
    "optional-member-is-null": (
        post(f"const s = await auth(); const user = s?.user; if (user === null) {{ {NO} }} "),
        post(f"const s = await auth(); const user = s?.user; if (user == null) {{ {NO} }} "),
    ),
    "optional-chain-is-null": (
        post(f"const id = (await auth())?.user.id; if (id === null) {{ {NO} }} "),
        post(f"const id = (await auth())?.user.id ?? null; if (id === null) {{ {NO} }} "),
    ),
    "undefined-in-a-ternary-is-null": (
        post(f"const s = await auth(); const user = s ? s.user : undefined; if (user === null) {{ {NO} }} "),
        post(f"const s = await auth(); const user = s ? s.user : null; if (user === null) {{ {NO} }} "),
    ),
    "declared-without-a-value-is-null": (
        post(f"let user; const s = await auth(); if (s) user = s.user; if (user === null) {{ {NO} }} "),
        post(f"let user = null; const s = await auth(); if (s) user = s.user; if (user === null) {{ {NO} }} "),
    ),
    "false-in-a-conjunction-is-null": (
        post(f"const s = await auth(); const user = !!s && s.user; if (user === null) {{ {NO} }} "),
        post(f"const s = await auth(); const user = s && s.user; if (user === null) {{ {NO} }} "),
    ),
    "null-is-loosely-false": (
        post(f"const s = await auth(); if (s == false) {{ {NO} }} "),
        post(f"const s = await auth(); if (s == undefined) {{ {NO} }} "),
    ),
    "null-is-loosely-empty": (
        post(f"const s = await auth(); if (s == '') {{ {NO} }} "),
        post(f"const s = await auth(); if (Boolean(s) === false) {{ {NO} }} "),
    ),
    "remembered-by-a-factory": (FACTORY % ("let user;", "", NO, ACTS), FACTORY % ("", "let user;", NO, ACTS)),
    "remembered-by-a-block-of-a-factory": (
        IN_A_BLOCK % ("let user;", "", NO, ACTS), IN_A_BLOCK % ("", "let user;", NO, ACTS),
    ),
    "secret-is-short-if-set": (
        post(KEY + f"if (key && key.length < 12) {{ {NO} }} " + BEARER),
        post(KEY + f"if (!key || key.length < 12) {{ {NO} }} " + BEARER),
    ),
    "secret-is-short-behind-an-optional-chain": (
        post(KEY + f"if (key?.length < 12) {{ {NO} }} " + BEARER),
        post(KEY + f"if (key.length < 12) {{ {NO} }} " + BEARER),
    ),
    "secret-is-not-an-empty-text": (
        post(KEY + f"if (key === '') {{ {NO} }} " + BEARER),
        post(KEY + f"if (key === undefined || key === '') {{ {NO} }} " + BEARER),
    ),
    "secret-is-asked-for-in-production": (
        post(KEY + f"if (!key && process.env.NODE_ENV === 'production') {{ {NO} }} " + BEARER),
        post(KEY + f"if (!key || process.env.NODE_ENV === 'test') {{ {NO} }} " + BEARER),
    ),
    "secret-is-missed-on-one-way": (
        post(KEY + f"if (!key) {{ if (r.method === 'HEAD') {{ {NO} }} }} " + BEARER),
        post(KEY + f"if (!key) {{ if (r.method === 'HEAD') {{ {NO} }} else {{ throw new Error('x'); }} }} " + BEARER),
    ),
    "secret-is-missed-in-a-warning": (
        post("if (!process.env.JOB_TOKEN) { console.warn('unset'); } " + DIRECT),
        post("if (!process.env.JOB_TOKEN) { console.warn('unset'); throw new Error('unset'); } " + DIRECT),
    ),
    "secret-is-set-in-the-other-branch": (
        post(KEY + f"if (key) {{ console.log('set'); }} else {{ {BEARER} }} "),
        post(KEY + f"if (key) {{ {BEARER} }} else {{ {NO} }} "),
    ),
    "secret-is-of-another-type": (
        post(KEY + f"if (typeof key === 'string') {{ {NO} }} " + BEARER),
        post(KEY + f"if (typeof key !== 'string') {{ {NO} }} " + BEARER),
    ),
}  # fmt: skip


def statuses(folder: Path, body: str, guards: str = "") -> list[str]:
    for name, text in {"app/api/x/route.ts": HEAD + body, "app/api/x/guards.ts": guards}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [str(one.status) for one in audit_source(folder).handlers]


@pytest.mark.parametrize("name", PAIRS)
def test_check_that_lets_a_stranger_by_is_never_ok(name: str, tmp_path: Path) -> None:
    found = statuses(tmp_path, PAIRS[name][0])
    assert len(found) == 1
    assert found != ["ok"]


@pytest.mark.parametrize("name", PAIRS)
def test_same_check_as_it_is_meant_is_ok(name: str, tmp_path: Path) -> None:
    assert statuses(tmp_path, PAIRS[name][1]) == ["ok"]


@pytest.mark.parametrize(
    ("way", "argument", "status"),
    [
        pytest.param("", "r", "ok", id="none"),
        pytest.param("if (process.env.NODE_ENV !== 'production') return {id: 'dev'};", "r", "unknown", id="by-the-environment"),
        pytest.param("if (o.headers.get('x-dev')) return {id: 'dev'};", "r", "unknown", id="by-a-header"),
        pytest.param("if (o.soft) return true;", "{soft: true}", "unknown", id="by-an-argument"),
        pytest.param("if (o.soft) return true;", "{soft: false}", "ok", id="by-another-argument"),
        pytest.param("const own = seen(o); if (own) return own;", "r", "ok", id="by-what-cannot-be-followed"),
    ],
)  # fmt: skip
def test_guard_that_is_believed_by_its_name_has_no_way_by_which_nobody_is_asked(
    way: str, argument: str, status: str, tmp_path: Path
) -> None:
    body = "import {requireAdmin} from './guards';\n" + post(f"await requireAdmin({argument}); ")
    assert statuses(tmp_path, body, GUARDS % way) == [status]


def test_guard_that_one_call_softens_is_read_anew_for_each_call(tmp_path: Path) -> None:
    body = "import {requireAdmin} from './guards';\n" + "".join(
        f"export async function {method}(r) {{ await requireAdmin({{soft: {soft}}}); {ACTS} }}\n"
        for method, soft in (("PUT", "false"), ("DELETE", "true"), ("PATCH", "false"))
    )
    statuses(tmp_path, body, GUARDS % "if (o.soft) return true;")
    found = {one.method: str(one.status) for one in audit_source(tmp_path).handlers}
    assert found == {"PUT": "ok", "DELETE": "unknown", "PATCH": "ok"}


def test_guard_that_a_constant_switches_off_is_read_anew_for_each_call(tmp_path: Path) -> None:
    body = "import {requireAdmin} from './guards';\n" + "".join(
        f"export async function {method}(r) {{ await requireAdmin('{mode}'); {ACTS} }}\n"
        for method, mode in (("GET", "off"), ("PUT", "on"), ("PATCH", "off"))
    )
    guards = "import {auth} from '@/auth';\nexport async function requireAdmin(mode) { if (mode === 'off') return {id: 1}; const s = await auth(); if (!s) throw new Error('no'); return s; }\n"
    statuses(tmp_path, body, guards)
    found = {one.method: str(one.status) for one in audit_source(tmp_path).handlers}
    assert found == {"GET": "unguarded", "PUT": "ok", "PATCH": "unguarded"}
