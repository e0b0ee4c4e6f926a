"""ts-rest: https://ts-rest.com/docs/serverless/next."""

from __future__ import annotations

from types import MappingProxyType

from prober.audit.source.analysis.pack import Example, Pack
from prober.audit.source.analysis.routers import Convention, Routing

PACK = Pack(
    name="ts-rest",
    packages=("@ts-rest/next", "@ts-rest/serverless", "@ts-rest/core"),
    about="Each function of the router that `createNextHandler()` or `createNextRouter()` serves is a handler, by "
    "the method and the path of the contract, or by its name in it where the contract cannot be read.",
    routing=Routing(
        convention=Convention.ARGUMENTS,
        tables=MappingProxyType({"createNextHandler": 1, "createNextRouter": 1, "createNextRoute": 1, "router": 1}),
        contracts=("initContract",),
        serves=("createNextHandler", "createNextRouter"),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { createNextHandler } from "@ts-rest/serverless/next";
import { auth } from "@/auth";
import { contract } from "@/contract";
const handler = createNextHandler(contract, {
  addNote: async ({ body }) => {
    if (!(await auth())) return { status: 401, body: null };
    return { status: 201, body: await db.note.create({ data: body }) };
  },
}, { handlerType: "app-router" });
export { handler as POST };
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { createNextHandler } from "@ts-rest/serverless/next";
import { contract } from "@/contract";
const handler = createNextHandler(contract, {
  addNote: async ({ body }) => ({ status: 201, body: await db.note.create({ data: body }) }),
}, { handlerType: "app-router" });
export { handler as POST };
""",
        ),
    ),
)
