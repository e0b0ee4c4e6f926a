"""Sources and commands for tests of discovery."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from prober.audit.source.audit import audit_source
from prober.discovery.coverage import Discovered, discovered_in

HEAD = "import {getCurrentUserId, requireAdmin} from '@/auth';\nimport {prisma} from '@/lib/db';\nimport {z} from 'zod';\nconst Body = z.object({});\n"
SOURCE = {
    "app/api/me/route.ts": HEAD + "export async function GET() { await getCurrentUserId(); return Response.json(await prisma.user.findFirst()); }\nexport function OPTIONS() { return new Response(); }",
    "app/api/reports/route.ts": HEAD + "export async function GET() { await getCurrentUserId(); await prisma.visit.create({}); return Response.json({}); }\nexport async function POST(request) { await getCurrentUserId(); const body = Body.parse(await request.json()); await prisma.report.create({data: body}); return Response.json({}); }",
    "app/api/reports/[report_id]/route.ts": HEAD + "export async function DELETE() { await requireAdmin(); await prisma.report.delete({}); return new Response(null, {status: 204}); }",
    "app/api/jobs/route.ts": HEAD + "export async function POST() { await prisma.job.create({}); return Response.json({}); }",
    "app/files/[[...path]]/route.ts": HEAD + "export async function GET() { await getCurrentUserId(); return Response.json(await prisma.file.findMany()); }",
    "app/(shell)/reports/page.tsx": "export default function Page() { return <main/>; }",
    "app/signin/page.tsx": "export default function Page() { return <main/>; }",
    "pages/api/legacy/[id].ts": "import {getServerSession} from 'next-auth';\nexport default async function handler(req, res) { const s = await getServerSession(req, res); if (!s) return res.status(401).end(); if (req.method === 'PUT') return res.json({}); res.status(405).end(); }",
    "app/api/healthz/route.ts": "export const GET = () => Response.json({ok: true});",
}  # fmt: skip


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("source"), SOURCE)


@pytest.fixture(scope="module")
def found(source: Path) -> tuple[Discovered, ...]:
    return discovered_in(audit_source(source))


def prober(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("prober"), *words]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)
