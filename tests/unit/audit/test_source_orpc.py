"""oRPC: each procedure is a handler, behind the middleware of its builder, of its router and of itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
import { ORPCError, os } from "@orpc/server";
import { auth } from "@/auth";
export const base = os.$context();
export const requireAuth = base.middleware(async ({ context, next }) => {
  const session = await auth();
  if (!session) throw new ORPCError("UNAUTHORIZED");
  return next({ context: { session } });
});
export const optional = base.middleware(async ({ next }) => next({ context: { session: await auth() } }));
export const known = base.middleware(async ({ context, next }) => {
  if (!context.session) throw new ORPCError("UNAUTHORIZED");
  return next();
});
"""
ROUTE = """\
import { RPCHandler } from "@orpc/server/fetch";
import { auth } from "@/auth";
import { base, requireAuth, optional, known } from "../base";
const act = async () => { await prisma.note.deleteMany(); };
const handler = new RPCHandler({ notes: { act: %s } });
export async function POST(request) {
  const { response } = await handler.handle(request, { prefix: "/rpc", context: %s });
  return response ?? new Response("Not found", { status: 404 });
}
"""
CASES = {
    "behind-its-middleware": ("base.use(requireAuth).handler(act)", "{}", "ok"),
    "with-an-input": ("base.use(requireAuth).input(z.object({})).handler(act)", "{}", "ok"),
    "without": ("base.handler(act)", "{}", "unguarded"),
    "used-afterwards": ("base.handler(act).use(requireAuth)", "{}", "ok"),
    "used-beside-it": ("(base.use(requireAuth), base.handler(act))", "{}", "not ok"),
    "by-its-router": ("base.use(requireAuth).router({ now: base.handler(act) })", "{}", "ok"),
    "by-a-router-without": ("base.router({ now: base.handler(act) })", "{}", "unguarded"),
    "only-looked-up": ("base.use(optional).handler(act)", "{}", "unguarded"),
    "looked-up-and-asked-for": ("base.use(optional).use(known).handler(act)", "{}", "ok"),
    "asked-for-too-early": ("base.use(known).use(optional).handler(act)", "{}", "not ok"),
    "known-by-the-route": ("base.use(known).handler(act)", "{ session: await auth() }", "ok"),
    "known-by-a-header": ("base.use(known).handler(act)", "{ session: request.headers.get('x-user') }", "not ok"),
    "known-by-a-promise": ("base.use(known).handler(act)", "{ session: auth() }", "not ok"),
    "mapped-input-is-no-middleware": ("base.use(optional, (input) => input).handler(act)", "{}", "unguarded"),
    "unread-middleware": ("base.use(elsewhere).handler(act)", "{}", "not ok"),
    "lazy": ("base.lazy(() => import('./elsewhere'))", "{}", "not ok"),
}


@pytest.mark.parametrize(("procedure", "context", "status"), CASES.values(), ids=CASES)
def test_procedure_is_judged_behind_what_it_uses(procedure: str, context: str, status: str, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"next": "15.0.0", "@orpc/server": "1.2.0"}}))
    (tmp_path / "app/rpc/[[...rest]]").mkdir(parents=True)
    (tmp_path / "app/rpc/base.js").write_text(BASE)
    (tmp_path / "app/rpc/[[...rest]]/route.js").write_text(ROUTE % (procedure, context))
    (found,) = audit_source(tmp_path).handlers
    assert found.name.startswith("ANY /rpc/notes/act")
    assert (found.status == status) is (status != "not ok"), found.reason
    assert found.status != "ok" or status == "ok", found.reason


def test_middleware_that_its_own_builder_makes_is_read_before_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"next": "15.0.0", "@orpc/server": "1.2.0"}}))
    (tmp_path / "app/rpc/[[...rest]]").mkdir(parents=True)
    (tmp_path / "app/rpc/base.js").write_text(BASE + "export const authed = base.use(requireAuth);\n")
    route = ROUTE.replace("requireAuth,", "authed,") % ("authed.handler(act), open: base.handler(act)", "{}")
    (tmp_path / "app/rpc/[[...rest]]/route.js").write_text(route)
    found = {one.path: str(one.status) for one in audit_source(tmp_path).handlers}
    assert found == {"/rpc/notes/act": "ok", "/rpc/notes/open": "unguarded"}
