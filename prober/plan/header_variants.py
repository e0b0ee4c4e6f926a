"""Headers that say who asks and from where, and those that name another path or host. Data. Pure."""

from __future__ import annotations

from prober.model import Category
from prober.plan.claims import FROM_THIS_MACHINE
from prober.plan.request_mutations import UNKNOWN_HOST, for_host, naming_paths, with_headers
from prober.plan.variant_template import VariantTemplate

_LISTS = "the lists of nomore403 and bypass-url-parser"
_REWRITES = "a front end that guards one path and an application that serves the one in this header"
# By which Traefik, Envoy, nginx (auth_request) and their kin tell a guard which path was asked.
_NAMES_OF_PATHS = ("X-Forwarded-Uri", "X-Envoy-Original-Path", "X-Original-URI", "X-Forwarded-Path")
_LOOPBACK = "127.0.0.1"

HEADER_VARIANTS: tuple[VariantTemplate, ...] = (
    # --- who asks, and from where -------------------------------------------------------------------------------------
    VariantTemplate(name="forwarded-for-loopback", category=Category.ADDRESS,
                    change=with_headers(("X-Forwarded-For", _LOOPBACK)),
          catches="a guard that trusts the loopback address, and believes this header", source=_LISTS),
    VariantTemplate(name="other-addresses-loopback", category=Category.ADDRESS,
                    singly=True, change=with_headers(*FROM_THIS_MACHINE),
          catches="the same, by the other headers that carry an address", source=_LISTS),
    VariantTemplate(name="underscore-forwarded-for", category=Category.ADDRESS,
                    change=with_headers(("X_Forwarded_For", _LOOPBACK)),
          catches="the same, past a proxy that strips the header by its usual spelling", source="CVE-2025-64484"),
    VariantTemplate(name="forwarded-proto-http", category=Category.HOST,
                    change=with_headers(("X-Forwarded-Proto", "http")),
          catches="a guard that applies only if this header says https", source=_LISTS),
    VariantTemplate(name="forwarded-host", category=Category.HOST,
                    change=with_headers(("X-Forwarded-Host", UNKNOWN_HOST)),
          catches="a guard that is chosen by the host, and believes this header",
          source="measured: Auth.js repeats it while AUTH_URL is unset"),
    VariantTemplate(name="foreign-host", category=Category.HOST, own_control=True, change=for_host(UNKNOWN_HOST),
          catches="a guard that is chosen by the host, and an application that answers to any",
          source="measured: Auth.js repeats it while AUTH_URL is unset"),
    VariantTemplate(name="foreign-origin", category=Category.HOST,
                    change=with_headers(("Origin", f"https://{UNKNOWN_HOST}")),
          catches="a guard that lets browsers' cross-origin requests pass", source=_LISTS),
    # --- another path in a header -------------------------------------------------------------------------------------
    VariantTemplate(name="original-url-open", category=Category.PATH_HEADER, own_control=True,
          change=naming_paths("X-Original-URL", "X-Rewrite-URL", open_path=True),
          catches="a guard that looks at the path in this header", source="CVE-2018-14773"),
    VariantTemplate(name="original-url-guarded", category=Category.PATH_HEADER, reads_only=True,
          change=naming_paths("X-Original-URL", "X-Rewrite-URL", open_path=False), catches=_REWRITES,
          source="CVE-2018-14773"),
    VariantTemplate(name="forwarded-uri-open", category=Category.PATH_HEADER, own_control=True,
          change=naming_paths(*_NAMES_OF_PATHS, open_path=True),
          catches="a guard that looks at the path in this header", source=_LISTS),
    VariantTemplate(name="forwarded-uri-guarded", category=Category.PATH_HEADER, reads_only=True,
          change=naming_paths(*_NAMES_OF_PATHS, open_path=False), catches=_REWRITES,
          source=_LISTS),
    VariantTemplate(name="next-internals", category=Category.NEXTJS, reads_only=True, own_control=True,
          change=naming_paths("x-matched-path", "x-invoke-path", "x-middleware-rewrite", open_path=True),
          catches="internal headers of Next.js that are accepted from clients",
          source="the headers that Next.js strips (server-ipc/utils)"),
    VariantTemplate(name="middleware-next", category=Category.NEXTJS, reads_only=True, singly=True,
          change=with_headers(("x-middleware-next", "1"), ("Next-Action", "0" * 42)),
          catches="headers by which middleware lets a request pass, its own or an action's, accepted from clients",
          source="the headers that Next.js strips (server-ipc/utils); only a POST runs an action"),
)  # fmt: skip
