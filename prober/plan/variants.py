"""The same request dressed otherwise: what must not open a door that is locked without it. One entry each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Variant

if TYPE_CHECKING:
    from prober.model import Promise, Route

# One value for every affected line of Next.js, 12 to 15, with the middleware at the root or under src/.
_SUBREQUEST = ":".join(("middleware",) * 5 + ("src/middleware",) * 5 + ("pages/_middleware",))

SUBREQUEST = Variant(
    name="middleware-subrequest",
    headers=(("x-middleware-subrequest", _SUBREQUEST),),
    catches="Next.js before 12.3.5, 13.5.9, 14.2.25 and 15.2.3 skips its middleware for this header (CVE-2025-29927)",
)


def variants_of(route: Route, promise: Promise) -> tuple[Variant, ...]:
    """Give the variants that are worth a request: a page that redirects strangers is guarded by middleware, perhaps."""
    redirects = any(answer.location for answer in promise.answers)
    return (SUBREQUEST,) if route.method == "GET" and redirects and promise.refuses else ()
