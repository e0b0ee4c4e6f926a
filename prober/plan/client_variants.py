"""Variants of who asks: the very request as clients send it, and clients that claim to belong here. Pure."""

from __future__ import annotations

from prober.model import Category, Depth
from prober.plan.claims import FROM_INSIDE, IDENTITY
from prober.plan.request_mutations import (
    as_client,
    as_from_own_page,
    as_subrequest,
    for_host,
    for_host_with_dot,
    with_headers,
)
from prober.plan.variant_template import VariantTemplate

_LISTS = "the lists of nomore403 and bypass-url-parser"
# What curl 8 and the browsers of 2026 send. The prober decodes each of the encodings.
_CURL = (("User-Agent", "curl/8.15.0"), ("Accept", "*/*"))
_BROWSER = (
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    ),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Sec-Fetch-Site", "none"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-User", "?1"),
    ("Sec-Fetch-Dest", "document"),
)  # fmt: skip

_ANY = ("Accept", "*/*")
# Several in one, since a guard looks for a part of it.
_MONITORS = "UptimeRobot/2.0 Pingdom.com_bot_version_1.4 Prometheus/3.0 Datadog/Synthetics vercel-cron/1.0"
_CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) bingbot/2.0 facebookexternalhit/1.1 "
    "Twitterbot/1.0 Slackbot 1.0 Applebot/0.1 DuckDuckBot/1.1 GPTBot/1.2"
)
CLIENT_VARIANTS: tuple[VariantTemplate, ...] = (
    # --- the very request, as clients send it -------------------------------------------------------------------------
    VariantTemplate(
        name="as-browser", category=Category.CLIENT,
        same_url=True, own_control=True, depth=Depth.QUICK, change=as_client(*_BROWSER, http2=True),
        catches="a guard that looks at who asks, a cache that answers everybody, another backend over HTTP/2",
        source="bot filters by User-Agent, and web cache deception (CWE-524)",
    ),
    VariantTemplate(
        name="as-curl", category=Category.CLIENT,
        same_url=True, own_control=True, depth=Depth.STANDARD, change=as_client(*_CURL),
        catches="the same, for a script", source="bot filters by User-Agent, and web cache deception (CWE-524)",
    ),
    VariantTemplate(
        name="middleware-subrequest", category=Category.NEXTJS, pages_only=True, depth=Depth.STANDARD,
        change=as_subrequest,
        catches="Next.js before 12.3.5, 13.5.9, 14.2.25 and 15.2.3 skips its middleware for this",
        source="CVE-2025-29927",
    ),
    VariantTemplate(
        name="middleware-subrequest-api", category=Category.NEXTJS,
        once_a_guard=True, no_pages=True, depth=Depth.STANDARD,
        change=as_subrequest,
        catches="the same bypass, where middleware guards an API and not a page", source="CVE-2025-29927",
    ),
    # --- who claims to be one of the application's own: once for each guard at standard -------------------------------
    VariantTemplate(
        name="identity-headers", category=Category.CLAIM,
        singly=True, once_a_guard=True, depth=Depth.STANDARD, change=with_headers(*IDENTITY),
        catches="an application that believes a user's name in a header which only its proxy should set",
        source="CVE-2025-54576; the headers that each proxy documents",
    ),
    VariantTemplate(
        name="from-inside", category=Category.CLAIM,
        singly=True, once_a_guard=True, depth=Depth.STANDARD, change=with_headers(*FROM_INSIDE),
        catches="a guard that trusts private addresses, its own services or a role, and believes such headers",
        source=_LISTS,
    ),
    VariantTemplate(
        name="own-page", category=Category.CLAIM,
        singly=True, once_a_guard=True, depth=Depth.STANDARD, change=as_from_own_page,
        catches="a guard that takes the application's own Origin or Referer for a session, or that stands before pages "
        "and not where a script asks for JSON",
        source="reports on guards by Referer (CWE-293)",
    ),
    VariantTemplate(
        name="host-localhost", category=Category.HOST,
        once_a_guard=True, own_control=True, depth=Depth.STANDARD, change=for_host("localhost"),
        catches="a guard that is switched off for local development, and told so by the host", source=_LISTS,
    ),
    VariantTemplate(
        name="host-trailing-dot", category=Category.HOST, own_control=True, few=True, change=for_host_with_dot,
        catches="a guard that is chosen by the host, and a router that ignores the dot at its end",
        source="RFC 1034, 3.1: the absolute form of a name",
    ),
    *(
        VariantTemplate(
            name=f"as-{name}", category=Category.CLIENT, same_url=True, once_a_guard=True, depth=depth,
            change=as_client(("User-Agent", agent), _ANY),
            catches="a guard that lets health checks or crawlers pass, by the name that they give themselves",
            source="the agents that each service documents",
        )
        for name, agent, depth in (
            ("health-checker", "kube-probe/1.31", Depth.STANDARD), ("load-balancer", "GoogleHC/1.0", Depth.DEEP),
            ("elb-checker", "ELB-HealthChecker/2.0", Depth.DEEP), ("monitor", _MONITORS, Depth.DEEP),
            ("crawler", _CRAWLERS, Depth.DEEP),
        )
    ),
)  # fmt: skip
