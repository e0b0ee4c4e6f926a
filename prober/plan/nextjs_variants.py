"""What Next.js serves of a page besides the page, and by which data its client asks. Data. Pure."""

from __future__ import annotations

from prober.model import BUILD_ID, Category
from prober.plan.request_mutations import for_page_alone, for_page_segment, path_as, with_headers, with_query
from prober.plan.variant_template import VariantTemplate

_RSC = "a guard in the page that the data for the client's router is fetched without"

NEXTJS_VARIANTS: tuple[VariantTemplate, ...] = (
    VariantTemplate(name="rsc-suffix", category=Category.NEXTJS,
                    reads_only=True, change=path_as(lambda path: f"{path}.rsc"), catches=_RSC,
          source="CVE-2026-44575, and measured on Next.js 16"),
    VariantTemplate(name="segment-suffix", category=Category.NEXTJS, pages_only=True,
          change=path_as(lambda path: f"{path}.segments{path}/__PAGE__.segment.rsc"),
          catches="Next.js before 15.5.18 and 16.2.6 serves a page's segments past its middleware",
          source="CVE-2026-44575"),
    VariantTemplate(name="next-data", category=Category.NEXTJS, pages_only=True,
          change=path_as(lambda path: f"/_next/data/{BUILD_ID}{path}.json"),
          catches="Next.js before 15.5.16 and 16.2.5 serves a page's data past its middleware",
          source="CVE-2026-44573"),
    VariantTemplate(name="next-locale", category=Category.NEXTJS, pages_only=True, change=with_query("__nextLocale=en"),
          catches="Next.js before 14.2.15 skips its middleware for this query", source="CVE-2024-51479"),
    VariantTemplate(name="rsc", category=Category.NEXTJS,
                    pages_only=True, change=with_headers(("RSC", "1")), catches=_RSC,
          source="CVE-2026-44575, and measured on Next.js 16"),
    VariantTemplate(name="rsc-prefetch", category=Category.NEXTJS, pages_only=True,
          change=with_headers(("Purpose", "prefetch"), ("Sec-Purpose", "prefetch"), ("X-Moz", "prefetch")),
          catches="middleware whose matcher excludes prefetches, and a page that is rendered for them too",
          source="the matcher in the documentation of Next.js"),
    VariantTemplate(name="rsc-segment-prefetch", category=Category.NEXTJS, pages_only=True, change=for_page_segment,
          catches="a guard in the middleware that a page's segment is fetched without", source="CVE-2026-44575"),
    VariantTemplate(name="rsc-refetch", category=Category.NEXTJS, pages_only=True, change=for_page_alone,
          catches="a guard in a layout, which a request for the page alone bypasses",
          source="measured on Next.js 15 and 16"),
    VariantTemplate(name="nextjs-data", category=Category.NEXTJS,
                    pages_only=True, change=with_headers(("x-nextjs-data", "1")), catches=_RSC,
          source="CVE-2026-44573"),
)  # fmt: skip
