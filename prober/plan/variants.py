"""Variants of a request that must not bypass a guard, one entry each. Pure.

A variant is judged by its difference from the plain request, and so it is sent only if that was refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from prober.model import Category, Depth
from prober.plan.client_variants import CLIENT_VARIANTS
from prober.plan.exempt_places import through_open_folder, with_open_paths_in_query
from prober.plan.file_names import with_file_name
from prober.plan.header_variants import HEADER_VARIANTS
from prober.plan.method_mutations import as_get, as_websocket, by_method, with_method
from prober.plan.nextjs_variants import NEXTJS_VARIANTS
from prober.plan.path_variants import PATH_VARIANTS
from prober.plan.rare_variants import RARE_VARIANTS
from prober.plan.request_mutations import (
    at_root,
    last_part_as,
    with_headers,
    with_letter_encoded_twice,
)
from prober.plan.variant_template import VariantTemplate

if TYPE_CHECKING:
    from prober.model import Promise, Route

_LISTS = "the lists of nomore403 and bypass-url-parser"

VARIANTS: tuple[VariantTemplate, ...] = (
    *CLIENT_VARIANTS,
    # --- from what is open --------------------------------------------------------------------------------------------
    VariantTemplate(
        name="open-folder-and-back", category=Category.OPEN_PATH,
        once_a_guard=True, depth=Depth.STANDARD, change=through_open_folder(".."),
        catches="a guard that exempts a folder by the beginning of the path, before its dots are resolved",
        source="CVE-2024-34351 and its kin: exemptions by prefix",
    ),
    VariantTemplate(name="open-folder-and-back-encoded", category=Category.OPEN_PATH,
                    change=through_open_folder("%2e%2e"),
          catches="the same, with dots that only the application decodes", source=_LISTS),
    VariantTemplate(name="open-folder-and-back-encoded-twice", category=Category.OPEN_PATH,
                    few=True, change=through_open_folder("%252e%252e"),
          catches="the same, with dots that are decoded twice", source="double decoding (CWE-174)"),
    VariantTemplate(name="open-folder-and-back-semicolon", category=Category.OPEN_PATH,
                    change=through_open_folder("..;"),
          catches="the same, where the router cuts a semicolon", source=_LISTS),
    VariantTemplate(
        name="open-path-in-query", category=Category.OPEN_PATH, once_a_guard=True, ends_url=True, depth=Depth.STANDARD,
        change=with_open_paths_in_query,
        catches="a guard that searches the whole URL for a public path, or for the ending of a static file",
        source="reports on exemptions by includes() and by ending",
    ),
    VariantTemplate(
        name="letter-encoded-twice", category=Category.OPEN_PATH, once_a_guard=True, depth=Depth.STANDARD,
        change=last_part_as(with_letter_encoded_twice),
        catches="a front end that decodes once and guards, and an application that decodes again",
        source="double decoding (CWE-174)",
    ),
    VariantTemplate(
        name="file-name", category=Category.ID, files_only=True, depth=Depth.STANDARD, change=with_file_name,
        catches="middleware whose matcher leaves out every path with a dot, and so every file",
        source="the matcher in the documentation of Next.js; clerk/javascript#1656, amannn/next-intl#1136",
    ),
    VariantTemplate(
        name="get-for-post", category=Category.METHOD, posts_only=True, depth=Depth.STANDARD, change=as_get,
        catches="a guard on POST only, where the same operation is answered by GET", source="GraphQL over HTTP",
    ),
    *(
        VariantTemplate(
            name=f"{method.lower()}-for-post", category=Category.METHOD, posts_only=True, change=by_method(method),
            catches=f"a guard on POST only, and a handler that answers {method} too",
            source="handlers of a path for every method, beside a guard that names its methods",
        )
        for method in ("PUT", "PATCH")
    ),
    VariantTemplate(
        name="websocket", category=Category.WEBSOCKET,
        reads_only=True, websockets_only=True, depth=Depth.STANDARD, change=as_websocket,
        catches="an upgrade that never passes the middleware which guards plain requests",
        source="servers whose 'upgrade' event is handled beside the application",
    ),
    VariantTemplate(
        name="mcp-at-root", category=Category.MCP,
        sessions_only=True, once_a_guard=True, is_known_by=b'"serverInfo"', depth=Depth.STANDARD,
        change=at_root,
        catches="a server of MCP that answers at the root of its host too, where the guard of its path does not stand",
        source="servers that mount one handler at / and at /mcp; CVE-2026-33032 for a second path",
    ),
    *PATH_VARIANTS,
    *RARE_VARIANTS,
    *NEXTJS_VARIANTS,
    *HEADER_VARIANTS,
    # --- another method -----------------------------------------------------------------------------------------------
    VariantTemplate(name="head", category=Category.METHOD, reads_only=True, change=with_method("HEAD"),
          catches="a guard on GET only, where HEAD runs the same handler",
          source="measured on Next.js 16: HEAD runs the handler of GET"),
    VariantTemplate(name="options", category=Category.METHOD, change=with_method("OPTIONS"),
          catches="a guard that lets every OPTIONS pass, and a handler that answers it", source=_LISTS),
    VariantTemplate(name="method-override", category=Category.METHOD, reads_only=True,
          change=with_headers(
              ("X-HTTP-Method-Override", "HEAD"), ("X-Method-Override", "HEAD"), ("X-HTTP-Method", "HEAD"),
              ("X-Forwarded-Method", "OPTIONS"), ("X-Original-Method", "OPTIONS"),
          ),
          catches="a guard that is chosen by the method in this header", source=_LISTS),
)  # fmt: skip

# Those by which published bugs open guards most often, the commonest first: at standard for a deployment of few guards.
OFTEN_SEEN = (
    "forwarded-for-loopback", "other-addresses-loopback", "trailing-slash", "original-url-guarded",
    "leading-double-slash", "inner-double-slash", "upper-case", "encoded-slash", "encoded-letter", "json-suffix",
    "semicolon", "dot-segment", "dot-dot-segment", "encoded-dot-dot-segment", "head", "method-override", "options",
    "encoded-null", "absolute-form", "forwarded-host", "foreign-origin", "locale-prefix", "rsc", "rsc-suffix",
    "backslash", "forwarded-proto-http",
)  # fmt: skip
_MOST_OFTEN_SEEN = 200  # requests that they may cost
_FEW_GUARDS = 10


def often_seen(guards: int) -> frozenset[str]:
    """Name the variants that standard sends to one route of each guard, besides its own: none where guards are many."""
    return frozenset(OFTEN_SEEN[: _MOST_OFTEN_SEEN // guards] if 0 < guards <= _FEW_GUARDS else ())


def fitting_variants(
    route: Route, promise: Promise, depth: Depth, *, represents_guard: bool, also: frozenset[str] = frozenset()
) -> tuple[VariantTemplate, ...]:
    """Give the variants that make sense for a route; those of `also` are sent at standard too."""
    if promise.skip or not promise.refuses:
        return ()
    more = also if represents_guard and depth is Depth.STANDARD else frozenset()
    return tuple(
        entry
        for entry, entry_depth in _at(depth, more)
        if entry.fits(route, promise, entry_depth, represents_guard=represents_guard)
    )


@lru_cache(maxsize=64)
def _at(depth: Depth, more: frozenset[str]) -> tuple[tuple[VariantTemplate, Depth], ...]:
    """Give the variants of a depth, and `more`, which are sent as at depth deep."""
    depths = ((entry, Depth.DEEP if entry.name in more else depth) for entry in VARIANTS)
    return tuple((entry, entry_depth) for entry, entry_depth in depths if entry.is_sent_at(entry_depth))
