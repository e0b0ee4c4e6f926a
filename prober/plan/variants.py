"""Variants of a request that must not bypass a guard, one entry each. Pure.

A variant is judged by its difference from the plain request, and so it is sent only if that was refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import BUILD_ID, Depth, Request, Variant
from prober.plan.claims import FROM_THIS_MACHINE
from prober.plan.client_variants import CLIENT_VARIANTS
from prober.plan.file_names import with_file_name
from prober.plan.method_mutations import as_get, as_websocket, by_method, with_method
from prober.plan.rare_variants import RARE_VARIANTS
from prober.plan.request_mutations import (
    UNKNOWN_HOST,
    MutationContext,
    as_whole_url,
    at_root,
    below_version,
    for_another_host,
    for_page_alone,
    for_page_segment,
    last_part_as,
    last_slash_as,
    naming_paths,
    path_as,
    through_open_folder,
    version_first,
    with_encoded_letter,
    with_ending,
    with_headers,
    with_letter_encoded_twice,
    with_open_paths_in_query,
    with_query,
)
from prober.plan.variant_template import VariantTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Promise, Route

LOOPBACK = "127.0.0.1"

_LISTS = "the lists of nomore403 and bypass-url-parser"
_REWRITES = "a front end that guards one path and an application that serves the one in this header"
# By which Traefik, Envoy, nginx (auth_request) and their kin tell a guard which path was asked.
_NAMES_OF_PATHS = ("X-Forwarded-Uri", "X-Envoy-Original-Path", "X-Original-URI", "X-Forwarded-Path")
_RSC = "a guard in the page that the data for the client's router is fetched without"

VARIANTS: tuple[VariantTemplate, ...] = (
    *CLIENT_VARIANTS,
    # --- from what is open --------------------------------------------------------------------------------------------
    VariantTemplate(
        name="open-folder-and-back", once_a_guard=True, depth=Depth.STANDARD, change=through_open_folder(".."),
        catches="a guard that exempts a folder by the beginning of the path, before its dots are resolved",
        source="CVE-2024-34351 and its kin: exemptions by prefix",
    ),
    VariantTemplate(name="open-folder-and-back-encoded", change=through_open_folder("%2e%2e"),
          catches="the same, with dots that only the application decodes", source=_LISTS),
    VariantTemplate(name="open-folder-and-back-encoded-twice", few=True, change=through_open_folder("%252e%252e"),
          catches="the same, with dots that are decoded twice", source="double decoding (CWE-174)"),
    VariantTemplate(name="open-folder-and-back-semicolon", change=through_open_folder("..;"),
          catches="the same, where the router cuts a semicolon", source=_LISTS),
    VariantTemplate(
        name="open-path-in-query", once_a_guard=True, ends_url=True, depth=Depth.STANDARD,
        change=with_open_paths_in_query,
        catches="a guard that searches the whole URL for a public path, or for the ending of a static file",
        source="reports on exemptions by includes() and by ending",
    ),
    VariantTemplate(
        name="letter-encoded-twice", once_a_guard=True, depth=Depth.STANDARD,
        change=last_part_as(with_letter_encoded_twice),
        catches="a front end that decodes once and guards, and an application that decodes again",
        source="double decoding (CWE-174)",
    ),
    VariantTemplate(
        name="file-name", files_only=True, depth=Depth.STANDARD, change=with_file_name,
        catches="middleware whose matcher leaves out every path with a dot, and so every file",
        source="the matcher in the documentation of Next.js; clerk/javascript#1656, amannn/next-intl#1136",
    ),
    VariantTemplate(
        name="get-for-post", posts_only=True, depth=Depth.STANDARD, change=as_get,
        catches="a guard on POST only, where the same operation is answered by GET", source="GraphQL over HTTP",
    ),
    *(
        VariantTemplate(
            name=f"{method.lower()}-for-post", posts_only=True, change=by_method(method),
            catches=f"a guard on POST only, and a handler that answers {method} too",
            source="handlers of a path for every method, beside a guard that names its methods",
        )
        for method in ("PUT", "PATCH")
    ),
    VariantTemplate(
        name="websocket", reads_only=True, websockets_only=True, depth=Depth.STANDARD, change=as_websocket,
        catches="an upgrade that never passes the middleware which guards plain requests",
        source="servers whose 'upgrade' event is handled beside the application",
    ),
    VariantTemplate(
        name="mcp-at-root", sessions_only=True, once_a_guard=True, is_known_by=b'"serverInfo"', depth=Depth.STANDARD,
        change=at_root,
        catches="a server of MCP that answers at the root of its host too, where the guard of its path does not stand",
        source="servers that mount one handler at / and at /mcp; CVE-2026-33032 for a second path",
    ),
    # --- the path, spelled otherwise ----------------------------------------------------------------------------------
    VariantTemplate(name="trailing-slash", change=path_as(lambda path: None if path.endswith("/") else f"{path}/"),
          catches="a guard on the exact path, and a router that ignores a trailing slash", source=_LISTS),
    VariantTemplate(name="leading-double-slash", change=path_as(lambda path: f"/{path}"),
          catches="a guard on the path's beginning, and a router that drops empty parts", source="CVE-2026-29087"),
    VariantTemplate(name="inner-double-slash", change=last_slash_as("//"),
          catches="the same, further inside the path", source="CVE-2026-33808"),
    VariantTemplate(name="dot-segment", change=path_as(lambda path: f"/.{path}"),
          catches="a guard that compares the path before its dots are resolved", source=_LISTS),
    VariantTemplate(name="dot-dot-segment", change=path_as(lambda path: f"/lockdown-probe/..{path}"),
          catches="the same, through a folder and back", source=_LISTS),
    VariantTemplate(name="encoded-dot-dot-segment", change=path_as(lambda path: f"/lockdown-probe/%2e%2e{path}"),
          catches="the same, with dots that only the application decodes", source=_LISTS),
    VariantTemplate(name="encoded-slash", change=last_slash_as("%2f"),
          catches="a guard that sees one part where the router, decoding, sees two", source="CVE-2026-39406"),
    VariantTemplate(name="encoded-letter", change=last_part_as(with_encoded_letter),
          catches="a guard that compares the path before it is decoded", source=_LISTS),
    VariantTemplate(name="upper-case", change=last_part_as(str.upper),
          catches="a case-sensitive guard, and a case-insensitive router", source=_LISTS),
    VariantTemplate(name="semicolon", change=path_as(lambda path: f"{path};"),
          catches="a router that cuts the path at a semicolon, as servlets do", source=_LISTS),
    VariantTemplate(name="semicolon-parameter", change=path_as(lambda path: f"{path};x=1"),
          catches="the same, with a parameter behind it", source=_LISTS),
    VariantTemplate(name="json-suffix", change=path_as(lambda path: f"{path}.json"),
          catches="a router that reads a suffix as the format, past a guard on the exact path", source=_LISTS),
    *(
        VariantTemplate(name=name, few=True, reads_only=True, change=with_ending(end),
              catches="middleware that leaves files out by their ending, and a router that forgives it", source=source)
        for name, end, source in (
            ("static-suffix", ".css", "matchers that leave out every path with such an ending; web cache deception"),
            ("static-file-below", "/lockdown-probe.css", "the same, with a router that reads the rest as parameters"),
            ("static-parameter", ";lockdown-probe.css", "the same, with a router that cuts the path at a semicolon"),
        )
    ),
    VariantTemplate(name="version-prefix", few=True, reads_only=True, change=path_as(below_version),
          catches="a guard on the paths without a version, and a router that serves them below one too",
          source="older versions of an API that were left in place (OWASP API9:2023)"),
    VariantTemplate(name="version-first", few=True, reads_only=True, change=path_as(version_first),
          catches="the same, with the version before the folder of the API",
          source="older versions of an API that were left in place (OWASP API9:2023)"),
    VariantTemplate(name="encoded-space", change=path_as(lambda path: f"{path}%20"),
          catches="a router that trims what the guard compares", source=_LISTS),
    VariantTemplate(name="encoded-tab", change=path_as(lambda path: f"{path}%09"),
          catches="the same, with a tab", source=_LISTS),
    VariantTemplate(name="encoded-null", change=path_as(lambda path: f"{path}%00"),
          catches="a router that ends the path at a null byte", source=_LISTS),
    VariantTemplate(name="backslash", change=last_slash_as("\\"),
          catches="a router that reads a backslash as a slash", source=_LISTS),
    VariantTemplate(name="bare-question-mark", change=path_as(lambda path: f"{path}?"),
          catches="a guard that compares the target including its query", source=_LISTS),
    VariantTemplate(name="absolute-form", change=as_whole_url,
          catches="a guard that compares the target as it was sent, which may be a whole URL", source=_LISTS),
    *RARE_VARIANTS,
    VariantTemplate(name="locale-prefix", reads_only=True, change=path_as(lambda path: f"/en{path}"),
          catches="a guard on the path without its language", source=_LISTS),
    # --- what Next.js serves of a page besides the page ---------------------------------------------------------------
    VariantTemplate(name="rsc-suffix", reads_only=True, change=path_as(lambda path: f"{path}.rsc"), catches=_RSC,
          source="CVE-2026-44575, and measured on Next.js 16"),
    VariantTemplate(name="segment-suffix", pages_only=True,
          change=path_as(lambda path: f"{path}.segments{path}/__PAGE__.segment.rsc"),
          catches="Next.js before 15.5.18 and 16.2.6 serves a page's segments past its middleware",
          source="CVE-2026-44575"),
    VariantTemplate(name="next-data", pages_only=True,
          change=path_as(lambda path: f"/_next/data/{BUILD_ID}{path}.json"),
          catches="Next.js before 15.5.16 and 16.2.5 serves a page's data past its middleware",
          source="CVE-2026-44573"),
    VariantTemplate(name="next-locale", pages_only=True, change=with_query("__nextLocale=en"),
          catches="Next.js before 14.2.15 skips its middleware for this query", source="CVE-2024-51479"),
    VariantTemplate(name="rsc", pages_only=True, change=with_headers(("RSC", "1")), catches=_RSC,
          source="CVE-2026-44575, and measured on Next.js 16"),
    VariantTemplate(name="rsc-prefetch", pages_only=True,
          change=with_headers(("Purpose", "prefetch"), ("Sec-Purpose", "prefetch"), ("X-Moz", "prefetch")),
          catches="middleware whose matcher excludes prefetches, and a page that is rendered for them too",
          source="the matcher in the documentation of Next.js"),
    VariantTemplate(name="rsc-segment-prefetch", pages_only=True, change=for_page_segment,
          catches="a guard in the middleware that a page's segment is fetched without", source="CVE-2026-44575"),
    VariantTemplate(name="rsc-refetch", pages_only=True, change=for_page_alone,
          catches="a guard in a layout, which a request for the page alone bypasses",
          source="measured on Next.js 15 and 16"),
    VariantTemplate(name="nextjs-data", pages_only=True, change=with_headers(("x-nextjs-data", "1")), catches=_RSC,
          source="CVE-2026-44573"),
    # --- who asks, and from where -------------------------------------------------------------------------------------
    VariantTemplate(name="forwarded-for-loopback", change=with_headers(("X-Forwarded-For", LOOPBACK)),
          catches="a guard that trusts the loopback address, and believes this header", source=_LISTS),
    VariantTemplate(name="other-addresses-loopback", singly=True, change=with_headers(*FROM_THIS_MACHINE),
          catches="the same, by the other headers that carry an address", source=_LISTS),
    VariantTemplate(name="underscore-forwarded-for", change=with_headers(("X_Forwarded_For", LOOPBACK)),
          catches="the same, past a proxy that strips the header by its usual spelling", source="CVE-2025-64484"),
    VariantTemplate(name="forwarded-proto-http", change=with_headers(("X-Forwarded-Proto", "http")),
          catches="a guard that applies only if this header says https", source=_LISTS),
    VariantTemplate(name="forwarded-host", change=with_headers(("X-Forwarded-Host", UNKNOWN_HOST)),
          catches="a guard that is chosen by the host, and believes this header",
          source="measured: Auth.js repeats it while AUTH_URL is unset"),
    VariantTemplate(name="foreign-host", own_control=True, change=for_another_host,
          catches="a guard that is chosen by the host, and an application that answers to any",
          source="measured: Auth.js repeats it while AUTH_URL is unset"),
    VariantTemplate(name="foreign-origin", change=with_headers(("Origin", f"https://{UNKNOWN_HOST}")),
          catches="a guard that lets browsers' cross-origin requests pass", source=_LISTS),
    # --- another path in a header -------------------------------------------------------------------------------------
    VariantTemplate(name="original-url-open", own_control=True,
          change=naming_paths("X-Original-URL", "X-Rewrite-URL", open_path=True),
          catches="a guard that looks at the path in this header", source="CVE-2018-14773"),
    VariantTemplate(name="original-url-guarded", reads_only=True,
          change=naming_paths("X-Original-URL", "X-Rewrite-URL", open_path=False), catches=_REWRITES,
          source="CVE-2018-14773"),
    VariantTemplate(name="forwarded-uri-open", own_control=True,
          change=naming_paths(*_NAMES_OF_PATHS, open_path=True),
          catches="a guard that looks at the path in this header", source=_LISTS),
    VariantTemplate(name="forwarded-uri-guarded", reads_only=True,
          change=naming_paths(*_NAMES_OF_PATHS, open_path=False), catches=_REWRITES,
          source=_LISTS),
    VariantTemplate(name="next-internals", reads_only=True, own_control=True,
          change=naming_paths("x-matched-path", "x-invoke-path", "x-middleware-rewrite", open_path=True),
          catches="internal headers of Next.js that are accepted from clients",
          source="the headers that Next.js strips (server-ipc/utils)"),
    VariantTemplate(name="middleware-next", reads_only=True, change=with_headers(("x-middleware-next", "1")),
          catches="the internal header by which middleware lets a request pass, accepted from clients",
          source="the headers that Next.js strips (server-ipc/utils)"),
    # --- another method -----------------------------------------------------------------------------------------------
    VariantTemplate(name="head", reads_only=True, change=with_method("HEAD"),
          catches="a guard on GET only, where HEAD runs the same handler",
          source="measured on Next.js 16: HEAD runs the handler of GET"),
    VariantTemplate(name="options", change=with_method("OPTIONS"),
          catches="a guard that lets every OPTIONS pass, and a handler that answers it", source=_LISTS),
    VariantTemplate(name="method-override", reads_only=True,
          change=with_headers(
              ("X-HTTP-Method-Override", "HEAD"), ("X-Method-Override", "HEAD"), ("X-HTTP-Method", "HEAD"),
              ("X-Forwarded-Method", "OPTIONS"), ("X-Original-Method", "OPTIONS"),
          ),
          catches="a guard that is chosen by the method in this header", source=_LISTS),
)  # fmt: skip


def variants_of(
    route: Route, promise: Promise, plain: Request, context: MutationContext, depth: Depth, *, represents_guard: bool,
    also: frozenset[str] = frozenset(),
) -> Iterator[tuple[Variant, Request]]:  # fmt: skip
    """Give the variants that make sense for a route, each with its request; `also` are sent to it at standard too."""
    for entry in VARIANTS:
        entry_depth = Depth.DEEP if entry.name in also and depth is Depth.STANDARD else depth
        fits = entry.fits(route, promise, entry_depth, represents_guard=represents_guard)
        mutated = entry.apply(plain, context) if fits else None
        if mutated is None:
            continue
        added = tuple(pair for pair in mutated.headers if pair not in plain.headers)
        variant = Variant(
            name=entry.name,
            headers=added,
            catches=entry.catches,
            source=entry.source,
            own_control=entry.own_control,
            as_client=entry.same_url,
            other_id=entry.files_only,
            is_known_by=entry.is_known_by,
            singly=entry.singly,
        )
        yield variant, mutated
