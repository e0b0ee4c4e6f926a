"""The intermediaries that may answer in the application's place. One entry each; a new one is one entry here. Pure.

Each is recognised by what only it sends; its advice is for the operator, and its source says where the signs are from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.judge.signatures import both, error_page, has, matches, no_json, on, says, to
from prober.model.intermediary_names import IntermediaryName

if TYPE_CHECKING:
    from prober.judge.signatures import Sign
    from prober.model import Answered

_UNAUTHORIZED = 401
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
_DEFAULT_BACKEND = b"default backend - 404"
# Where to come back to, as a parameter, and how one came: no sign-in page of an application's own asks for both.
_AUTHELIA = re.compile(r"[?&]rd=https?(:|%3a)[^&]*&rm=[A-Z]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intermediary:
    """Somebody who may answer in the application's place."""

    name: IntermediaryName
    signs: tuple[Sign, ...]  # any of them tells it
    advice: str
    source: str
    limit: Sign | None = None  # what of its own says that a limit bit, and that nothing was passed on


_ORIGIN = "probe the origin itself, past it (its own address under --base-url)"


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


INTERMEDIARIES: tuple[Intermediary, ...] = (
    Intermediary(
        name=IntermediaryName.CLOUDFLARE_ACCESS,
        signs=(to(r"cloudflareaccess\.com"), has("cf-access-domain"), has("www-authenticate", "cloudflare-access")),
        advice="send a service token: --header 'CF-Access-Client-Id: env:…' --header 'CF-Access-Client-Secret: env:…'",
        source="https://developers.cloudflare.com/cloudflare-one/identity/service-tokens/",
    ),
    Intermediary(
        name=IntermediaryName.CLOUDFLARE_CHALLENGE,
        signs=(has("cf-mitigated"), both(has("server", "cloudflare"), says("just a moment"))),
        advice=f"let the prober's User-Agent pass, or {_ORIGIN}",
        source="https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/",
    ),
    Intermediary(
        name=IntermediaryName.CLOUDFLARE,
        signs=(
            lambda answered: 520 <= answered.status <= 530,  # noqa: PLR2004 - its own range of statuses
            both(has("server", "cloudflare"), on(403, 429, 502, 503, 504), says("cloudflare")),
            both(has("server", "cloudflare"), says("error code: 1")),
        ),
        advice=f"see why it cannot reach or does not trust us, or {_ORIGIN}",
        source="https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/",
    ),
    Intermediary(
        name=IntermediaryName.VERCEL_DEPLOYMENT_PROTECTION,
        signs=(
            to(r"vercel\.com"),
            both(on(401), has("set-cookie", "_vercel_sso_nonce")),
            both(on(401, 403), has("server", "vercel"), says("<title>authentication required")),
        ),
        advice="send the bypass secret: --header 'x-vercel-protection-bypass: env:…'",
        source="https://vercel.com/docs/deployment-protection",
    ),
    Intermediary(
        name=IntermediaryName.VERCEL_FIREWALL,
        signs=(has("x-vercel-mitigated"), both(has("server", "vercel"), says("vercel security checkpoint"))),
        advice="let the prober's address or User-Agent pass in the firewall's rules",
        source="https://vercel.com/docs/vercel-firewall",
    ),
    Intermediary(
        name=IntermediaryName.VERCEL,
        signs=(both(on(402, 404, 410, 500, 502, 503, 504, 508), has("x-vercel-error")),),
        advice="see the deployment's own log under the error that it names",
        source="https://vercel.com/docs/errors",
    ),
    Intermediary(
        name=IntermediaryName.AWS_WAF,
        signs=(has("x-amzn-waf-action"), both(on(202, 405), says("awswaf"))),
        advice="let the prober's address pass in the web ACL",
        source="https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge.html",
    ),
    Intermediary(
        name=IntermediaryName.AWS_LOAD_BALANCER,
        signs=(both(has("server", "awselb"), on(400, 401, 403, 405, 460, 463, 500, 502, 503, 504, 561)),),
        advice=f"see its target group and rules, or {_ORIGIN}",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
    ),
    Intermediary(
        name=IntermediaryName.AWS_API_GATEWAY,
        signs=(has("x-amzn-errortype"),),
        advice="check the stage and the path, or send its API key with --header 'x-api-key: env:…'",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
    ),
    Intermediary(
        name=IntermediaryName.CLOUDFRONT,
        signs=(both(has("server", "cloudfront"), on(400, 403, 404, 405, 502, 503, 504), no_json),),
        advice=f"see the distribution's behaviours, or {_ORIGIN}",
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorPages.html",
    ),
    Intermediary(
        name=IntermediaryName.AKAMAI,
        signs=(
            both(has("server", "akamaighost"), on(400, 403, 404, 500, 502, 503, 504)),
            says("errors.edgesuite.net"),
        ),
        advice=f"let the prober's User-Agent pass, or {_ORIGIN}",
        source="https://techdocs.akamai.com/property-mgr/docs/understand-error-ref",
    ),
    Intermediary(
        name=IntermediaryName.FASTLY,
        signs=(both(on(500, 503), says("varnish")), both(on(500, 503), says("fastly error"))),
        advice=f"see the service's back ends, or {_ORIGIN}",
        source="https://www.fastly.com/documentation/guides/concepts/errors/",
    ),
    Intermediary(
        name=IntermediaryName.GOOGLE_IAP,
        signs=(
            has("x-goog-iap-generated-response"),
            both(to(r"accounts\.google\.com"), has("set-cookie", "gcp_iap")),
        ),
        advice="send an OIDC token: --header 'Proxy-Authorization: env:…'",
        source="https://cloud.google.com/iap/docs/authentication-howto",
    ),
    Intermediary(
        name=IntermediaryName.AZURE_APP_SERVICE_AUTHENTICATION,
        signs=(
            both(on(401, 403), matches("www-authenticate", 'realm="[^"]*azurewebsites')),
            both(to(r"login\.(microsoftonline|windows)\.(com|net)"), has("set-cookie", "appserviceauth")),
            both(on(403), says("this web app is stopped")),
        ),
        advice="probe a slot without it, or except the routes from it",
        source="https://learn.microsoft.com/azure/app-service/overview-authentication-authorization",
    ),
    Intermediary(
        name=IntermediaryName.AZURE_FRONT_DOOR,
        signs=(
            both(has("x-azure-ref"), on(403), says("the request is blocked")),
            both(has("x-azure-ref"), on(502, 503, 504), says("our services aren't available")),
        ),
        advice=f"see its back ends and rules, or {_ORIGIN}",
        source="https://learn.microsoft.com/azure/frontdoor/troubleshoot-issues",
    ),
    Intermediary(
        name=IntermediaryName.NETLIFY,
        signs=(
            both(has("server", "netlify"), on(401), says("password")),
            both(has("server", "netlify"), on(404, 502, 503, 504), says("request id")),
        ),
        advice="take off the site's password protection, or check that the site is published",
        source="https://docs.netlify.com/security/secure-access-to-sites/password-protection/",
    ),
    Intermediary(
        name=IntermediaryName.HEROKU,
        signs=(both(on(404, 500, 503), says("herokucdn.com/error-pages")),),
        advice="see the router's error code in the application's log",
        source="https://devcenter.heroku.com/articles/error-pages",
    ),
    Intermediary(
        name=IntermediaryName.RAILWAY,
        signs=(has("x-railway-fallback", "true"),),
        advice="check the domain and that the service is deployed",
        source="https://docs.railway.com/reference/errors/application-failed-to-respond",
    ),
    Intermediary(
        name=IntermediaryName.RENDER,
        signs=(matches("x-render-routing", "^(no-|suspend|hibernate|rate-limit|blocked|dynamic-[a-z]+-error)"),),
        advice="check the domain and that the service is running",
        source="https://render.com/docs/troubleshooting-deploys",
    ),
    Intermediary(
        name=IntermediaryName.GOOGLE_CLOUD_RUN,
        signs=(both(has("server", "google frontend"), on(401, 403, 404, 429, 500, 503), says("<h1>error:")),),
        advice="allow unauthenticated invocations (the service's own guards are probed), or check that it is deployed",
        source="https://cloud.google.com/run/docs/troubleshooting",
    ),
    Intermediary(
        name=IntermediaryName.IMPERVA,
        signs=(both(has("x-iinfo"), says("_incapsula_resource")), both(on(403, 503), says("incapsula incident id"))),
        advice=f"let the prober's address pass, or {_ORIGIN}",
        source="https://docs.imperva.com/bundle/cloud-application-security/page/more/error-pages.htm",
    ),
    Intermediary(
        name=IntermediaryName.DATADOME,
        signs=(both(on(401, 403, 405), has("x-dd-b")), both(on(401, 403, 405), says("captcha-delivery.com"))),
        advice=f"let the prober's User-Agent pass, or {_ORIGIN}",
        source="https://docs.datadome.co/docs/response-page",
    ),
    Intermediary(
        name=IntermediaryName.NGROK,
        signs=(has("ngrok-error-code"),),
        advice="send --header 'ngrok-skip-browser-warning: 1', or see why the tunnel is down",
        source="https://ngrok.com/docs/errors",
    ),
    Intermediary(
        name=IntermediaryName.AUTHELIA,
        signs=(lambda answered: answered.redirects and bool(_AUTHELIA.search(answered.header("location") or "")),),
        advice=f"except the routes with a bypass rule of its access control, or {_ORIGIN}",
        source="https://www.authelia.com/configuration/security/access-control/",
    ),
    Intermediary(
        name=IntermediaryName.AUTHENTIK,
        signs=(lambda answered: "/outpost.goauthentik.io/" in (answered.header("location") or ""),),
        advice=f"except the routes as unauthenticated paths of its proxy provider, or {_ORIGIN}",
        source="https://docs.goauthentik.io/add-secure-apps/providers/proxy/",
    ),
    Intermediary(
        name=IntermediaryName.KUBERNETES_INGRESS,
        signs=(both(on(404), lambda answered: answered.body.strip() == _DEFAULT_BACKEND),),
        advice="check the ingress's host and path: no rule of it leads to the application",
        source="https://kubernetes.github.io/ingress-nginx/user-guide/default-backend/",
    ),
    Intermediary(
        name=IntermediaryName.OAUTH2_PROXY,
        signs=(
            has("set-cookie", "_oauth2_proxy"),
            both(on(401, 403), says("oauth2-proxy")),
            lambda answered: "/oauth2/start" in (answered.header("location") or ""),
        ),
        advice=f"except the routes with --skip-auth-route of that proxy, or {_ORIGIN}",
        source="https://oauth2-proxy.github.io/oauth2-proxy/",
    ),
    Intermediary(
        name=IntermediaryName.CAPTIVE_PORTAL,
        signs=(
            on(_CAPTIVE),
            lambda answered: bool(_PORTAL.match(answered.header("location") or "")),
        ),
        advice="sign in to this network, or probe from another one",
        source="RFC 6585, section 6; RFC 8910",
    ),
    Intermediary(
        name=IntermediaryName.TLS_PORT,
        signs=(
            both(on(400), says("client sent an http request to an https server")),
            both(on(400), says("plain http request was sent to https port")),
            both(on(400), says("speaking plain http to an ssl-enabled server port")),
        ),
        advice="write https:// in the service's URL",
        source="what nginx, Apache and Go's net/http answer there",
    ),
    Intermediary(
        name=IntermediaryName.BASIC_AUTH_WALL,
        signs=(lambda answered: answered.status == _UNAUTHORIZED and _is_basic_wall(answered),),
        advice=f"send its password: --header 'Authorization: …' would hide the probes' own, so {_ORIGIN}",
        source="RFC 7617",
    ),
    Intermediary(
        name=IntermediaryName.NGINX,
        signs=(error_page("<center>nginx"), error_page("<center>openresty")),
        advice="see its error log: it did not pass the request on, or nothing behind it answered",
        source="https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page",
        limit=on(503),  # limit_req_status, unless it is set; for an upstream that is away it says 502 or 504
    ),
    Intermediary(
        name=IntermediaryName.APACHE,
        signs=(both(on(401, 403, 500, 502, 503, 504), says("<address>apache")),),
        advice="see its error log: it did not pass the request on",
        source="https://httpd.apache.org/docs/2.4/mod/core.html#serversignature",
    ),
    Intermediary(
        name=IntermediaryName.CADDY,
        signs=(both(on(502, 503, 504), has("server", "caddy"), no_json),),
        advice="see its log: the application behind it did not answer",
        source="https://caddyserver.com/docs/caddyfile/directives/handle_errors",
    ),
    Intermediary(
        name=IntermediaryName.TRAEFIK,
        signs=(both(on(502, 503, 504), lambda answered: answered.body.strip() == _TRAEFIK),),
        advice="see its log: the application behind it did not answer",
        source="https://doc.traefik.io/traefik/routing/services/",
    ),
    Intermediary(
        name=IntermediaryName.HAPROXY,
        signs=tuple(says("<html><body><h1>", words) for words in _HAPROXY),
        advice="see its log: the application behind it did not answer",
        source="https://docs.haproxy.org/2.8/configuration.html#errorfile",
    ),
    Intermediary(
        name=IntermediaryName.ENVOY,
        signs=(both(on(502, 503, 504), has("server", "envoy"), no_json), both(on(503), says("upstream connect error"))),
        advice="see its log: the application behind it did not answer",
        source="https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/response_code_details",
    ),
)  # fmt: skip
