"""tRPC: https://trpc.io/docs/server/middlewares."""

from __future__ import annotations

from types import MappingProxyType

from prober.audit.source.analysis.pack import Example, Pack
from prober.audit.source.analysis.routers import Convention, Routing

PACK = Pack(
    name="trpc",
    packages=("@trpc/server",),
    about="Each procedure of the router that a route file serves is a handler: a query is `GET`, a mutation `POST`. "
    "It runs with the context that `createContext` gives, and behind every `use()` of its procedure: what those "
    "refuse never reaches it. A procedure that is exported as an action is a handler as well.",
    factories=("context", "meta", "create", "createCallerFactory"),
    routing=Routing(
        convention=Convention.OPTIONS,
        acts=True,
        builders=("procedure",),
        adds=("use", "unstable_concat", "concat"),
        pipes=("unstable_pipe",),
        ends=MappingProxyType({"query": "GET", "mutation": "POST", "subscription": "GET"}),
        tables=MappingProxyType({"router": 0}),
        joins=("mergeRouters",),
        middleware=("middleware", "experimental_standaloneMiddleware"),
        serves=("fetchRequestHandler", "createNextApiHandler"),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { initTRPC, TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { auth } from "@/auth";
const createContext = async () => ({ session: await auth() });
const t = initTRPC.context<typeof createContext>().create();
const protectedProcedure = t.procedure.use(({ ctx, next }) => {
  if (!ctx.session?.user) throw new TRPCError({ code: "UNAUTHORIZED" });
  return next({ ctx: { user: ctx.session.user } });
});
const appRouter = t.router({
  add: protectedProcedure.mutation(async ({ input }) => db.note.create({ data: input })),
});
export const POST = (req: Request) =>
  fetchRequestHandler({ endpoint: "/api/trpc", req, router: appRouter, createContext });
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
const t = initTRPC.create();
const appRouter = t.router({
  add: t.procedure.mutation(async ({ input }) => db.note.create({ data: input })),
});
export const POST = (req: Request) => fetchRequestHandler({ endpoint: "/api/trpc", req, router: appRouter });
""",
        ),
    ),
)
