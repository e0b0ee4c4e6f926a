"""Hono in a route file: https://hono.dev/docs/getting-started/vercel."""

from __future__ import annotations

from types import MappingProxyType

from prober.audit.source.analysis.pack import Example, Pack
from prober.audit.source.analysis.routers import Convention, Routing

_VERBS = {name: name.upper() for name in ("get", "post", "put", "delete", "patch", "options")} | {"all": "ANY"}

PACK = Pack(
    name="hono",
    packages=("hono", "@hono/zod-validator", "@hono/zod-openapi"),
    about="Each route of the app that `handle()` serves is a handler. It runs behind every `use()` before it whose "
    "path covers it, and behind its own middleware. `every()` is all of its middleware. `bearerAuth()`, "
    "`basicAuth()`, `jwt()` and `jwk()` refuse by "
    "themselves.",
    factories=(
        "cors", "logger", "prettyJSON", "secureHeaders", "csrf", "timing", "poweredBy", "requestId", "etag", "compress",
        "createFactory", "bodyLimit", "zValidator", "validator", "timeout", "trimTrailingSlash", "contextStorage",
    ),
    routing=Routing(
        convention=Convention.CONTEXT,
        starts=("Hono", "OpenAPIHono", "createApp"),
        adds=("use",),
        ends=MappingProxyType(_VERBS | {"openapi": "ANY"}),
        mounts=("route",),
        base="basePath",
        by_method="on",
        middleware=("createMiddleware",),
        pieces=("every",),
        lists=("createHandlers",),
        guards=("bearerAuth", "basicAuth", "jwt", "jwk"),
        serves=("handle", "fetch"),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { Hono } from "hono";
import { handle } from "hono/vercel";
import { auth } from "@/auth";
const app = new Hono().basePath("/api/notes");
app.use("*", async (c, next) => {
  const session = await auth();
  if (!session) return c.json({ error: "unauthorized" }, 401);
  await next();
});
app.get("/", async (c) => c.json(await db.note.findMany()));
export const GET = handle(app);
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { Hono } from "hono";
import { handle } from "hono/vercel";
const app = new Hono().basePath("/api/notes");
app.get("/", async (c) => c.json(await db.note.findMany()));
export const GET = handle(app);
""",
        ),
    ),
)  # fmt: skip
