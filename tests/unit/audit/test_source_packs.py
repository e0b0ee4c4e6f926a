"""What is believed of libraries: each pack's own examples, and that a pack is on only where the library is there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source
from prober.audit.source.packs.registry import PACKS, packs_for

if TYPE_CHECKING:
    from pathlib import Path

    from prober.audit.source.analysis.pack import Example, Pack
    from prober.audit.source.audit import SourceAudit

HEAD = 'import { prisma, prisma as db } from "@/lib/db";\n'
EXAMPLES = [(pack, index) for pack in PACKS for index in range(len(pack.examples))]


def statuses(folder: Path, source: str, package: str | None = None) -> SourceAudit:
    actions = source.startswith('"use server"')
    path = folder / ("app/actions.ts" if actions else "app/api/notes/route.ts")
    path.parent.mkdir(parents=True)
    first, rest = ('"use server";\n', source.removeprefix('"use server";\n')) if actions else ("", source)
    path.write_text(first + HEAD + rest)
    if package is not None:
        (folder / "package.json").write_text(json.dumps({"dependencies": {"next": "15.0.0", package: "1.0.0"}}))
    return audit_source(folder)


@pytest.mark.parametrize(("pack", "index"), EXAMPLES, ids=[f"{pack.name}-{index}" for pack, index in EXAMPLES])
def test_example_of_a_pack_is_what_it_says(pack: Pack, index: int, tmp_path: Path) -> None:
    example: Example = pack.examples[index]
    found = statuses(tmp_path, example.source, pack.packages[0])
    assert [(one.status, one.reason) for one in found.handlers if one.status != example.status] == []
    assert len(found.handlers) == 1


@pytest.mark.parametrize("pack", [pack for pack in PACKS if pack.examples], ids=lambda pack: pack.name)
def test_pack_is_believed_only_where_a_package_json_names_its_library(pack: Pack, tmp_path: Path) -> None:
    """Without the library's package the same text is another function of the same name."""
    other = next(one for one in PACKS if not set(one.packages) & set(pack.packages))
    assert set(packs_for(frozenset({"next", other.packages[0]}))) == set(other.packages)
    found = statuses(tmp_path, pack.examples[0].source.replace(f'"{pack.packages[0]}', '"@acme/auth'), "next-intl")
    assert "signature" not in found.handlers[0].reason


def test_every_pack_has_a_name_of_its_own_and_says_what_it_believes() -> None:
    assert len({pack.name for pack in PACKS}) == len(PACKS)
    assert all(pack.about.endswith(".") and pack.packages for pack in PACKS)


VACUOUS = {
    "iron-session": 'import { getIronSession } from "iron-session";\nexport async function POST() { const s = await getIronSession({}, {}); if (!s) return new Response(null, { status: 401 }); return Response.json(await db.note.create({})); }',
    "compared-with-null": 'import { getIronSession } from "iron-session";\nexport async function POST() { const s = await getIronSession({}, {}); if (s === null) return new Response(null, { status: 401 }); return Response.json(await db.note.create({})); }',
    "in-a-branch": 'import { auth } from "@clerk/nextjs/server";\nexport async function POST() { const s = await auth(); if (s) { return Response.json(await db.note.create({})); } return new Response(null, { status: 401 }); }',
    "supabase": 'import { createServerClient } from "@supabase/ssr";\nexport async function POST() { const { data } = await createServerClient("u", "k", {}).auth.getUser(); if (!data) return new Response(null, { status: 401 }); return Response.json(await db.note.create({})); }',
}  # fmt: skip


@pytest.mark.parametrize("source", VACUOUS.values(), ids=VACUOUS)
def test_check_that_cannot_fail_is_named(source: str, tmp_path: Path) -> None:
    found = statuses(tmp_path, source)
    assert [one.status for one in found.handlers] == ["unguarded"]
    assert "cannot fail: it is always an object" in found.handlers[0].reason


NEXTAUTH = (
    'import NextAuth from "next-auth";\nexport const { handlers: { GET, POST }, auth } = NextAuth({ providers: [] });\n'
)
LIBRARY_ROUTES = {
    "authjs": ("app/api/auth/[...nextauth]/route.ts", {"auth.ts": NEXTAUTH}, 'export { GET, POST } from "../../../../auth";', "ok"),
    "authjs-elsewhere": ("app/api/other/route.ts", {"auth.ts": NEXTAUTH}, 'export { GET, POST } from "../../../auth";', "unknown"),
    "nextauth-4": ("app/api/auth/[...nextauth]/route.ts", {}, 'import NextAuth from "next-auth";\nconst handler = NextAuth({});\nexport { handler as GET, handler as POST };', "ok"),
    "pages": ("pages/api/auth/[...nextauth].ts", {}, 'import NextAuth from "next-auth";\nexport default NextAuth({});', "ok"),
    "better-auth": ("app/api/auth/[...all]/route.ts", {}, 'import { betterAuth } from "better-auth";\nimport { toNextJsHandler } from "better-auth/next-js";\nexport const { GET, POST } = toNextJsHandler(betterAuth({}));', "ok"),
    "better-auth-at-one-path": ("app/api/auth/route.ts", {}, 'import { toNextJsHandler } from "better-auth/next-js";\nexport const { GET } = toNextJsHandler({});', "unknown"),
    "workos": ("app/auth/callback/route.ts", {}, 'import { handleAuth } from "@workos-inc/authkit-nextjs";\nexport const GET = handleAuth();', "ok"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "others", "source", "status"), LIBRARY_ROUTES.values(), ids=LIBRARY_ROUTES)
def test_librarys_own_handler_is_public_at_its_own_path(
    path: str, others: dict[str, str], source: str, status: str, tmp_path: Path
) -> None:
    for name, text in {path: source, **others}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert {one.status for one in audit_source(tmp_path).handlers} == {status}
