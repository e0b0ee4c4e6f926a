"""Walls and dead stacks: what may stand where the deployment should, and what a run must say of it. One entry each.

None of them shows whether a door is locked, so that none may be read as 'locked': exit 2, but where the application
itself answers otherwise than promised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.demo import fronts, stacks_second_front, walls
from prober.demo.stack import Stack, unchanged
from prober.model import ExitStatus, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.demo.stack import Front


def _stack(
    name: str, about: str, web: Front, reason: Reason | None = None, *, mcp: Front | None = None,
    exit_status: ExitStatus = ExitStatus.NO_VERDICT,
) -> Stack:  # fmt: skip
    """Put a front before the web app and, unless another is given, before the MCP server."""
    return Stack(name=name, about=about, web=web, mcp=mcp or web, exit_status=exit_status, reason=reason)


_ALL: tuple[Stack, ...] = (
    # --- nobody -------------------------------------------------------------------------------------------------------
    _stack("nothing-listens", "No process listens on either port.", fronts.silence, Reason.REFUSED),
    _stack(
        "mcp-down",
        "The web app is well; nothing listens on the MCP port.",
        unchanged,
        Reason.REFUSED,
        mcp=fronts.silence,
    ),
    _stack(
        "web-down",
        "The MCP server is well; nothing listens on the web port.",
        fronts.silence,
        Reason.REFUSED,
        mcp=unchanged,
    ),
    _stack(
        "hangs-up", "Connections are closed without a byte (nginx 444).", fronts.raw(fronts.hang_up), Reason.PROTOCOL
    ),
    _stack("black-hole", "Requests are taken and never answered.", fronts.raw(fronts.swallow), Reason.TIMEOUT),
    _stack("drip", "An answer comes a header at a time and never ends.", fronts.raw(fronts.drip), Reason.TIMEOUT),
    _stack("health-silent", "The health route never answers; the rest does.", fronts.on_health(None), Reason.TIMEOUT),
    # --- a broken application -----------------------------------------------------------------------------------------
    _stack(
        "boot-check-throws",
        "Next stays up and answers 500 to everything when its boot check throws (001:36).",
        fronts.everywhere(fronts.text(500, "Internal Server Error")),
        Reason.BROKEN,
    ),
    _stack(
        "health-gone",
        "The health route is 404, and the rest as ever.",
        fronts.on_health(
            fronts.html(404, "<html><head><title>404: This page could not be found.</title></head></html>")
        ),
        mcp=unchanged,
        exit_status=ExitStatus.LEAK,
    ),
    _stack(
        "health-broken",
        "The health route is 500, and the rest as ever.",
        fronts.on_health(fronts.text(500, "Internal Server Error")),
        Reason.BROKEN,
        mcp=unchanged,
        exit_status=ExitStatus.LEAK,
    ),
    _stack(
        "mcp-paused",
        "The operator paused MCP: 503 with -32002 (brain.md).",
        unchanged,
        Reason.PAUSED,
        mcp=fronts.but_health(fronts.paused),
    ),
    # --- a gateway ----------------------------------------------------------------------------------------------------
    _stack("gateway-502", "nginx cannot reach the application.", fronts.everywhere(fronts.nginx(502, "Bad Gateway"))),
    _stack(
        "gateway-504",
        "The application takes too long for nginx.",
        fronts.everywhere(fronts.nginx(504, "Gateway Time-out")),
    ),
    _stack("bare-503", "Somebody says 503, and neither who nor why.", fronts.everywhere(fronts.text(503))),
    _stack(
        "cloudflare-522",
        "Cloudflare cannot reach the origin.",
        fronts.everywhere(fronts.html(522, fronts.CLOUDFLARE, server="cloudflare", cf_ray="0-DEMO")),
        Reason.INTERMEDIARY,
    ),
    # --- a wall -------------------------------------------------------------------------------------------------------
    _stack(
        "cloudflare-challenge",
        "Cloudflare takes the prober for a bot: 403.",
        fronts.everywhere(
            fronts.html(403, fronts.CHALLENGE, server="cloudflare", cf_mitigated="challenge", cf_ray="0-DEMO")
        ),
        Reason.INTERMEDIARY,
    ),
    _stack(
        "cloudflare-access",
        "Cloudflare Access sends strangers to its own sign-in.",
        fronts.everywhere(
            fronts.moved(302, "https://demo.cloudflareaccess.com/cdn-cgi/access/login?redirect_url={path}")
        ),
        Reason.INTERMEDIARY,
    ),
    _stack(
        "vercel-protection",
        "Vercel's deployment protection says 401 in the application's place.",
        fronts.everywhere(
            fronts.html(401, fronts.VERCEL, server="Vercel", set_cookie="_vercel_sso_nonce=demo; Path=/; HttpOnly")
        ),
        Reason.INTERMEDIARY,
    ),
    _stack(
        "load-balancer-403",
        "A rule of an AWS load balancer says 403.",
        fronts.everywhere(fronts.html(403, fronts.LOAD_BALANCER, server="awselb/2.0")),
        Reason.INTERMEDIARY,
    ),
    _stack(
        "basic-auth-wall",
        "nginx asks for a password before it passes anything on: 401 everywhere.",
        fronts.everywhere(fronts.nginx(401, "Authorization Required", www_authenticate='Basic realm="staging"')),
        Reason.INTERMEDIARY,
    ),
    _stack(
        "blanket-401",
        "Somebody says 401 to every path, also where nothing is.",
        fronts.everywhere(fronts.unknown_author),
    ),
    _stack(
        "blanket-401-but-health",
        "Somebody says 401 to every path but the health routes.",
        fronts.but_health(fronts.unknown_author),
        Reason.BLANKET,
    ),
    _stack("throttled", "429 to everything, and an hour to wait.", fronts.everywhere(fronts.limited), Reason.THROTTLED),
    _stack(
        "throttled-for-a-while",
        "429 to the first few, and a second to wait; then the application as ever.",
        fronts.at_first(fronts.hurried, times=2),
        mcp=unchanged,
        exit_status=ExitStatus.LOCKED,
    ),
    _stack(
        "gateway-hiccup",
        "nginx loses the first request; then the application as ever.",
        fronts.at_first(fronts.nginx(502, "Bad Gateway"), times=1),
        exit_status=ExitStatus.LOCKED,
    ),
    _stack(
        "captive-portal-302",
        "The network sends everybody to its portal.",
        fronts.everywhere(fronts.moved(302, "http://captive.example.net/login")),
        Reason.INTERMEDIARY,
    ),
    _stack(
        "captive-portal-511",
        "The network wants a sign-in of its own.",
        fronts.everywhere(fronts.html(511, "<html><title>Login</title></html>")),
        Reason.INTERMEDIARY,
    ),
    # --- something else -----------------------------------------------------------------------------------------------
    _stack(
        "single-page-shell",
        "A static host answers 200 and its shell to every path.",
        fronts.everywhere(fronts.html(200, fronts.SHELL)),
    ),
    _stack(
        "https-only",
        "Everything is redirected to https.",
        fronts.everywhere(fronts.moved(308, "https://127.0.0.1{path}")),
        Reason.USE_HTTPS,
    ),
    _stack(
        "moved-away",
        "Everything is redirected to another host.",
        fronts.everywhere(fronts.moved(301, "https://www.example.com{path}")),
        Reason.WRONG_BASE,
    ),
    _stack(
        "wrong-application",
        "Something answers at the health route, and 404 everywhere else.",
        fronts.but_health(fronts.wrong_app),
        Reason.WRONG_BASE,
    ),
)
STACKS: Mapping[str, Stack] = {stack.name: stack for stack in (*_ALL, *stacks_second_front.STACKS, *walls.STACKS)}
