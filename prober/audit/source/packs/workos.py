"""WorkOS AuthKit: https://github.com/workos/authkit-nextjs."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, VOUCHED, Example, LibraryGuard, LibraryHandler, Pack, always
from prober.audit.source.analysis.values import GuardKind

_SESSION = always(
    user=USER, sessionId=USER, organizationId=USER, role=USER, roles=USER, permissions=USER, entitlements=USER,
    accessToken=USER,
)  # fmt: skip
PACK = Pack(
    name="workos",
    packages=("@workos-inc/authkit-nextjs", "@workos-inc/node"),
    about="`withAuth()` always gives an object, whose `user`, `role` and `permissions` say who came; "
    "`withAuth({ensureSignedIn: true})` sends strangers to the sign-in; `handleAuth()` is public. "
    "`webhooks.constructEvent()` throws where the signature is wrong.",
    guards=(
        LibraryGuard(call="withAuth", gives=_SESSION, strict="ensureSignedIn"),
        LibraryGuard(call="getUser", gives=_SESSION, strict="ensureSignedIn"),
        LibraryGuard(call="webhooks.constructEvent", gives=VOUCHED, throws=True, kind=GuardKind.SIGNATURE),
    ),
    factories=("getSignInUrl", "getSignUpUrl", "signOut"),
    handlers=(LibraryHandler(call="handleAuth", why="AuthKit's own callback", path="/callback"),),
    examples=(
        Example(
            status="ok",
            source="""\
import { withAuth } from "@workos-inc/authkit-nextjs";
export async function GET() {
  const { user } = await withAuth();
  if (!user) return new Response(null, { status: 401 });
  return Response.json(await db.note.findMany());
}
""",
        ),
    ),
)
