"""Rare spellings and claims: sent by depth deep alone, to one route of each guard. Data. Pure."""

from __future__ import annotations

from prober.model import Category
from prober.plan.request_mutations import path_as, through_open_folder, with_ending, with_headers
from prober.plan.variant_template import VariantTemplate

_LISTS = "the lists of nomore403 and bypass-url-parser"


def _with_first_part_in_capitals(path: str) -> str | None:
    """Spell the folder in capitals; None where the path has one part."""
    first, slash, rest = path.removeprefix("/").partition("/")
    return f"/{first.upper()}/{rest}" if slash and rest else None


RARE_VARIANTS: tuple[VariantTemplate, ...] = (
    *(
        VariantTemplate(
            name=name, category=Category.SPELLING, few=True, reads_only=True, change=with_ending(end),
            catches=catches, source=source,
        )
        for name, end, catches, source in (
            (
                "encoded-newline", "%0a", "a pattern whose $ also matches before a newline, and a router that trims it",
                "the documentation of re in Python: $ and a newline at the end",
            ),
            ("encoded-return", "%0d", "a router that trims what the guard compares", _LISTS),
            ("encoded-hash", "%23", "a router that decodes the path and cuts it at the #", _LISTS),
            ("encoded-question-mark", "%3f", "a router that decodes the path and cuts it at the question mark", _LISTS),
            ("trailing-dot", ".", "a file system or a router that drops a dot at the end", _LISTS),
        )
    ),
    VariantTemplate(
        name="html-suffix", category=Category.ENDING, few=True, reads_only=True, change=with_ending(".html"),
        catches="a router that reads a suffix as the format, past a guard on the path", source=_LISTS,
    ),
    VariantTemplate(
        name="open-folder-and-back-encoded-slash", category=Category.OPEN_PATH, few=True, reads_only=True,
        change=through_open_folder("..", slash="%2f"),
        catches="a guard that exempts a folder by the beginning of the path, and an application that decodes the slash",
        source="CVE-2021-41773 and its kin: dots that are resolved before slashes are decoded",
    ),
    VariantTemplate(
        name="folder-upper-case", category=Category.SPELLING,
        few=True, reads_only=True, change=path_as(_with_first_part_in_capitals),
        catches="a guard on the beginning of the path that minds case, and a router that does not",
        source="case-insensitive routers: Express's default, ASP.NET",
    ),
    VariantTemplate(
        name="forwarded-for-loopback-ipv6", category=Category.ADDRESS, few=True, reads_only=True,
        change=with_headers(("X-Forwarded-For", "::1"), ("X-Real-IP", "::1"), ("Forwarded", 'for="[::1]"')),
        catches="a guard that trusts the loopback address of IPv6, and believes these headers",
        source="RFC 7239, 6; frameworks that hear of local clients as ::1",
    ),
    VariantTemplate(
        name="localhost-origin", category=Category.HOST,
        few=True, change=with_headers(("Origin", "http://localhost:3000")),
        catches="a guard that lets pages of a developer's own machine pass", source="CWE-942; the MCP specification",
    ),
    VariantTemplate(
        name="null-origin", category=Category.HOST, few=True, reads_only=True, change=with_headers(("Origin", "null")),
        catches="a guard that lets pages without an origin pass, such as those of a file or a sandbox",
        source="reports on CORS that trusts the null origin (CWE-942)",
    ),
)  # fmt: skip
