"""Stack Auth: https://docs.stack-auth.com."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, Pack

_MADE = frozenset({"anonymous", "anonymous-if-exists", "anonymous-if-exists[deprecated]"})
PACK = Pack(
    name="stack",
    packages=("@stackframe/stack",),
    about="`stackServerApp.getUser()` gives the user or null; with `{or: 'throw'}` or `{or: 'redirect'}` it refuses by "
    "itself, with `{or: 'anonymous'}` it makes a user of whoever comes.",
    guards=(LibraryGuard(call="getUser", gives=USER, strict="or", lenient=_MADE),),
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
