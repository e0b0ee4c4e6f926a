"""Sessions of an application's own table: a look-up by the client's token, which expires, is a guard; one that is less is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """import { cookies, headers } from "next/headers";
import { and, eq, gt, ne, or } from "drizzle-orm";
import { db, sessions, users, sessionTable } from "@/db";
"""
NO = "return new Response(null, { status: 401 });"
ACTS = "await db.user.deleteMany(); return new Response(null, { status: 204 });"
TOKEN = "const token = (await cookies()).get('session')?.value;"
OLD = f"if (row.expiresAt < new Date()) {{ {NO} }}"
UNIQUE = "await db.session.findUnique({ where: { token } })"
ROWS = "await db.select().from(sessions).where(eq(sessions.token, token))"
KYSELY = "await db.selectFrom('sessions').selectAll().where('token', '=', token).executeTakeFirst()"


def asked(found: str, check: str = f"if (!row) {{ {NO} }}", old: str = OLD, token: str = TOKEN) -> str:
    return f"export async function POST(r) {{ {token} const row = {found}; {check} {old} {ACTS} }}\n"


def listed(check: str, found: str = ROWS) -> str:
    return f"export async function POST(r) {{ {TOKEN} const rows = {found}; {check} {OLD.replace('row.', 'rows[0].')} {ACTS} }}\n"


PAIRS = {  # what lets strangers by, or may; and what does not
    "by-what-is-no-token": (asked("await db.session.findUnique({ where: { userId: token } })"), asked(UNIQUE)),
    "by-what-was-sent-in-the-body": (asked(UNIQUE, token="const { token } = await r.json();"), asked(UNIQUE, token="const token = r.headers.get('authorization');")),
    "of-another-table": (asked("await db.visit.findUnique({ where: { token } })"), asked("await db.userSession.findUnique({ where: { token } })")),
    "that-never-expires": (asked(UNIQUE, old=""), asked(UNIQUE, old=f"if (row.expires <= Date.now()) {{ {NO} }}")),
    "that-expires-elsewhere": (
        asked(UNIQUE, old="") + "export const isOld = (row) => row.expiresAt < new Date();\n",
        asked("await db.session.findUnique({ where: { token, expiresAt: { gt: new Date() } } })", old="")),
    "the-first-of-no-token": (
        asked("await db.session.findFirst({ where: { token } })"), asked("await db.session.findUnique({ where: { token }, include: { user: true } })")),
    "or-else": (
        asked("await db.session.findUnique({ where: { token, OR: [{ open: true }] } })"), asked("await db.session.findUnique({ where: { id: token } })")),
    "unchecked": (asked(UNIQUE, check=""), asked(UNIQUE, check=f"if (row === null) {{ {NO} }}", old="") .replace("const row", "const old = (x) => x.expiresAt < 1; const row").replace("row === null", "row == null || old(row)")),
    "checked-the-wrong-way": (asked(UNIQUE, check=f"if (row) {{ {NO} }}", old="const old = 1 < row?.expiresAt;"), asked(UNIQUE, check=f"if (!row || row.expiresAt < 1) {{ {NO} }}", old="")),
    "that-throws-and-is-caught": (
        asked("await db.session.findUniqueOrThrow({ where: { token } }).catch(() => ({}))", check=""),
        asked("await db.session.findUniqueOrThrow({ where: { token } })", check="")),
    "a-list-is-always-there": (listed(f"if (!rows) {{ {NO} }}"), listed(f"if (!rows.length) {{ {NO} }}")),
    "a-list-of-one": (listed(f"if (rows.length < 0) {{ {NO} }}"), listed(f"if (rows.length < 1) {{ {NO} }}")),
    "a-list-of-none": (listed(f"if (rows.length === 1) {{ {NO} }}"), listed(f"if (rows.length === 0) {{ {NO} }}")),
    "a-list-that-is-counted": (listed(f"if (rows.length > 1) {{ {NO} }}"), listed(f"if (rows.length !== 1) {{ {NO} }}")),
    "the-first-row-is-undefined-not-null": (
        listed(f"if (rows[0] === null) {{ {NO} }}"), listed(f"if (rows[0] == null) {{ {NO} }}")),
    "the-second-row": (
        listed(f"const [, row] = rows; if (row) {{ {NO} }}"), listed(f"const [row] = rows; if (!row) {{ {NO} }}")),
    "the-other-is-the-token": (
        listed(f"if (!rows[0]) {{ {NO} }}", ROWS.replace("sessions.token, token", "sessions.token, r.x")),
        listed(f"if (!rows[0]) {{ {NO} }}", ROWS.replace("eq(", "and(eq(sessions.kind, r.kind), eq(").replace("token))", "token)))"))),
    "another-is-the-token": (
        listed(f"if (!rows[0]) {{ {NO} }}", ROWS.replace("eq(", "and(eq(sessions.token, r.x), eq(").replace("sessions.token, token))", "sessions.userId, token)))")),
        listed(f"if (!rows[0]) {{ {NO} }}", ROWS.replace(".where", ".innerJoin(users, eq(users.id, sessions.userId)).where"))),
    "not-the-token": (
        listed(f"if (!rows[0]) {{ {NO} }}", ROWS.replace("eq(", "ne(")), listed(f"if (!rows[0]) {{ {NO} }}", ROWS + ".limit(1)")),
    "or-the-token": (
        listed(f"if (!rows[0]) {{ {NO} }}", ROWS.replace("eq(", "or(eq(sessions.open, true), eq(").replace("token))", "token)))")),
        listed(f"if (!rows[0]) {{ {NO} }}", ROWS.replace("sessions", "sessionTable"))),
    "rows-of-users": (
        listed(f"if (!rows[0]) {{ {NO} }}", "await db.select().from(users).where(eq(users.token, token))"),
        listed(f"if (!rows[0]) {{ {NO} }}", ROWS.replace("eq(sessions.token, token)", "and(eq(sessions.token, token), gt(sessions.expiresAt, new Date()))"))),
    "all-rows": (listed(f"if (!rows[0]) {{ {NO} }}", "await db.select().from(sessions)"), listed(f"if (!rows[0]) {{ {NO} }}")),
    "then-all": (
        asked(f"{ROWS}.then((rows) => rows)"), asked(f"{ROWS}.then((rows) => rows[0])")),
    "kysely-by-another-operator": (asked(KYSELY.replace("'='", "'!='")), asked(KYSELY)),
    "kysely-or": (asked(KYSELY.replace(".executeTake", ".orWhere('open', '=', true).executeTake")), asked(KYSELY.replace("'token'", "'sessions.token'"))),
    "kysely-of-another-column": (asked(KYSELY.replace("'token'", "'user_agent'")), asked(KYSELY.replace("executeTakeFirst", "executeTakeFirstOrThrow"), check="")),
    "query-by-an-object": (
        asked("await db.query.sessions.findFirst({ where: { token } })"),
        asked("await db.query.sessions.findFirst({ where: eq(sessions.token, token), with: { user: true } })")),
    "query-by-a-function": (
        asked("await db.query.sessions.findFirst({ where: (s, { or, eq }) => or(eq(s.token, token), eq(s.open, true)) })"),
        asked("await db.query.sessions.findFirst({ where: (s, { eq }) => eq(s.token, token) })")),
}  # fmt: skip
SIDES = [(name, side) for name in PAIRS for side in (0, 1)]


@pytest.mark.parametrize(("name", "side"), SIDES, ids=[f"{name}-{('open', 'closed')[side]}" for name, side in SIDES])
def test_look_up_of_a_session_is_a_guard_only_by_its_token(name: str, side: int, tmp_path: Path) -> None:
    (tmp_path / "app/api/jobs").mkdir(parents=True)
    (tmp_path / "app/api/jobs/route.js").write_text(HEAD + PAIRS[name][side])
    (found,) = audit_source(tmp_path).handlers
    assert (found.status == "ok") is bool(side), found.reason
