"""Results that are matched, chained and unwrapped, matches of ts-pattern, and arms that strangers get into: ok or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = (
    'import { err, errAsync, ok, okAsync, ResultAsync } from "neverthrow";\nimport { match, P } from "ts-pattern";\n'
    'import { auth } from "@/auth";\n'
)
NO = "new Response(null, { status: 401 })"
ACT = "async () => { await prisma.user.deleteMany(); return new Response(null, { status: 204 }); }"
REFUSE = f"() => {NO}"
ACTS = "await prisma.user.deleteMany(); return new Response(null, { status: 204 });"
LOGIN = "async function login() { const s = await auth(); return s ? ok(s) : err(401); }\n"
GUEST = "async function login() { const s = await auth(); return ok(s); }\n"
ADMIN = "const admin = (s) => (s.user.role === 'admin' ? ok(s) : err(403));\n"


def post(body: str, before: str = LOGIN) -> str:
    return f"{before}export async function POST(r) {{ {body} }}\n"


def matched(*arms: str, of: str = "s", end: str = "exhaustive()") -> str:
    return post(f"const s = await auth(); return match({of}){''.join(f'.with({arm})' for arm in arms)}.{end};")


def checked(made: str, before: str = LOGIN) -> str:
    return post(f"const who = await login(); const all = {made}; if (all.isErr()) return {NO}; {ACTS}", before)


PAIRS = {  # what lets strangers by, and what does not
    "match-of-a-result": (
        post(f"const who = await login(); return who.match({REFUSE}, {ACT});"),
        post(f"const who = await login(); return who.match({ACT}, {REFUSE});")),
    "match-of-a-result-that-is-always-good": (
        post(f"const who = await login(); return who.match({ACT}, {REFUSE});", GUEST),
        post(f"return (await login()).match({ACT}, {REFUSE});")),
    "match-of-a-promise": (
        post(f"return new ResultAsync(login()).match({REFUSE}, {ACT});"),
        post(f"return new ResultAsync(login()).match({ACT}, {REFUSE});")),
    "match-of-a-promise-of-nobody": (
        post(f"return ResultAsync.fromPromise(r.json(), () => 400).match({ACT}, {REFUSE});"),
        post(f"return ResultAsync.fromPromise(must(), () => 401).match({ACT}, {REFUSE});", "async function must() { const s = await auth(); if (!s) throw new Error('no'); return s; }\n")),
    "and-then-of-a-good-one": (
        checked("ok(1).andThen(() => ok(2))"), checked("who.andThen(() => ok(2))")),
    "and-then-the-other-way-round": (
        checked("ok(1).andThen(() => err(who))"), checked("ok(1).andThen(() => who)")),
    "and-then-a-role-that-may-be-missed": (
        checked("ok({ user: {} }).andThen(admin)", LOGIN + ADMIN), checked("who.andThen(admin)", LOGIN + ADMIN)),
    "or-else-makes-it-good": (checked("who.orElse(() => ok(1))"), checked("who.orElse(() => err(403))")),
    "or-else-on-one-way": (
        checked("who.orElse(() => (r.headers.get('x') ? ok(1) : err(1)))"),
        checked("who.orElse(() => (r.headers.get('x') ? err(2) : err(1)))")),
    "map-keeps-what-it-was": (
        post(f"const who = await login(); who.map(() => 1); {ACTS}"), checked("who.map(() => 1)")),
    "map-of-the-error-that-acts": (
        post(f"const who = await login(); who.mapErr({ACT}); return {NO};"),
        post(f"const who = await login(); await who.asyncMap({ACT}); return {NO};")),
    "unwrapped-with-a-guest": (
        post(f"const who = (await login()).unwrapOr({{ id: 'guest' }}); if (!who) return {NO}; {ACTS}"),
        post(f"const who = (await login()).unwrapOr(null); if (!who) return {NO}; {ACTS}")),
    "unwrapped-the-error": (
        post(f"(await login())._unsafeUnwrapErr(); {ACTS}"), post(f"(await login())._unsafeUnwrap(); {ACTS}")),
    "unwrapped-in-a-try": (
        post(f"try {{ (await login())._unsafeUnwrap(); }} catch {{}} {ACTS}"),
        post(f"try {{ (await login())._unsafeUnwrap(); }} catch {{ return {NO}; }} {ACTS}")),
    "asked-of-a-promise": (
        post(f"const who = login(); if (who.isErr()) return {NO}; {ACTS}"),
        post(f"const who = await login(); if (who.isErr()) return {NO}; {ACTS}")),
    "arm-of-null": (matched(f"null, {ACT}", f"P._, {REFUSE}"), matched(f"null, {REFUSE}", f"P._, {ACT}")),
    "arm-of-nothing": (
        matched(f"P.nonNullable, {REFUSE}", f"P.nullish, {ACT}"), matched(f"P.nullish, {REFUSE}", f"P.nonNullable, {ACT}")),
    "arm-of-all-but-null": (
        matched(f"P.not(null), {REFUSE}", f"P._, {ACT}"), matched(f"P.not(null), {ACT}", f"P._, {REFUSE}")),
    "arm-of-undefined-where-it-is-null": (
        matched(f"undefined, {REFUSE}", f"P._, {ACT}"), matched(f"undefined, {REFUSE}", f"null, {REFUSE}", f"P._, {ACT}")),
    "arm-of-a-function": (
        matched(f"P._, () => r.ok, {ACT}", f"P._, {REFUSE}"), matched(f"null, {REFUSE}", f"P._, () => r.ok, {ACT}", f"P._, {REFUSE}")),
    "arm-of-null-with-a-function": (
        matched(f"null, () => r.ok, {REFUSE}", f"P._, {ACT}"), matched(f"null, {REFUSE}", end=f"otherwise({ACT})")),
    "arm-of-two-patterns": (
        matched(f"null, {{ user: P._ }}, {ACT}", f"P._, {REFUSE}"), matched(f"null, undefined, {REFUSE}", f"P._, {ACT}")),
    "arm-of-a-role": (
        matched(f"{{ user: {{ role: 'admin' }} }}, {REFUSE}", end=f"otherwise({ACT})"),
        matched(f"{{ user: {{ role: 'admin' }} }}, {ACT}", end=f"otherwise({REFUSE})")),
    "arm-of-what-was-sent": (
        matched(f"{{ user: P.string }}, {ACT}", of="await r.json()", end=f"otherwise({REFUSE})"),
        matched(f"{{ user: P._ }}, {ACT}", end=f"otherwise({REFUSE})")),
    "arm-of-true": (
        matched(f"false, {ACT}", f"true, {REFUSE}", of="Boolean(s)"), matched(f"true, {ACT}", f"false, {REFUSE}", of="Boolean(s)")),
    "arm-otherwise": (
        matched(f"null, {ACT}", end=f"otherwise({REFUSE})"), matched(f"null, {REFUSE}", end=f"otherwise({ACT})")),
    "arm-when": (
        post(f"const s = await auth(); return match(s).when((x) => !x.old, {ACT}).otherwise({REFUSE});"),
        post(f"const s = await auth(); return match(s).with(null, {REFUSE}).when((x) => x.old, {ACT}).otherwise({REFUSE});")),
    "arm-that-only-tells": (
        post(f"const s = await auth(); match(s).with(null, () => console.log('no')).otherwise(() => null); {ACTS}"),
        post(f"const s = await auth(); match(s).with(null, () => {{ throw new Error('no'); }}).otherwise(() => null); {ACTS}")),
}  # fmt: skip
SIDES = [(name, side) for name in PAIRS for side in (0, 1)]


@pytest.mark.parametrize(("name", "side"), SIDES, ids=[f"{name}-{('open', 'closed')[side]}" for name, side in SIDES])
def test_arm_is_guarded_only_where_no_stranger_gets_into_it(name: str, side: int, tmp_path: Path) -> None:
    packages = {"next": "15.0.0", "neverthrow": "8.0.0", "ts-pattern": "5.0.0"}
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": packages}))
    (tmp_path / "app/api/jobs").mkdir(parents=True)
    (tmp_path / "app/api/jobs/route.js").write_text(HEAD + PAIRS[name][side])
    (found,) = audit_source(tmp_path).handlers
    assert (found.status == "ok") is bool(side), found.reason
