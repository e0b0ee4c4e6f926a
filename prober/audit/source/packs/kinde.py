"""Kinde: https://docs.kinde.com/developer-tools/sdks/backend/nextjs-sdk/."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, LibraryHandler, Pack, always
from prober.audit.source.analysis.values import GuardKind

PACK = Pack(
    name="kinde",
    packages=("@kinde-oss/kinde-auth-nextjs",),
    about="`getUser()`, `getRoles()` and `isAuthenticated()` of `getKindeServerSession()` say who came, and "
    "`isGranted` of `getPermission()` is true for them only, as are `permissions` of `getPermissions()`, `orgCode` of "
    "`getOrganization()` and `value` of `getClaim()`; `handleAuth()` is public.",
    guards=(
        LibraryGuard(call="getUser", gives=USER),
        LibraryGuard(call="isAuthenticated", gives=USER),
        LibraryGuard(call="getAccessToken", gives=USER),
        LibraryGuard(call="getRoles", gives=USER, kind=GuardKind.ROLE),
        LibraryGuard(call="getPermissions", gives=always(permissions=USER, orgCode=USER), kind=GuardKind.ROLE),
        LibraryGuard(call="getOrganization", gives=always(orgCode=USER)),
        LibraryGuard(call="getClaim", gives=always(value=USER)),
        LibraryGuard(call="getPermission", gives=always(isGranted=USER), kind=GuardKind.ROLE),
    ),
    factories=("getKindeServerSession",),
    handlers=(LibraryHandler(call="handleAuth", why="Kinde's own handler", path="/:"),),
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
