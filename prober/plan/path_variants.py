"""The path of a request spelled otherwise: another form, an ending, a version or a language. Data. Pure."""

from __future__ import annotations

from prober.model import Category
from prober.plan.request_mutations import (
    as_whole_url,
    below_version,
    last_part_as,
    last_slash_as,
    path_as,
    version_first,
    with_encoded_letter,
    with_ending,
)
from prober.plan.variant_template import VariantTemplate

_LISTS = "the lists of nomore403 and bypass-url-parser"

PATH_VARIANTS: tuple[VariantTemplate, ...] = (
    VariantTemplate(name="trailing-slash", category=Category.SPELLING,
                    change=path_as(lambda path: None if path.endswith("/") else f"{path}/"),
          catches="a guard on the exact path, and a router that ignores a trailing slash", source=_LISTS),
    VariantTemplate(name="leading-double-slash", category=Category.SPELLING, change=path_as(lambda path: f"/{path}"),
          catches="a guard on the path's beginning, and a router that drops empty parts", source="CVE-2026-29087"),
    VariantTemplate(name="inner-double-slash", category=Category.SPELLING, change=last_slash_as("//"),
          catches="the same, further inside the path", source="CVE-2026-33808"),
    VariantTemplate(name="dot-segment", category=Category.SPELLING, change=path_as(lambda path: f"/.{path}"),
          catches="a guard that compares the path before its dots are resolved", source=_LISTS),
    VariantTemplate(name="dot-dot-segment", category=Category.SPELLING,
                    change=path_as(lambda path: f"/lockdown-probe/..{path}"),
          catches="the same, through a folder and back", source=_LISTS),
    VariantTemplate(name="encoded-dot-dot-segment", category=Category.SPELLING,
                    change=path_as(lambda path: f"/lockdown-probe/%2e%2e{path}"),
          catches="the same, with dots that only the application decodes", source=_LISTS),
    VariantTemplate(name="encoded-slash", category=Category.SPELLING, change=last_slash_as("%2f"),
          catches="a guard that sees one part where the router, decoding, sees two", source="CVE-2026-39406"),
    VariantTemplate(name="encoded-letter", category=Category.SPELLING, change=last_part_as(with_encoded_letter),
          catches="a guard that compares the path before it is decoded", source=_LISTS),
    VariantTemplate(name="upper-case", category=Category.SPELLING, change=last_part_as(str.upper),
          catches="a case-sensitive guard, and a case-insensitive router", source=_LISTS),
    VariantTemplate(name="semicolon", category=Category.SPELLING, change=path_as(lambda path: f"{path};"),
          catches="a router that cuts the path at a semicolon, as servlets do", source=_LISTS),
    VariantTemplate(name="semicolon-parameter", category=Category.SPELLING, change=path_as(lambda path: f"{path};x=1"),
          catches="the same, with a parameter behind it", source=_LISTS),
    VariantTemplate(name="json-suffix", category=Category.ENDING, change=path_as(lambda path: f"{path}.json"),
          catches="a router that reads a suffix as the format, past a guard on the exact path", source=_LISTS),
    *(
        VariantTemplate(name=name, category=Category.ENDING, few=True, reads_only=True, change=with_ending(end),
              catches="middleware that leaves files out by their ending, and a router that forgives it", source=source)
        for name, end, source in (
            ("static-suffix", ".css", "matchers that leave out every path with such an ending; web cache deception"),
            ("static-file-below", "/lockdown-probe.css", "the same, with a router that reads the rest as parameters"),
            ("static-parameter", ";lockdown-probe.css", "the same, with a router that cuts the path at a semicolon"),
        )
    ),
    VariantTemplate(name="version-prefix", category=Category.ENDING,
                    few=True, reads_only=True, change=path_as(below_version),
          catches="a guard on the paths without a version, and a router that serves them below one too",
          source="older versions of an API that were left in place (OWASP API9:2023)"),
    VariantTemplate(name="version-first", category=Category.ENDING,
                    few=True, reads_only=True, change=path_as(version_first),
          catches="the same, with the version before the folder of the API",
          source="older versions of an API that were left in place (OWASP API9:2023)"),
    VariantTemplate(name="encoded-space", category=Category.SPELLING, change=path_as(lambda path: f"{path}%20"),
          catches="a router that trims what the guard compares", source=_LISTS),
    VariantTemplate(name="encoded-tab", category=Category.SPELLING, change=path_as(lambda path: f"{path}%09"),
          catches="the same, with a tab", source=_LISTS),
    VariantTemplate(name="encoded-null", category=Category.SPELLING, change=path_as(lambda path: f"{path}%00"),
          catches="a router that ends the path at a null byte", source=_LISTS),
    VariantTemplate(name="backslash", category=Category.SPELLING, change=last_slash_as("\\"),
          catches="a router that reads a backslash as a slash", source=_LISTS),
    VariantTemplate(name="bare-question-mark", category=Category.SPELLING, change=path_as(lambda path: f"{path}?"),
          catches="a guard that compares the target including its query", source=_LISTS),
    VariantTemplate(name="absolute-form", category=Category.SPELLING, change=as_whole_url,
          catches="a guard that compares the target as it was sent, which may be a whole URL", source=_LISTS),
    VariantTemplate(name="locale-prefix", category=Category.ENDING,
                    reads_only=True, change=path_as(lambda path: f"/en{path}"),
          catches="a guard on the path without its language", source=_LISTS),
)  # fmt: skip
