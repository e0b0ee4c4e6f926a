"""Supabase: https://supabase.com/docs/guides/auth/server-side/nextjs."""

from __future__ import annotations

from prober.audit.source.analysis.pack import ERROR, USER, Example, LibraryGuard, Pack, always

PACK = Pack(
    name="supabase",
    packages=("@supabase/ssr", "@supabase/supabase-js", "@supabase/auth-helpers-nextjs"),
    about="`auth.getUser()` and `auth.getClaims()` ask the server, or check the signature: `data.user`, "
    "`data.claims` and `error` say who came, and `data` is always there. `auth.getSession()` only reads the "
    "cookie: it proves nothing. `signInWithPassword()`, `verifyOtp()` and `exchangeCodeForSession()` ask the caller "
    "for a password or a code: without an `error` they have signed in. `signOut()` ends the caller's own session.",
    guards=(
        LibraryGuard(call="auth.getUser", gives=always(data=always(user=USER), error=ERROR)),
        LibraryGuard(call="auth.getClaims", gives=always(data=always(claims=USER), error=ERROR)),
        LibraryGuard(call="auth.getSession", gives=always(data=always())),
        *(
            LibraryGuard(call=f"auth.{name}", gives=always(data=always(user=USER, session=USER), error=ERROR))
            for name in ("signInWithPassword", "verifyOtp", "exchangeCodeForSession")
        ),
    ),
    factories=(
        "createServerClient",
        "createClient",
        "createRouteHandlerClient",
        "createServerActionClient",
        "createServerComponentClient",
        "createPagesServerClient",
        "createBrowserClient",
        "signOut",
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { createServerClient } from "@supabase/ssr";
export async function POST() {
  const supabase = createServerClient(url, key, { cookies });
  const { data: { user } } = await supabase.auth.getUser();
  if (!user) return new Response(null, { status: 401 });
  return Response.json(await supabase.from("notes").insert({}));
}
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { createServerClient } from "@supabase/ssr";
export async function POST() {
  const supabase = createServerClient(url, key, { cookies });
  const { data: { session } } = await supabase.auth.getSession(); // it only reads the cookie
  if (!session) return new Response(null, { status: 401 });
  return Response.json(await supabase.from("notes").insert({}));
}
""",
        ),
    ),
)
