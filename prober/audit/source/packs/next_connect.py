"""next-connect: https://github.com/hoangvvo/next-connect."""

from __future__ import annotations

from types import MappingProxyType

from prober.audit.source.analysis.pack import Example, Pack
from prober.audit.source.analysis.routers import Convention, Routing

_VERBS = {name: name.upper() for name in ("get", "post", "put", "delete", "patch", "options", "head")} | {"all": "ANY"}

PACK = Pack(
    name="next-connect",
    packages=("next-connect",),
    about="Each method of the router is a handler. It runs behind every `use()` before it, and behind its own "
    "middleware, where those come to `next()`.",
    routing=Routing(
        convention=Convention.CONNECT,
        starts=("createRouter", "createEdgeRouter", "nextConnect", "nc"),
        adds=("use",),
        ends=MappingProxyType(_VERBS),
        serves=("handler", "run"),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { createEdgeRouter } from "next-connect";
import { auth } from "@/auth";
const router = createEdgeRouter();
router.use(async (request, context, next) => {
  if (!(await auth())) return new Response(null, { status: 401 });
  return next();
});
router.delete(async () => Response.json(await db.note.deleteMany({})));
export const DELETE = (request, context) => router.run(request, context);
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { createEdgeRouter } from "next-connect";
const router = createEdgeRouter();
router.delete(async () => Response.json(await db.note.deleteMany({})));
export const DELETE = (request, context) => router.run(request, context);
""",
        ),
    ),
)
