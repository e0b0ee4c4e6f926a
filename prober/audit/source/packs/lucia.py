"""Lucia 3: https://v3.lucia-auth.com."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, Pack, always

_SESSION = always(user=USER, session=USER)
PACK = Pack(
    name="lucia",
    packages=("lucia", "lucia-auth"),
    about="`lucia.validateSession()` always gives an object; `user` and `session` in it say who came. In release 2 "
    "`validate()` gives the session or null.",
    guards=(
        LibraryGuard(call="validateSession", gives=_SESSION),
        LibraryGuard(call="validate", gives=USER),
        LibraryGuard(call="validateUser", gives=_SESSION),
    ),
    acts=("invalidateUserSessions",),
    factories=(
        "lucia",
        "handleRequest",
        "readSessionCookie",
        "readBearerToken",
        "createSessionCookie",
        "createBlankSessionCookie",
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { Lucia } from "lucia";
import { cookies } from "next/headers";
const lucia = new Lucia(adapter);
export async function GET() {
  const { user } = await lucia.validateSession((await cookies()).get("auth")?.value ?? "");
  if (!user) return new Response(null, { status: 401 });
  return Response.json(await db.note.findMany());
}
""",
        ),
    ),
)
