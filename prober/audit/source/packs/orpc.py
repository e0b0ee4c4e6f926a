"""oRPC: https://orpc.unnoq.com/docs/middleware."""

from __future__ import annotations

from types import MappingProxyType

from prober.audit.source.analysis.pack import Example, Pack
from prober.audit.source.analysis.routers import Convention, Routing

PACK = Pack(
    name="orpc",
    packages=("@orpc/server", "@orpc/openapi"),
    about="Each procedure of the router that `RPCHandler` or `OpenAPIHandler` is given is a handler, named by its place"
    " in it. It runs with the context that `handle()` is given, and behind every `use()` of its procedure and router. "
    "A procedure that is exported as an action is a handler as well.",
    routing=Routing(
        convention=Convention.PROCEDURE,
        acts=True,
        builders=("os",),
        adds=("use",),
        pipes=("concat",),
        ends=MappingProxyType({"handler": "ANY"}),
        tables=MappingProxyType({"router": 0, "RPCHandler": 0, "OpenAPIHandler": 0}),
        middleware=("middleware",),
        serves=("handle",),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { ORPCError, os } from "@orpc/server";
import { RPCHandler } from "@orpc/server/fetch";
import { auth } from "@/auth";
const authed = os.use(async ({ next }) => {
  const session = await auth();
  if (!session) throw new ORPCError("UNAUTHORIZED");
  return next({ context: { session } });
});
const handler = new RPCHandler({
  add: authed.handler(async ({ input }) => db.note.create({ data: input })),
});
export async function POST(request) {
  const { response } = await handler.handle(request, { prefix: "/rpc", context: {} });
  return response ?? new Response("Not found", { status: 404 });
}
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { os } from "@orpc/server";
import { RPCHandler } from "@orpc/server/fetch";
const handler = new RPCHandler({
  add: os.handler(async ({ input }) => db.note.create({ data: input })),
});
export async function POST(request) {
  const { response } = await handler.handle(request, { prefix: "/rpc", context: {} });
  return response ?? new Response("Not found", { status: 404 });
}
""",
        ),
    ),
)
