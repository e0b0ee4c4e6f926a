"""Clerk, releases 4 to 6: https://clerk.com/docs/references/nextjs/overview."""

from __future__ import annotations

from prober.audit.source.analysis.pack import ASKED, REFUSING, USER, VOUCHED, Example, LibraryGuard, Pack, always
from prober.audit.source.analysis.values import GuardKind

_AUTH = always(
    userId=USER, sessionId=USER, isAuthenticated=USER, isSignedIn=USER, user=USER, session=USER, orgId=USER,
    sessionClaims=USER, has=ASKED, redirectToSignIn=REFUSING, redirectToSignUp=REFUSING,
)  # fmt: skip
PACK = Pack(
    name="clerk",
    packages=("@clerk/nextjs", "@clerk/backend", "@clerk/clerk-sdk-node"),
    about="`auth()` and `getAuth()` always give an object: `userId`, `sessionId`, `orgId` and `isAuthenticated` in "
    "it say who came, and `has()` is false for everybody else, in release 6 after an await and before it without one. "
    "`auth.protect()` and `auth().protect()` refuse by themselves; `currentUser()` gives the user or null; "
    "`verifyWebhook()` throws. What `clerkClient()` gives acts, but for what only reads.",
    guards=(
        LibraryGuard(call="auth", gives=_AUTH, awaited=False),
        LibraryGuard(call="getAuth", gives=_AUTH, awaited=False),
        LibraryGuard(call="auth.protect", gives=_AUTH, throws=True),
        LibraryGuard(call="protect", gives=_AUTH, throws=True, awaited=False),
        LibraryGuard(call="currentUser", gives=USER),
        LibraryGuard(call="verifyWebhook", gives=VOUCHED, throws=True, kind=GuardKind.SIGNATURE),
    ),
    services=("clerkClient", "createClerkClient"),
    examples=(
        Example(
            status="ok",
            source="""\
import { auth } from "@clerk/nextjs/server";
export async function POST() {
  await auth.protect();
  return Response.json(await db.note.create({}));
}
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { auth } from "@clerk/nextjs/server";
export async function POST() {
  const session = await auth();
  if (!session) return new Response(null, { status: 401 }); // an object is always there
  return Response.json(await db.note.create({}));
}
""",
        ),
    ),
)
