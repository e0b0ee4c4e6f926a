"""An audit of a source that is written as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.audit import audit_source
from prober.audit.source.handler_status import GuardStatus

if TYPE_CHECKING:
    from pathlib import Path

    from prober.audit.source.audit import SourceAudit
    from prober.model import SourceGuards

OK, UNGUARDED, UNKNOWN = GuardStatus.OK, GuardStatus.UNGUARDED, GuardStatus.UNKNOWN
HEAD = """
import {getCurrentUserId, requireAdmin} from '@/lib/brain/auth';
import {requireSession} from '@/lib/auth/requireSession';
import {auth} from '@/auth';
import {prisma} from '@/lib/db';
import {NextResponse} from 'next/server';
import {timingSafeEqual} from 'node:crypto';
import {ours, refuse, responds, judges, stub, wrapped, transparent, logs, wipes, Shop, UserError} from './ours';
const refused = () => NextResponse.json({error: 'not_signed_in'}, {status: 401});
"""
DOES = "return Response.json(await prisma.user.findMany());"

# What this application has of its own; the other modules cannot be followed.
OWN = """
import {auth} from '@/auth';
import {getCurrentUserId} from '@/lib/brain/auth';
import {prisma} from '@/lib/db';
export class UserError extends Error {}
export async function ours() {
  const session = await auth();
  if (!session?.user) throw new UserError('not signed in');
  return session.user;
}
export async function refuse() {
  const session = await auth();
  return session ? null : Response.json({error: 'no'}, {status: 401});
}
export async function responds(): Promise<Response | {id: string}> {
  const session = await auth();
  if (!session) return new Response(null, {status: 401});
  return {id: session.user.id};
}
export async function judges() {
  const session = await auth();
  if (!session) return {error: new Response(null, {status: 401})};
  return {user: session.user};
}
export async function requireAdmin() { return true; }
export const stub = async () => {};
export function wrapped(handler) {
  return async (request, context) => {
    const session = await auth();
    if (!session) return Response.json({error: 'no'}, {status: 401});
    return handler(request, context);
  };
}
export const transparent = (handler) => async (request) => {
  try { return await handler(request); } catch (error) { return Response.json({error: 'x'}, {status: 500}); }
};
export async function logs() { await prisma.log.create({}); return prisma.plan.findMany(); }
export async function wipes() { await prisma.user.deleteMany(); }
export class Shop {
  constructor(private readonly store = prisma) {}
  async wipe() { await this.store.order.deleteMany({}); }
}
"""


def audit(folder: Path, files: dict[str, str | bytes], own: SourceGuards | None = None) -> SourceAudit:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return audit_source(folder, own)


def handler(folder: Path, body: str) -> SourceAudit:
    """A route of an application whose own functions are beside it."""
    return audit(folder, {"app/api/x/route.ts": HEAD + body, "app/api/x/ours.ts": OWN})


def locks(found: SourceAudit) -> dict[str, GuardStatus]:
    return {door.name: door.status for door in found.handlers}


def broken(found: SourceAudit) -> set[str]:
    return {one.rule.id for one in found.breaches}


GOOD = HEAD + "export async function GET() { await requireAdmin(); " + DOES + " }"
