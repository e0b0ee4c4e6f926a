"""tRPC: https://trpc.io/docs/server/procedures."""

from __future__ import annotations

from prober.audit.source.analysis.pack import Chain, Pack

PACK = Pack(
    name="trpc",
    packages=("@trpc/server",),
    about="A procedure runs what its `use()` let pass. A handler of `fetchRequestHandler({router})` is as good as "
    "the worst procedure of its router.",
    factories=("initTRPC.create", "create", "context", "meta", "createCallerFactory", "mergeRouters"),
    chain=Chain(starts=("procedure",), adds=("use",), ends=("query", "mutation", "subscription"), next_name="next"),
    examples=(),
)
