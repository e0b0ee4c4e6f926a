"""What its operator runs in front of an application, and the networks in between: proxies, gateways, portals. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.judge.intermediary import PROBE_THE_ORIGIN, Intermediary, is_application_server
from prober.judge.signatures import both, error_page, has, no_json, on, says
from prober.model.intermediary_names import IntermediaryName

if TYPE_CHECKING:
    from prober.model import Answered

_UNAUTHORIZED = 401
_CAPTIVE = 511
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


def _is_basic_wall(answered: Answered) -> bool:
    """A Basic challenge and a page for people: a proxy's wall. An API that speaks Basic answers in its own format."""
    challenges = [value.lower() for key, value in answered.headers if key == "www-authenticate"]
    if not challenges or not all(challenge.startswith("basic") for challenge in challenges):
        return False
    kind = (answered.header("content-type") or "").lower()
    return not is_application_server(answered) and ("html" in kind or not answered.body.strip() or "text/plain" in kind)


SELF_RUN: tuple[Intermediary, ...] = (
    Intermediary(
        name=IntermediaryName.AUTHELIA,
        signs=(lambda answered: answered.redirects and bool(_AUTHELIA.search(answered.header("location") or "")),),
        advice=f"except the routes with a bypass rule of its access control, or {PROBE_THE_ORIGIN}",
        source="https://www.authelia.com/configuration/security/access-control/",
    ),
    Intermediary(
        name=IntermediaryName.AUTHENTIK,
        signs=(lambda answered: "/outpost.goauthentik.io/" in (answered.header("location") or ""),),
        advice=f"except the routes as unauthenticated paths of its proxy provider, or {PROBE_THE_ORIGIN}",
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
        advice=f"except the routes with --skip-auth-route of that proxy, or {PROBE_THE_ORIGIN}",
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
        advice=f"send its password: --header 'Authorization: …' would hide the probes' own, so {PROBE_THE_ORIGIN}",
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
