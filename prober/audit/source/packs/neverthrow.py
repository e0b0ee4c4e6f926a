"""neverthrow: https://github.com/supermacro/neverthrow#api-documentation."""

from __future__ import annotations

from prober.audit.source.analysis.pack import Example, Pack

_LOGIN = """\
import { err, ok } from "neverthrow";
import { auth } from "@/auth";
const login = async () => {
  const session = await auth();
  return session ? ok(session) : err("signed out");
};
"""

PACK = Pack(
    name="neverthrow",
    packages=("neverthrow",),
    about="A result is always an object: `isErr()` and `isOk()` say which it is, and prove what was proven wherever "
    "the function has made the other one. `match()`, `map()` and `andThen()` run their functions on the way "
    "that they are "
    "for; `_unsafeUnwrap()` throws on the other.",
    results=("ok", "err", "okAsync", "errAsync"),
    promised=("ResultAsync",),
    settling=("fromPromise", "fromSafePromise"),
    examples=(
        Example(
            status="ok",
            source=_LOGIN
            + """\
export async function POST() {
  const who = await login();
  if (who.isErr()) return new Response(null, { status: 401 });
  return Response.json(await db.note.create({ data: { by: who.value.user.id } }));
}
""",
        ),
        Example(
            status="unguarded",
            source=_LOGIN
            + """\
export async function POST() {
  const who = await login();
  if (!who) return new Response(null, { status: 401 }); // a result is always an object
  return Response.json(await db.note.create({}));
}
""",
        ),
    ),
)
