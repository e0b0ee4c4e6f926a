"""iron-session: https://github.com/vvo/iron-session."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from prober.audit.source.analysis.pack import USER, Example, LibraryGuard, LibraryLender, Pack, record, request
from prober.audit.source.analysis.values import OURS, Proof

_HELD = record(replace(USER, undefined=True))  # a member that nobody has put there is undefined, not null
_OWN = replace(OURS, false=Proof.DEAD)  # of every session
_SESSION = replace(_HELD, members=MappingProxyType(
    {**(_HELD.members or {}), "save": _OWN, "destroy": _OWN, "updateConfig": _OWN}
))  # fmt: skip
PACK = Pack(
    name="iron-session",
    packages=("iron-session",),
    about="`getIronSession()` always gives an object; what the application once put into it (`session.user`) says "
    "who came, and its own methods do not. `withIronSessionApiRoute()` and `withIronSession()` of release 6 and before "
    "let everybody through, and give `request.session`.",
    lenders=(
        LibraryLender(call="withIronSessionApiRoute", request=request(session=_SESSION)),
        LibraryLender(call="withIronSession", request=request(session=_SESSION)),
    ),
    guards=(LibraryGuard(call="getIronSession", gives=_SESSION),),
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
