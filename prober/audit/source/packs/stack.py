"""Stack Auth: https://docs.stack-auth.com."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, Pack

PACK = Pack(
    name="stack",
    packages=("@stackframe/stack",),
    about="`stackServerApp.getUser()` gives the user or null; with `{or: ...}` it refuses by itself.",
    guards=(LibraryGuard(call="getUser", gives=USER, strict="or"),),
    examples=(
        Example(
            status="ok",
            source="""\
import { StackServerApp } from "@stackframe/stack";
const app = new StackServerApp({});
export async function GET() {
  const user = await app.getUser();
  if (!user) return new Response(null, { status: 401 });
  return Response.json(await db.note.findMany());
}
""",
        ),
    ),
)
