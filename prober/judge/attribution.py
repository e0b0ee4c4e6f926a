"""Who answered: the application, or a known intermediary in its place. One entry each; a new one is one entry here.

Pure. An intermediary is recognised by what only it sends; what looks like nobody is the application's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.judge.match import json_of
from prober.judge.signs import ERROR_PAGE_HEAD, both, error_page, has, matches, no_json, on, says, to

if TYPE_CHECKING:
    from prober.judge.signs import Sign
    from prober.model import Answered

APPLICATION = "application"
GATEWAY = "gateway"  # some proxy that could not reach the application; which one, it does not say
_GATEWAY_STATUSES = frozenset({502, 504})
_UNAVAILABLE = 503
_THROTTLED = 429
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_CAPTIVE = 511

# Servers that applications run in and nobody puts in front of another: their name makes an answer the application's.
APPLICATION_SERVERS = re.compile(
    r"^(uvicorn|gunicorn|werkzeug|hypercorn|daphne|granian|waitress|wsgiserver|tornadoserver|aiohttp|python/|basehttp"
    r"|simplehttp|kestrel|jetty|undertow|puma|webrick|thin|cowboy|mochiweb|actix|axum|warp|next\.js)",
    re.IGNORECASE,
)

_PORTAL = re.compile(r"https?://([^/]*\.)?(captive|hotspot|login\.wifi)[.-]", re.IGNORECASE)
_HAPROXY = (
    "no server is available", "request forbidden by administrative rules", "your browser sent an invalid request",
    "the server didn't respond in time", "the server returned an invalid or incomplete response",
    "your browser didn't send a complete request", "you have sent too many requests",
)  # fmt: skip
_TRAEFIK = b"no available server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intermediary:
    """Somebody who may answer in the application's place."""

    name: str
    signs: tuple[Sign, ...]  # any of them tells it
    advice: str
    source: str


_ORIGIN = "probe the origin itself, past it (its own address under --base-url)"
# What only the applications say when they refuse: the Brain Platform's own codes, and JSON-RPC, which no proxy speaks.
APPLICATION_WORDS = (b'"not_signed_in"', b"auth_not_configured", b'"admin_required"', b'"jsonrpc"')

