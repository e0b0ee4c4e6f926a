"""Auth.js and NextAuth, releases 3 to 5: https://authjs.dev/reference/nextjs, https://next-auth.js.org."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, LibraryHandler, LibraryLender, Pack, request

PACK = Pack(
    name="authjs",
    packages=("next-auth", "@auth/core", "@auth/nextjs"),
    about="`getServerSession()`, `unstable_getServerSession()`, `getSession()`, `getToken()` and the `auth()` of "
    "`NextAuth({...})` give the session or null. The handlers of `NextAuth()` are public below `/api/auth`.",
    guards=(
        LibraryGuard(call="getServerSession", gives=USER),
        LibraryGuard(call="unstable_getServerSession", gives=USER),
        LibraryGuard(call="getSession", gives=USER),
        LibraryGuard(call="getToken", gives=USER),
        LibraryGuard(call="auth", gives=USER),
    ),
    lenders=(LibraryLender(call="auth", request=request(auth=USER)),),
    factories=("NextAuth", "default", "signIn", "signOut"),
    handlers=(
        LibraryHandler(call="NextAuth", why="Auth.js's own handler, at its own path", path="/api/auth/:+"),
        LibraryHandler(call="default", why="Auth.js's own handler, at its own path", path="/api/auth/:+"),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { getServerSession } from "next-auth/next";
export async function DELETE() {
  const session = await getServerSession();
  if (!session) return new Response(null, { status: 401 });
  await prisma.note.deleteMany({ where: { owner: session.user.id } });
  return new Response(null, { status: 204 });
}
""",
        ),
    ),
)
