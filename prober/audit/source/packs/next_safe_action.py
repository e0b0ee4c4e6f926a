"""next-safe-action: https://next-safe-action.dev."""

from __future__ import annotations

from prober.audit.source.analysis.pack import Chain, Example, Pack

PACK = Pack(
    name="next-safe-action",
    packages=("next-safe-action",),
    about="An action runs what its client's `use()` let pass: where every middleware comes to `next()` only behind "
    "a guard, the action is guarded. `returnValidationErrors()` throws.",
    stops=("returnValidationErrors", "returnServerError"),
    chain=Chain(starts=("createSafeActionClient",), adds=("use",), ends=("action", "stateAction"), next_name="next"),
    examples=(
        Example(
            status="ok",
            source="""\
"use server";
import { createSafeActionClient } from "next-safe-action";
import { auth } from "@/auth";
const client = createSafeActionClient().use(async ({ next }) => {
  const session = await auth();
  if (!session) throw new Error("not signed in");
  return next({ ctx: { user: session.user } });
});
export const save = client.action(async () => {
  await db.note.create({});
});
""",
        ),
        Example(
            status="unguarded",
            source="""\
"use server";
import { createSafeActionClient } from "next-safe-action";
const client = createSafeActionClient().use(async ({ next }) => next({ ctx: {} }));
export const save = client.action(async () => {
  await db.note.create({});
});
""",
        ),
    ),
)
