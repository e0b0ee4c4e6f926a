"""Rare spellings and claims: sent by depth deep alone, to one route of each guard. Data. Pure."""

from __future__ import annotations

from prober.model import Category
from prober.plan.exempt_places import through_folder, through_open_folder
from prober.plan.method_mutations import as_form, as_plain_text
from prober.plan.request_mutations import (
    for_host,
    path_as,
    with_ending,
    with_header_replaced,
    with_headers,
    with_query,
)
from prober.plan.variant_template import VariantTemplate

_LISTS = "the lists of nomore403 and bypass-url-parser"
# By which applications switch their guard off for their own developers: each is a parameter of its own.
_FLAGS = (
    "debug", "admin", "is_admin", "isAdmin", "test", "dev", "preview", "draft", "internal", "bypass", "noauth",
    "skip_auth", "public", "demo", "guest",
)  # fmt: skip


def _flags(value: str) -> str:
    return "&".join(f"{flag}={value}" for flag in _FLAGS)


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
    *(
        VariantTemplate(
            name=f"flags-{value}", category=Category.FLAG,
            few=True, reads_only=True, change=with_query(_flags(value) + more),
            catches="a guard that a parameter of the query switches off", source="CWE-489; the parameters of Arjun",
        )
        for value, more in (("true", ""), ("1", "&_rsc=1"))
    ),
    *(
        VariantTemplate(
            name=name, category=Category.OPEN_PATH, few=True, reads_only=True, change=through_folder(way),
            catches="a guard that exempts the folder of static files by the beginning of the path", source=source,
        )
        for name, way, source in (
            ("static-folder-and-back", "/static/..", "CVE-2024-34351 and its kin: exemptions by prefix"),
            ("next-static-folder-and-back", "/_next/static/../..", "the matcher in the documentation of Next.js"),
            ("static-folder-and-back-semicolon", "/static/..;", _LISTS),
        )
    ),
    VariantTemplate(
        name="forwarded-host-localhost", category=Category.HOST, few=True, reads_only=True, singly=True,
        change=with_headers(
            ("X-Forwarded-Host", "localhost"), ("X-Original-Host", "localhost"), ("X-Host", "localhost"),
            ("X-Forwarded-Server", "localhost"), ("Forwarded", "host=localhost"),
        ),
        catches="a guard that is switched off for local development, and told so by a header", source=_LISTS,
    ),
    VariantTemplate(
        name="host-loopback", category=Category.HOST,
        few=True, reads_only=True, own_control=True, change=for_host("127.0.0.1"),
        catches="the same, where the host is this machine's address", source=_LISTS,
    ),
    VariantTemplate(
        name="event-stream", category=Category.FLAG,
        few=True, reads_only=True, change=with_header_replaced("Accept", "text/event-stream"),
        catches="a stream of events that is opened before the guard looks, or past it",
        source="the MCP specification; EventSource can send no Authorization header",
    ),
    *(
        VariantTemplate(
            name=name, category=Category.METHOD, posts_only=True, own_control=True, change=change,
            catches="a guard that looks at bodies of JSON only, and a handler that also takes others", source=source,
        )
        for name, change, source in (
            ("text-for-json", as_plain_text, "GraphQL and CSRF: a POST without a preflight"),
            ("form-for-json", as_form, "body parsers that take forms as well"),
        )
    ),
)  # fmt: skip
