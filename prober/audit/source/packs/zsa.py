"""zsa: https://zsa.vercel.app."""

from __future__ import annotations

from prober.audit.source.analysis.pack import Chain, Example, Pack

PACK = Pack(
    name="zsa",
    packages=("zsa",),
    about="An action of a procedure runs once the procedure's own handler has come back: where that only does so "
    "behind a guard, the action is guarded.",
    chain=Chain(starts=("createServerAction", "createServerActionProcedure"), adds=(), ends=("handler",), next_name=""),
    examples=(
        Example(
            status="ok",
            source="""\
"use server";
import { createServerActionProcedure } from "zsa";
import { auth } from "@/auth";
const signedIn = createServerActionProcedure().handler(async () => {
  const session = await auth();
  if (!session) throw new Error("not signed in");
  return { user: session.user };
});
export const save = signedIn.createServerAction().handler(async () => {
  await db.note.create({});
});
""",
        ),
        Example(
            status="unguarded",
            source="""\
"use server";
import { createServerAction } from "zsa";
export const save = createServerAction().handler(async () => {
  await db.note.create({});
});
""",
        ),
    ),
)
