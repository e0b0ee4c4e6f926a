"""iron-session: https://github.com/vvo/iron-session."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, LibraryLender, Pack, record, request

PACK = Pack(
    name="iron-session",
    packages=("iron-session",),
    about="`getIronSession()` always gives an object; what the application once put into it (`session.user`) says "
    "who came. `withIronSessionApiRoute()` and `withIronSession()` of release 6 and before let everybody through, and "
    "give `request.session`.",
    lenders=(
        LibraryLender(call="withIronSessionApiRoute", request=request(session=record(USER))),
        LibraryLender(call="withIronSession", request=request(session=record(USER))),
    ),
    guards=(LibraryGuard(call="getIronSession", gives=record(USER)),),
    examples=(
        Example(
            status="ok",
            source="""\
import { getIronSession } from "iron-session";
import { cookies } from "next/headers";
export async function GET() {
  const session = await getIronSession(await cookies(), options);
  if (!session.user) return new Response(null, { status: 401 });
  return Response.json(await db.note.findMany());
}
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { getIronSession } from "iron-session";
import { cookies } from "next/headers";
export async function GET() {
  const session = await getIronSession(await cookies(), options);
  if (!session) return new Response(null, { status: 401 }); // an object is always there
  return Response.json(await db.note.findMany());
}
""",
        ),
    ),
)
