"""Who answered: the application, or a known intermediary in its place. One entry each; a new one is one entry here.

Pure. An intermediary is recognised by what only it sends; what looks like nobody is the application's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.judge.match import json_of

if TYPE_CHECKING:
    from prober.model import Answered

APPLICATION = "application"
GATEWAY = "gateway"  # some proxy that could not reach the application; which one, it does not say
_GATEWAY_STATUSES = frozenset({502, 504})
_UNAVAILABLE = 503
_THROTTLED = 429
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_CAPTIVE = 511
_ERROR_PAGE_HEAD = 2048  # bytes of a body in which an error page has said whose it is

# Servers that applications run in and nobody puts in front of another: their name makes an answer the application's.
APPLICATION_SERVERS = re.compile(
    r"^(uvicorn|gunicorn|werkzeug|hypercorn|daphne|granian|waitress|wsgiserver|tornadoserver|aiohttp|python/|basehttp"
    r"|simplehttp|kestrel|jetty|undertow|puma|webrick|thin|cowboy|mochiweb|actix|axum|warp|next\.js)",
    re.IGNORECASE,
)

_PORTAL = re.compile(r"https?://([^/]*\.)?(captive|portal|hotspot|login\.wifi)[.-]", re.IGNORECASE)
_TRAEFIK = frozenset({b"Bad Gateway", b"Service Unavailable", b"Gateway Timeout", b"no available server"})

Sign = Callable[["Answered"], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intermediary:
    """Somebody who may answer in the application's place."""

    name: str
    signs: tuple[Sign, ...]  # any of them tells it
    advice: str
    source: str


def _status(answered: Answered, *statuses: int) -> bool:
    return answered.status in statuses


def _has(name: str, text: str = "") -> Sign:
    return lambda answered: any(key == name and text in value.lower() for key, value in answered.headers)


def _says(*texts: str) -> Sign:
    return lambda answered: all(text in answered.body[:_ERROR_PAGE_HEAD].lower() for text in map(str.encode, texts))


def _both(*signs: Sign) -> Sign:
    return lambda answered: all(sign(answered) for sign in signs)


def _on(*statuses: int) -> Sign:
    return lambda answered: _status(answered, *statuses)


def _to(host: str) -> Sign:
    pattern = re.compile(rf"^https?://([^/?#@]*\.)?{host}(:\d+)?([/?#]|$)", re.IGNORECASE)
    return lambda answered: answered.redirects and bool(pattern.match(answered.header("location") or ""))


def _error_page(server: str) -> Sign:
    """A server's own page for a status: it names itself in a short HTML body, as no application does."""
    return _both(_on(400, 401, 403, 405, 408, 413, 414, 429, 497, 500, 502, 503, 504), _says("<html", server))


