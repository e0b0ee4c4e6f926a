"""better-auth: https://www.better-auth.com/docs/integrations/next."""

from __future__ import annotations

from types import MappingProxyType

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, LibraryHandler, Pack, always
from prober.audit.source.analysis.values import GuardKind

PACK = Pack(
    name="better-auth",
    packages=("better-auth",),
    about="`auth.api.getSession()` of `betterAuth({...})` gives the session or null; `success` of "
    "`auth.api.hasPermission()` is true for a member only. `toNextJsHandler(auth)` and `auth.handler` are public.",
    guards=(
        LibraryGuard(
            call="api.getSession",
            gives=USER,
            boxes=MappingProxyType({"asResponse": always(), "returnHeaders": always(response=USER)}),
        ),
        LibraryGuard(call="api.hasPermission", gives=always(success=USER), kind=GuardKind.ROLE),
    ),
    factories=("betterAuth",),
    handlers=(
        LibraryHandler(call="toNextJsHandler", why="better-auth's own handler"),
        LibraryHandler(call="handler", why="better-auth's own handler"),
        LibraryHandler(call="toNodeHandler", why="better-auth's own handler"),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { betterAuth } from "better-auth";
import { headers } from "next/headers";
const auth = betterAuth({});
export async function GET() {
  const session = await auth.api.getSession({ headers: await headers() });
  if (!session) return new Response(null, { status: 401 });
  return Response.json(await db.note.findMany());
}
""",
        ),
    ),
)
