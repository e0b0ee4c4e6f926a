"""ts-pattern: https://github.com/gvergnaud/ts-pattern#api-reference."""

from __future__ import annotations

from prober.audit.source.analysis.pack import Example, Pack

_MATCH = """\
import { match } from "ts-pattern";
import { auth } from "@/auth";
export async function POST() {
  const session = await auth();
  return match(session)
    .with(%s, () => new Response(null, { status: 401 }))
    .otherwise(async () => Response.json(await db.note.create({})));
}
"""

PACK = Pack(
    name="ts-pattern",
    packages=("ts-pattern",),
    about="An arm of `match()` runs where its pattern fits and no earlier one does: behind `null`, `P.nullish`, "
    "`true`, "
    "`false` or an object, it proves what the comparison would. Other patterns, `when()` and functions prove nothing.",
    factories=("not", "union", "intersection", "when", "optional", "array", "instanceOf", "shape", "select"),
    matches=("match",),
    examples=(
        Example(status="ok", source=_MATCH % "null"),
        Example(status="unguarded", source=_MATCH % '"signed out"'),
    ),
)
