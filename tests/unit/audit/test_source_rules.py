"""The rules of the source audit that are not about guards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import ExitStatus
from tests.support.source_audit import GOOD, audit, broken

if TYPE_CHECKING:
    from pathlib import Path


BROKEN = {
    "SRC003-nullish": "const s = process.env.MIGRATION_SECRET ?? process.env.NEXTAUTH_SECRET;",
    "SRC003-or": "const s = process.env.MIGRATION_SECRET || process.env.NEXTAUTH_SECRET;",
    "SRC003-names-alone": "const {MIGRATION_SECRET, NEXTAUTH_SECRET} = process.env; const s = MIGRATION_SECRET ?? NEXTAUTH_SECRET;",
    "SRC003-a-chain": "const s = (process.env.MIGRATION_SECRET ?? '') || process.env.AUTH_SECRET;",
    "SRC003-ternary": "const s = process.env.MIGRATION_SECRET ? process.env.MIGRATION_SECRET : process.env.NEXTAUTH_SECRET;",
    "SRC003-default-of-a-parameter": "export function check(secret = process.env.NEXTAUTH_SECRET) {}",
    "SRC003-default-of-a-name": "const {MIGRATION_SECRET = process.env.NEXTAUTH_SECRET} = process.env;",
    "SRC003-a-text": "const s = process.env.JWT_SECRET || 'dev-secret';",
    "SRC003-a-text-by-a-constant": "const DEV_SECRET = 'x'; const s = process.env.JWT_SECRET ?? DEV_SECRET;",
    "SRC003-assigned": "let s = process.env.MIGRATION_SECRET; if (!s) s = process.env.NEXTAUTH_SECRET;",
    "SRC003-assigned-where-nothing-is": "let s = process.env.MIGRATION_SECRET; s ??= process.env.NEXTAUTH_SECRET;",
    "SRC003-by-a-function": "const s = getEnv('MIGRATION_SECRET', 'changeme');",
    "SRC003-by-a-schema": "export const env = create({MIGRATION_SECRET: z.string().min(8).default('changeme')});",
    "SRC004-direct": "export const f = (h) => h.get('authorization') === `Bearer ${process.env.CRON_SECRET}`;",
    "SRC004-a-sum": "export const f = (h) => h.get('authorization') !== 'Bearer ' + process.env.CRON_SECRET;",
    "SRC004-by-a-name": "export function f(h) { const secret = process.env.CRON_SECRET; const wanted = `Bearer ${secret}`; return h === wanted; }",
    "SRC004-a-check-that-goes-on": "export function f(h) { const secret = process.env.CRON_SECRET; if (!secret) console.warn('unset'); return h === `Bearer ${secret}`; }",
    "SRC004-checked-elsewhere": "export function g(secret) { if (!secret) return 1; }\nexport function f(h, secret = process.env.CRON_SECRET) { return h === `Bearer ${process.env.CRON_SECRET}`; }",
    "SRC004-in-constant-time": "export const f = (h) => timingSafeEqual(digest(h), digest(`Bearer ${process.env.CRON_SECRET}`));",
    "SRC005": "export const f = (h) => h.get('x-key') === process.env.INGEST_KEY;",
    "SRC005-by-a-name": "const wanted = process.env.INGEST_TOKEN; export const f = (given) => given !== wanted;",
    "SRC006": "export const f = (a, b) => timingSafeEqual(Buffer.from(a), Buffer.from(b));",
    "SRC007": "export const makeToken = () => Math.random().toString(36);",
    "SRC007-in-a-file-of-codes": "export const make = () => Math.random();",
    "SRC007-in-an-object": "export const voucher = {code: String(Math.random())};",
    "SRC008-a-constant": "export const PAIRING_CODE_LENGTH = 5;",
    "SRC008-a-loop": "const LENGTH = 5; export function generatePairingCode() { let s = ''; for (let i = 0; i < LENGTH; i++) s += pick(); return s; }",
    "SRC008-digits": "export const makePairingCode = () => String(randomInt(0, 1000000));",
    "SRC008-cut": "export function newInviteCode() { return randomBytes(16).toString('hex').slice(0, 6); }",
    "SRC008-few-bytes": "export const voucherCode = () => randomBytes(3).toString('hex');",
    "SRC012": "export const s = process.env.NEXT_PUBLIC_API_SECRET;",
    "SRC013": "'use client';\nimport {prisma} from '@/lib/db';",
    "SRC014-void": "export async function f() { void writeAudit({}); }",
    "SRC014": "export async function f() { writeAudit({}); }",
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_found(name: str, tmp_path: Path) -> None:
    found = audit(tmp_path, {"lib/pairing-code.ts": BROKEN[name], "app/api/a/route.ts": GOOD})
    assert name[:6] in broken(found)
    assert found.status is ExitStatus.LEAK


KEPT = {
    "two-names-of-one-secret": "const s = process.env.AUTH_SECRET ?? process.env.NEXTAUTH_SECRET;",
    "a-fallback-that-is-no-secret": "const url = process.env.BASE_URL ?? 'http://localhost:3000';",
    "a-fallback-that-throws": "const s = process.env.JWT_SECRET ?? missing('JWT_SECRET');",
    "an-injected-secret": "export function check(secret = process.env.MIGRATION_SECRET) { if (!secret) throw new Error('unset'); }",
    "a-secret-that-is-asked-for": "export function f(h) { const secret = process.env.CRON_SECRET; if (!secret) return false; return timingSafeEqual(digest(h), digest(`Bearer ${secret}`)); }",
    "asked-for-when-loaded": "const secret = process.env.CRON_SECRET; if (!secret) throw new Error('unset'); export const f = (h) => timingSafeEqual(digest(h), digest(`Bearer ${secret}`));",
    "a-comparison-with-nothing": "export const f = () => process.env.JWT_SECRET === undefined || process.env.JWT_SECRET === '';",
    "two-secrets-that-must-differ": "if (process.env.MIGRATION_SECRET === process.env.NEXTAUTH_SECRET) throw new Error('same');",
    "digests": "export const f = (a, b) => timingSafeEqual(sha(a).digest(), sha(b).digest());",
    "lengths": "export const f = (a, b) => a.length === b.length && timingSafeEqual(a, b);",
    "random-that-is-no-secret": "export const jitter = () => Math.random() * 100; export const requestId = Math.random();",
    "long-codes": "export const PAIRING_CODE_LENGTH = 10; export const voucherCode = () => randomBytes(16).toString('hex');",
    "a-status-code": "export const statusCodeLength = 3; export const errorCode = 4;",
    "an-awaited-record": "export async function f() { await writeAudit({}); }",
    "a-keyboard-shortcut": "export const f = (event) => event.key === Keys.ENTER_KEY || event.key === SHORTCUT_KEY;",
    "a-storage-key": "const STORAGE_KEY = 'x'; export const f = (event) => event.key === STORAGE_KEY;",
    "a-constant-of-the-file": "const ACCESS_KEY = 'k'; export const f = (event) => event.key === ACCESS_KEY;",
    "a-tab": "export const f = (tab) => tab === Tabs.PASSWORD || tab === TABS.TOKEN;",
    "an-enum": "export const f = (kind) => kind === Method.API_KEY;",
    "a-flag": "const on = process.env.PASSWORD_LOGIN_ENABLED ?? 'true'; const most = process.env.MAX_TOKENS ?? '100';",
    "a-public-key": "const key = process.env.NEXT_PUBLIC_SITE_KEY ?? 'demo'; const cookie = process.env.TOKEN_COOKIE_NAME || 'token';",
    "in-a-comment": "// process.env.MIGRATION_SECRET ?? process.env.NEXTAUTH_SECRET\nexport const why = 'process.env.A_SECRET || process.env.B_SECRET';",
}  # fmt: skip


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_keeps_the_rules_is_not_told_of(text: str, tmp_path: Path) -> None:
    found = audit(tmp_path, {"lib/things.ts": text, "app/api/a/route.ts": GOOD})
    assert [(one.rule.id, one.what) for one in found.breaches] == []
    assert found.status is ExitStatus.LOCKED


@pytest.mark.parametrize("file", ["prisma/seed.ts", "tests/login.ts", "lib/fixtures/users.ts", "stories/Button.tsx"])
def test_secret_rules_look_at_what_is_deployed_only(file: str, tmp_path: Path) -> None:
    text = "const s = process.env.JWT_SECRET || 'dev-secret'; export const makeToken = () => Math.random();"
    assert audit(tmp_path, {file: text, "app/api/a/route.ts": GOOD}).breaches == ()
    assert broken(audit(tmp_path, {"lib/token.ts": text})) == {"SRC003", "SRC007"}
