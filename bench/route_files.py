"""Write a Next.js source of so many route files, all of them guarded, into a folder."""

# A script, not a package.
# ruff: noqa: INP001

from __future__ import annotations

import sys
from pathlib import Path

GUARDS = """
import {cookies} from 'next/headers';
import {auth} from '@/auth';
import {prisma} from '@/lib/db';

export class Refused extends Error {
  constructor(readonly status: number, readonly code: string) {
    super(code);
  }
}

export async function getCurrentUserId(): Promise<string> {
  const session = await auth();
  if (!session?.user?.id) throw new Refused(401, 'not_signed_in');
  return session.user.id;
}

export async function requireAdmin() {
  const userId = await getCurrentUserId();
  const user = await prisma.user.findUnique({where: {id: userId}});
  if (user?.role !== 'admin') throw new Refused(403, 'not_admin');
  return user;
}

export function authErrorResponse(error: unknown) {
  if (error instanceof Refused) return Response.json({error: error.code}, {status: error.status});
  throw error;
}
"""
ACCESS = """
import {prisma} from '@/lib/db';

export async function canAccess(userId: string, id: string): Promise<boolean> {
  const member = await prisma.member.findFirst({where: {userId, projectId: id}});
  return member !== null && member.revokedAt === null;
}

export function page(url: URL) {
  const take = Math.min(Number(url.searchParams.get('take') ?? 20), 100);
  const skip = Math.max(Number(url.searchParams.get('skip') ?? 0), 0);
  return {take, skip};
}
"""
ROUTE = """
import {NextResponse} from 'next/server';
import {z} from 'zod';
import {authErrorResponse, getCurrentUserId, requireAdmin} from '@/lib/auth';
import {canAccess, page} from '@/lib/access';
import {prisma} from '@/lib/db';

// What a client may send; everything else is refused.
const Body = z.object({
  name: z.string().min(1).max(200),
  description: z.string().max(2000).optional(),
  labels: z.array(z.string()).max(20).default([]),
});

export const dynamic = 'force-dynamic';

export async function GET(request: Request, {params}: {params: Promise<{id: string}>}) {
  try {
    const userId = await getCurrentUserId();
    const {id} = await params;
    if (!(await canAccess(userId, id))) return NextResponse.json({error: 'not_found'}, {status: 404});
    const rows = await prisma.thing%(n)s.findMany({where: {projectId: id}, ...page(new URL(request.url))});
    return NextResponse.json({rows: rows.map((row) => ({id: row.id, name: row.name, at: row.at.toISOString()}))});
  } catch (error) {
    return authErrorResponse(error);
  }
}

export async function POST(request: Request, {params}: {params: Promise<{id: string}>}) {
  try {
    const userId = await getCurrentUserId();
    const body = Body.safeParse(await request.json().catch(() => null));
    if (!body.success) return NextResponse.json({error: 'invalid', issues: body.error.issues}, {status: 400});
    const {id} = await params;
    if (!(await canAccess(userId, id))) return NextResponse.json({error: 'not_found'}, {status: 404});
    const made = await prisma.thing%(n)s.create({data: {...body.data, projectId: id, createdBy: userId}});
    return NextResponse.json(made, {status: 201});
  } catch (error) {
    return authErrorResponse(error);
  }
}

export const DELETE = async (_: Request, {params}: {params: Promise<{id: string}>}) => {
  try {
    await requireAdmin();
    const {id} = await params;
    await prisma.thing%(n)s.delete({where: {id}});
    return new NextResponse(null, {status: 204});
  } catch (error) {
    return authErrorResponse(error);
  }
};
"""


def main(folder: Path, number: int) -> None:
    """Write them."""
    paths = '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}'
    files = {"lib/auth.ts": GUARDS, "lib/access.ts": ACCESS, "tsconfig.json": paths}
    files |= {f"app/api/part{n // 50}/thing{n}/[id]/route.ts": ROUTE % {"n": n} for n in range(number)}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
