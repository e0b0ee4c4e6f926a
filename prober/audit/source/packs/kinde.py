"""Kinde: https://docs.kinde.com/developer-tools/sdks/backend/nextjs-sdk/."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, LibraryHandler, Pack

PACK = Pack(
    name="kinde",
    packages=("@kinde-oss/kinde-auth-nextjs",),
    about="`getUser()` and `isAuthenticated()` of `getKindeServerSession()` say who came; `handleAuth()` is public.",
    guards=(
        LibraryGuard(call="getUser", gives=USER),
        LibraryGuard(call="isAuthenticated", gives=USER),
        LibraryGuard(call="getAccessToken", gives=USER),
    ),
    factories=("getKindeServerSession",),
    handlers=(LibraryHandler(call="handleAuth", why="Kinde's own handler"),),
    examples=(
        Example(
            status="ok",
            source="""\
import { getKindeServerSession } from "@kinde-oss/kinde-auth-nextjs/server";
export async function GET() {
  const { isAuthenticated } = getKindeServerSession();
  if (!(await isAuthenticated())) return new Response(null, { status: 401 });
  return Response.json(await db.note.findMany());
}
""",
        ),
    ),
)
