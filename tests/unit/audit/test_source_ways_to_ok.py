"""The ways to be ok that do not go through a check in the handler: a library's own door, a wrapper, what is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """import {betterAuth} from 'better-auth';
import {prisma} from '@/lib/db';
import {verifySignatureAppRouter} from '@upstash/qstash/nextjs';
import {Hono} from 'hono';
import {handle} from 'hono/vercel';
import {auth as who} from '@/auth';
const auth = betterAuth({});
"""
WIPES = "await prisma.user.deleteMany();"
CHOSEN = f"const wipes = async () => {{ {WIPES} }};\nconst asked = async () => {{ if (!(await who())) return new Response(null, {{status: 401}}); {WIPES} }};\n"
ROUTER = "const app = new Hono();\napp.on(['POST'], '%s', async (c) => { %s return auth.handler(c.req.raw); });\nexport const POST = handle(app);"
HONO = "const app = new Hono();\napp.on(['POST'], '/api/auth/*', async (c) => { %s return auth.handler(c.req.raw); });\nexport const POST = handle(app);"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("api/auth/[...all]", "export const POST = (r) => auth.handler(r);", "ok", id="door"),
        pytest.param(
            "api/auth/[...all]", f"export const POST = async (r) => {{ {WIPES} return auth.handler(r); }};", "unguarded",
            id="door-beside-an-effect",
        ),
        pytest.param(
            "api/auth/[...all]", "import {seen} from '@acme/log';\nexport const POST = async (r) => { await seen(r); return auth.handler(r); };",
            "unknown", id="door-beside-what-cannot-be-followed",
        ),
        pytest.param("api/users", "export const POST = (r) => auth.handler(r);", "unknown", id="door-at-another-path"),
        pytest.param("api/[[...all]]", HONO % "", "ok", id="door-of-a-router"),
        pytest.param("api/[[...all]]", HONO % WIPES, "unguarded", id="door-of-a-router-beside-an-effect"),
        pytest.param("api/x", f"export const POST = verifySignatureAppRouter(async () => {{ {WIPES} }});", "ok", id="wrapper"),
        pytest.param(
            "api/x", "import {run} from '@acme/run';\nexport const POST = verifySignatureAppRouter(run);", "ok",
            id="wrapper-of-what-cannot-be-followed",
        ),
        pytest.param(
            "api/x", f"import {{wrap}} from '@acme/run';\nexport const POST = wrap(async () => {{ {WIPES} }});", "unknown",
            id="wrapper-of-nobody-knows-what",
        ),
        pytest.param(
            "api/x", f"import {{wipe}} from '@acme/x';\nexport async function POST(r) {{ await wipe(); const s = await who(); if (!s) return new Response(null, {{status: 401}}); {WIPES} }}",
            "unknown", id="what-cannot-be-followed-before-the-guard",
        ),
        pytest.param(
            "api/x", f"import {{tidy}} from '@acme/x';\nexport async function POST(r) {{ const s = await who(); if (!s) return new Response(null, {{status: 401}}); await tidy(); {WIPES} }}",
            "ok", id="what-cannot-be-followed-behind-the-guard",
        ),
        pytest.param("api/x", f"{CHOSEN}export const POST = process.env.OPEN ? asked : wipes;", "unguarded", id="one-of-two-handlers-is-open"),
        pytest.param("api/x", f"{CHOSEN}export const POST = process.env.OPEN ? wipes : asked;", "unguarded", id="the-other-of-two-handlers-is-open"),
        pytest.param("api/x", f"{CHOSEN}export const POST = process.env.OPEN ? asked : asked;", "ok", id="both-of-two-handlers-are-guarded"),
        pytest.param("api/[[...all]]", ROUTER % ("/api/auth/me", ""), "unknown", id="door-of-a-router-at-one-path"),
        pytest.param("api/x", f"// prober: public a demonstration\nexport async function POST(r) {{ {WIPES} }}", "ok", id="declared"),
        pytest.param("api/x", f"// prober: public\nexport async function POST(r) {{ {WIPES} }}", "unguarded", id="declared-without-a-reason"),
        pytest.param("api/x", "export async function POST(r) { await who(); return new Response(null, {status: 401}); }", "unknown", id="refuses-everybody"),
    ],
)  # fmt: skip
def test_way_to_ok_holds_only_where_nothing_else_is_reached(path: str, body: str, status: str, tmp_path: Path) -> None:
    route = tmp_path / "app" / path / "route.ts"
    route.parent.mkdir(parents=True)
    route.write_text(HEAD + body)
    assert [str(one.status) for one in audit_source(tmp_path).handlers] == [status]