INTERMEDIARIES: tuple[Intermediary, ...] = (
    Intermediary(
        name="Cloudflare Access",
        signs=(to(r"cloudflareaccess\.com"), has("cf-access-domain"), has("www-authenticate", "cloudflare-access")),
        advice="send a service token: --header 'CF-Access-Client-Id: env:…' --header 'CF-Access-Client-Secret: env:…'",
        source="https://developers.cloudflare.com/cloudflare-one/identity/service-tokens/",
    ),
    Intermediary(
        name="Cloudflare challenge",
        signs=(has("cf-mitigated"), both(has("server", "cloudflare"), says("just a moment"))),
        advice=f"let the prober's User-Agent pass, or {_ORIGIN}",
        source="https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/",
    ),
    Intermediary(
        name="Cloudflare",
        signs=(
            lambda answered: 520 <= answered.status <= 530,  # noqa: PLR2004 - its own range of statuses
            both(has("server", "cloudflare"), on(403, 429, 502, 503, 504), says("cloudflare")),
            both(has("server", "cloudflare"), says("error code: 1")),
        ),
        advice=f"see why it cannot reach or does not trust us, or {_ORIGIN}",
        source="https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/",
    ),
    Intermediary(
        name="Vercel deployment protection",
        signs=(
            to(r"vercel\.com"),
            both(on(401), has("set-cookie", "_vercel_sso_nonce")),
            both(on(401, 403), has("server", "vercel"), says("<title>authentication required")),
        ),
        advice="send the bypass secret: --header 'x-vercel-protection-bypass: env:…'",
        source="https://vercel.com/docs/deployment-protection",
    ),
    Intermediary(
        name="Vercel firewall",
        signs=(has("x-vercel-mitigated"), both(has("server", "vercel"), says("vercel security checkpoint"))),
        advice="let the prober's address or User-Agent pass in the firewall's rules",
        source="https://vercel.com/docs/vercel-firewall",
    ),
    Intermediary(
        name="Vercel",
        signs=(both(on(402, 404, 410, 500, 502, 503, 504, 508), has("x-vercel-error")),),
        advice="see the deployment's own log under the error that it names",
        source="https://vercel.com/docs/errors",
    ),
    Intermediary(
        name="AWS WAF",
        signs=(has("x-amzn-waf-action"), both(on(202, 405), says("awswaf"))),
        advice="let the prober's address pass in the web ACL",
        source="https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge.html",
    ),
    Intermediary(
        name="AWS load balancer",
        signs=(both(has("server", "awselb"), on(400, 401, 403, 405, 460, 463, 500, 502, 503, 504, 561)),),
        advice=f"see its target group and rules, or {_ORIGIN}",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
    ),
    Intermediary(
        name="AWS API Gateway",
        signs=(has("x-amzn-errortype"),),
        advice="check the stage and the path, or send its API key with --header 'x-api-key: env:…'",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
    ),
    Intermediary(
        name="CloudFront",
        signs=(both(has("server", "cloudfront"), on(400, 403, 404, 405, 502, 503, 504), no_json),),
        advice=f"see the distribution's behaviours, or {_ORIGIN}",
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorPages.html",
    ),
    Intermediary(
        name="Akamai",
        signs=(
            both(has("server", "akamaighost"), on(400, 403, 404, 500, 502, 503, 504)),
            says("errors.edgesuite.net"),
        ),
        advice=f"let the prober's User-Agent pass, or {_ORIGIN}",
        source="https://techdocs.akamai.com/property-mgr/docs/understand-error-ref",
    ),
    Intermediary(
        name="Fastly",
        signs=(both(on(500, 503), says("varnish")), both(on(500, 503), says("fastly error"))),
        advice=f"see the service's back ends, or {_ORIGIN}",
        source="https://www.fastly.com/documentation/guides/concepts/errors/",
    ),
    Intermediary(
        name="Google IAP",
        signs=(
            has("x-goog-iap-generated-response"),
            both(to(r"accounts\.google\.com"), has("set-cookie", "gcp_iap")),
        ),
        advice="send an OIDC token: --header 'Proxy-Authorization: env:…'",
        source="https://cloud.google.com/iap/docs/authentication-howto",
    ),
    Intermediary(
        name="Azure App Service authentication",
        signs=(
            both(on(401, 403), matches("www-authenticate", 'realm="[^"]*azurewebsites')),
            both(to(r"login\.(microsoftonline|windows)\.(com|net)"), has("set-cookie", "appserviceauth")),
            both(on(403), says("this web app is stopped")),
        ),
        advice="probe a slot without it, or except the routes from it",
        source="https://learn.microsoft.com/azure/app-service/overview-authentication-authorization",
    ),
    Intermediary(
        name="Azure Front Door",
        signs=(
            both(has("x-azure-ref"), on(403), says("the request is blocked")),
            both(has("x-azure-ref"), on(502, 503, 504), says("our services aren't available")),
        ),
        advice=f"see its back ends and rules, or {_ORIGIN}",
        source="https://learn.microsoft.com/azure/frontdoor/troubleshoot-issues",
    ),
    Intermediary(
        name="Netlify",
        signs=(
            both(has("server", "netlify"), on(401), says("password")),
            both(has("server", "netlify"), on(404, 502, 503, 504), says("request id")),
        ),
        advice="take off the site's password protection, or check that the site is published",
        source="https://docs.netlify.com/security/secure-access-to-sites/password-protection/",
    ),
    Intermediary(
        name="oauth2-proxy",
        signs=(
            has("set-cookie", "_oauth2_proxy"),
            both(on(401, 403), says("oauth2-proxy")),
            lambda answered: "/oauth2/start" in (answered.header("location") or ""),
        ),
        advice=f"except the routes with --skip-auth-route of that proxy, or {_ORIGIN}",
        source="https://oauth2-proxy.github.io/oauth2-proxy/",
    ),
    Intermediary(
        name="a captive portal",
        signs=(
            on(_CAPTIVE),
            lambda answered: bool(_PORTAL.match(answered.header("location") or "")),
        ),
        advice="sign in to this network, or probe from another one",
        source="RFC 6585, section 6; RFC 8910",
    ),
    Intermediary(
        name="a TLS port, spoken to without TLS",
        signs=(
            both(on(400), says("client sent an http request to an https server")),
            both(on(400), says("plain http request was sent to https port")),
            both(on(400), says("speaking plain http to an ssl-enabled server port")),
        ),
        advice="write https:// in the service's URL",
        source="what nginx, Apache and Go's net/http answer there",
    ),
    Intermediary(
        name="a Basic-auth wall",
        signs=(lambda answered: answered.status == _UNAUTHORIZED and _is_basic_wall(answered),),
        advice=f"send its password: --header 'Authorization: …' would hide the probes' own, so {_ORIGIN}",
        source="RFC 7617",
    ),
    Intermediary(
        name="nginx",
        signs=(error_page("<center>nginx"), error_page("<center>openresty")),
        advice="see its error log: it did not pass the request on",
        source="https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page",
    ),
    Intermediary(
        name="Apache",
        signs=(both(on(401, 403, 500, 502, 503, 504), says("<address>apache")),),
        advice="see its error log: it did not pass the request on",
        source="https://httpd.apache.org/docs/2.4/mod/core.html#serversignature",
    ),
    Intermediary(
        name="Caddy",
        signs=(both(on(502, 503, 504), has("server", "caddy"), no_json),),
        advice="see its log: the application behind it did not answer",
        source="https://caddyserver.com/docs/caddyfile/directives/handle_errors",
    ),
    Intermediary(
        name="Traefik",
        signs=(both(on(502, 503, 504), lambda answered: answered.body.strip() == _TRAEFIK),),
        advice="see its log: the application behind it did not answer",
        source="https://doc.traefik.io/traefik/routing/services/",
    ),
    Intermediary(
        name="HAProxy",
        signs=tuple(says("<html><body><h1>", words) for words in _HAPROXY),
        advice="see its log: the application behind it did not answer",
        source="https://docs.haproxy.org/2.8/configuration.html#errorfile",
    ),
    Intermediary(
        name="Envoy",
        signs=(both(on(502, 503, 504), has("server", "envoy"), no_json), both(on(503), says("upstream connect error"))),
        advice="see its log: the application behind it did not answer",
        source="https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/response_code_details",
    ),
)  # fmt: skip