_ORIGIN = "probe the origin itself, past it (its own address under --base-url)"
INTERMEDIARIES: tuple[Intermediary, ...] = (
    Intermediary(
        name="Cloudflare Access",
        signs=(_to(r"cloudflareaccess\.com"), _has("cf-access-domain"), _has("www-authenticate", "cloudflare-access")),
        advice="send a service token: --header 'CF-Access-Client-Id: env:…' --header 'CF-Access-Client-Secret: env:…'",
        source="https://developers.cloudflare.com/cloudflare-one/identity/service-tokens/",
    ),
    Intermediary(
        name="Cloudflare challenge",
        signs=(_has("cf-mitigated"), _both(_has("server", "cloudflare"), _says("just a moment"))),
        advice=f"let the prober's User-Agent pass, or {_ORIGIN}",
        source="https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/",
    ),
    Intermediary(
        name="Cloudflare",
        signs=(
            lambda answered: 520 <= answered.status <= 530,  # noqa: PLR2004 - its own range of statuses
            _both(_has("server", "cloudflare"), _on(403, 429, 502, 503, 504), _says("cloudflare")),
            _both(_has("server", "cloudflare"), _says("error code: 1")),
        ),
        advice=f"see why it cannot reach or does not trust us, or {_ORIGIN}",
        source="https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/",
    ),
    Intermediary(
        name="Vercel deployment protection",
        signs=(
            _to(r"vercel\.com"),
            _both(_on(401), _has("set-cookie", "_vercel_sso_nonce")),
            _both(_on(401, 403), _has("server", "vercel"), _says("vercel", "authentication")),
        ),
        advice="send the bypass secret: --header 'x-vercel-protection-bypass: env:…'",
        source="https://vercel.com/docs/deployment-protection",
    ),
    Intermediary(
        name="Vercel firewall",
        signs=(_has("x-vercel-mitigated"), _both(_has("server", "vercel"), _says("vercel security checkpoint"))),
        advice="let the prober's address or User-Agent pass in the firewall's rules",
        source="https://vercel.com/docs/vercel-firewall",
    ),
    Intermediary(
        name="Vercel",
        signs=(_both(_on(402, 404, 410, 500, 502, 503, 504, 508), _has("x-vercel-error")),),
        advice="see the deployment's own log under the error that it names",
        source="https://vercel.com/docs/errors",
    ),
    Intermediary(
        name="AWS WAF",
        signs=(_has("x-amzn-waf-action"), _both(_on(202, 405), _says("awswaf"))),
        advice="let the prober's address pass in the web ACL",
        source="https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge.html",
    ),
    Intermediary(
        name="AWS load balancer",
        signs=(_both(_has("server", "awselb"), _on(400, 401, 403, 405, 460, 463, 500, 502, 503, 504, 561)),),
        advice=f"see its target group and rules, or {_ORIGIN}",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
    ),
    Intermediary(
        name="AWS API Gateway",
        signs=(_has("x-amzn-errortype"),),
        advice="check the stage and the path, or send its API key with --header 'x-api-key: env:…'",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
    ),
    Intermediary(
        name="CloudFront",
        signs=(_both(_has("server", "cloudfront"), _on(400, 403, 404, 405, 502, 503, 504)),),
        advice=f"see the distribution's behaviours, or {_ORIGIN}",
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorPages.html",
    ),
    Intermediary(
        name="Akamai",
        signs=(
            _both(_has("server", "akamaighost"), _on(400, 403, 404, 500, 502, 503, 504)),
            _says("errors.edgesuite.net"),
        ),
        advice=f"let the prober's User-Agent pass, or {_ORIGIN}",
        source="https://techdocs.akamai.com/property-mgr/docs/understand-error-ref",
    ),
    Intermediary(
        name="Fastly",
        signs=(_both(_on(500, 503), _says("varnish")), _both(_on(500, 503), _says("fastly error"))),
        advice=f"see the service's back ends, or {_ORIGIN}",
        source="https://www.fastly.com/documentation/guides/concepts/errors/",
    ),
    Intermediary(
        name="Google IAP",
        signs=(
            _has("x-goog-iap-generated-response"),
            _both(_to(r"accounts\.google\.com"), _has("set-cookie", "gcp_iap")),
        ),
        advice="send an OIDC token: --header 'Proxy-Authorization: env:…'",
        source="https://cloud.google.com/iap/docs/authentication-howto",
    ),
    Intermediary(
        name="Azure App Service authentication",
        signs=(
            _both(_on(401, 403), _has("www-authenticate", "azurewebsites")),
            _both(_to(r"login\.(microsoftonline|windows)\.(com|net)"), _has("set-cookie", "appserviceauth")),
            _both(_on(403), _says("this web app is stopped")),
        ),
        advice="probe a slot without it, or except the routes from it",
        source="https://learn.microsoft.com/azure/app-service/overview-authentication-authorization",
    ),
    Intermediary(
        name="Azure Front Door",
        signs=(
            _both(_has("x-azure-ref"), _on(403), _says("the request is blocked")),
            _both(_has("x-azure-ref"), _on(502, 503, 504), _says("our services aren't available")),
        ),
        advice=f"see its back ends and rules, or {_ORIGIN}",
        source="https://learn.microsoft.com/azure/frontdoor/troubleshoot-issues",
    ),
    Intermediary(
        name="Netlify",
        signs=(
            _both(_has("server", "netlify"), _on(401), _says("password")),
            _both(_has("server", "netlify"), _on(404, 502, 503, 504), _says("request id")),
        ),
        advice="take off the site's password protection, or check that the site is published",
        source="https://docs.netlify.com/security/secure-access-to-sites/password-protection/",
    ),
    Intermediary(
        name="oauth2-proxy",
        signs=(
            _has("set-cookie", "_oauth2_proxy"),
            _both(_on(401, 403), _says("oauth2-proxy")),
            lambda answered: "/oauth2/start" in (answered.header("location") or ""),
        ),
        advice=f"except the routes with --skip-auth-route of that proxy, or {_ORIGIN}",
        source="https://oauth2-proxy.github.io/oauth2-proxy/",
    ),
    Intermediary(
        name="a captive portal",
        signs=(
            _on(_CAPTIVE),
            lambda answered: bool(_PORTAL.match(answered.header("location") or "")),
        ),
        advice="sign in to this network, or probe from another one",
        source="RFC 6585, section 6; RFC 8910",
    ),
    Intermediary(
        name="a Basic-auth wall",
        signs=(lambda answered: answered.status == _UNAUTHORIZED and _is_basic_wall(answered),),
        advice=f"send its password: --header 'Authorization: …' would hide the probes' own, so {_ORIGIN}",
        source="RFC 7617",
    ),
    Intermediary(
        name="nginx",
        signs=(_error_page("<center>nginx"), _error_page("<center>openresty")),
        advice="see its error log: it did not pass the request on",
        source="https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page",
    ),
    Intermediary(
        name="Apache",
        signs=(_both(_on(401, 403, 500, 502, 503, 504), _says("<address>apache")),),
        advice="see its error log: it did not pass the request on",
        source="https://httpd.apache.org/docs/2.4/mod/core.html#serversignature",
    ),
    Intermediary(
        name="Caddy",
        signs=(_both(_on(502, 503, 504), _has("server", "caddy")),),
        advice="see its log: the application behind it did not answer",
        source="https://caddyserver.com/docs/caddyfile/directives/handle_errors",
    ),
    Intermediary(
        name="Traefik",
        signs=(_both(_on(502, 503, 504), lambda answered: answered.body.strip() in _TRAEFIK),),
        advice="see its log: the application behind it did not answer",
        source="https://doc.traefik.io/traefik/routing/services/",
    ),
    Intermediary(
        name="HAProxy",
        signs=(_both(_on(400, 403, 408, 429, 500, 502, 503, 504), _says("<html><body><h1>", "</h1>")),),
        advice="see its log: the application behind it did not answer",
        source="https://docs.haproxy.org/2.8/configuration.html#errorfile",
    ),
    Intermediary(
        name="Envoy",
        signs=(_both(_on(502, 503, 504), _has("server", "envoy")), _both(_on(503), _says("upstream connect error"))),
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
