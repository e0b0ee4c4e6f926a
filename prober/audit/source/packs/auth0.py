"""Auth0's SDK for Next.js, releases 1 to 4: https://github.com/auth0/nextjs-auth0."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, VOUCHED, Example, LibraryGuard, LibraryHandler, Pack

PACK = Pack(
    name="auth0",
    packages=("@auth0/nextjs-auth0",),
    about="`getSession()` gives the session or null, also that of `new Auth0Client()`; `getAccessToken()` throws where "
    "there is none; `withApiAuthRequired(handler)` answers 401. `handleAuth()` is public below `/api/auth`.",
    guards=(
        LibraryGuard(call="getSession", gives=USER),
        LibraryGuard(call="getAccessToken", gives=VOUCHED, throws=True),
    ),
    factories=("initAuth0", "Auth0Client"),
    wrappers=("withApiAuthRequired",),
    handlers=(LibraryHandler(call="handleAuth", why="Auth0's own handler, at its own path", path="/api/auth/:"),),
    examples=(
        Example(
            status="ok",
            source="""\
import { withApiAuthRequired } from "@auth0/nextjs-auth0";
export const POST = withApiAuthRequired(async (request) => {
  await db.ticket.create({ data: await request.json() });
  return new Response(null, { status: 201 });
});
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { getSession } from "@auth0/nextjs-auth0";
export async function DELETE() {
  await getSession(); // null is not looked at
  await db.ticket.deleteMany({});
  return new Response(null, { status: 204 });
}
""",
        ),
    ),
)