def attribute(answered: Answered) -> str:
    """Name who answered: an intermediary, some gateway, or the application."""
    found = next((known.name for known in INTERMEDIARIES if any(sign(answered) for sign in known.signs)), None)
    if found:
        return found
    if answered.status in _GATEWAY_STATUSES:
        return GATEWAY
    if answered.status == _UNAVAILABLE and not isinstance(json_of(answered), dict):
        return GATEWAY  # a bare 503: an application that means it says why
    return APPLICATION


def advice_on(name: str) -> str:
    """Say what the operator can do about an intermediary."""
    return next(
        (known.advice for known in INTERMEDIARIES if known.name == name), "see why it could not reach the application"
    )


def is_throttle(answered: Answered) -> bool:
    """Say whether this answer asks for patience, whoever gave it."""
    return answered.status == _THROTTLED


def speaks_as_application(answered: Answered) -> bool:
    """Say whether the body is in words that only the applications themselves use, never something in front of them."""
    return any(word in answered.body[:ERROR_PAGE_HEAD] for word in APPLICATION_WORDS)


def is_application_server(answered: Answered) -> bool:
    """Say whether the answer names a server that applications themselves run in."""
    return bool(APPLICATION_SERVERS.match(answered.header("server") or answered.header("x-powered-by") or ""))


def _is_basic_wall(answered: Answered) -> bool:
    """A Basic challenge and a page for people: a proxy's wall. An API that speaks Basic answers in its own format."""
    challenges = [value.lower() for key, value in answered.headers if key == "www-authenticate"]
    if not challenges or not all(challenge.startswith("basic") for challenge in challenges):
        return False
    kind = (answered.header("content-type") or "").lower()
    return not is_application_server(answered) and ("html" in kind or not answered.body.strip() or "text/plain" in kind)
