"""What each known intermediary says in the application's place, as the products say it. One entry each."""

from __future__ import annotations

from dataclasses import dataclass

from prober.demo import fronts
from prober.demo.stack import Stack
from prober.model import ExitStatus, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """One answer of one product."""

    name: str
    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def _page(title: str, text: str = "") -> str:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>"


WALLS: tuple[Wall, ...] = (
    Wall(name="vercel-firewall", status=403, body="Forbidden", headers=(("x-vercel-mitigated", "deny"),)),
    Wall(name="vercel-not-found", status=404, body="NOT_FOUND", headers=(("x-vercel-error", "DEPLOYMENT_NOT_FOUND"),)),
    Wall(name="aws-waf", status=405, body=_page("Human Verification", "awswaf"), headers=(("x-amzn-waf-action", "captcha"),)),
    Wall(name="aws-load-balancer-503", status=503, body=_page("503 Service Temporarily Unavailable"), headers=(("server", "awselb/2.0"),)),
    Wall(name="aws-api-gateway", status=403, body='{"message":"Forbidden"}', headers=(("x-amzn-errortype", "ForbiddenException"),)),
    Wall(name="cloudfront", status=403, body=_page("ERROR: The request could not be satisfied"), headers=(("server", "CloudFront"),)),
    Wall(name="akamai", status=403, body=_page("Access Denied", "errors.edgesuite.net"), headers=(("server", "AkamaiGHost"),)),
    Wall(name="fastly", status=503, body=_page("503 first byte timeout", "<p>Guru Mediation:</p><p>Varnish cache server</p>")),
    Wall(name="google-iap", status=302, headers=(
        ("location", "https://accounts.google.com/o/oauth2/v2/auth?client_id=demo"), ("x-goog-iap-generated-response", "true"),
    )),
    Wall(name="azure-app-service", status=401, headers=(("www-authenticate", 'Bearer realm="demo.azurewebsites.net"'),)),
    Wall(name="azure-front-door", status=403, body=_page("The request is blocked."), headers=(("x-azure-ref", "demo"),)),
    Wall(name="netlify", status=401, body=_page("Password protected site"), headers=(("server", "Netlify"),)),
    Wall(name="oauth2-proxy", status=403, body=_page("Sign in"), headers=(("set-cookie", "_oauth2_proxy_csrf=demo; Path=/"),)),
    Wall(name="caddy", status=502, headers=(("server", "Caddy"),)),
    Wall(name="apache", status=503, body=_page("503 Service Unavailable", "<address>Apache/2.4.62 Server</address>")),
    Wall(name="traefik", status=503, body="no available server"),
    Wall(name="haproxy", status=503, body="<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n"),
    Wall(name="envoy", status=503, body="upstream connect error or disconnect/reset before headers", headers=(("server", "envoy"),)),
    Wall(name="heroku", status=503, body='<!DOCTYPE html><html><head><title>Application error</title></head><body><iframe src="//www.herokucdn.com/error-pages/application-error.html"></iframe></body></html>', headers=(("server", "Cowboy"),)),
    Wall(name="railway", status=404, body='{"status":"error","code":404,"message":"Application not found"}', headers=(("x-railway-fallback", "true"),)),
    Wall(name="render", status=404, body="Not Found\n", headers=(("x-render-routing", "no-server"),)),
    Wall(name="cloud-run", status=403, body="<html><head>\n<title>403 Forbidden</title>\n</head>\n<body>\n<h1>Error: Forbidden</h1>\n<h2>Your client does not have permission to get URL from this server.</h2>\n</body></html>", headers=(("server", "Google Frontend"),)),
    Wall(name="imperva", status=403, body='<html><body><iframe src="/_Incapsula_Resource?incident_id=1">Request unsuccessful. Incapsula incident ID: 1</iframe></body></html>', headers=(("x-iinfo", "1-1-1"),)),
    Wall(name="datadome", status=403, body='<html><script src="https://ct.captcha-delivery.com/c.js"></script></html>', headers=(("x-dd-b", "1"),)),
    Wall(name="ngrok", status=404, body=_page("ERR_NGROK_3200"), headers=(("ngrok-error-code", "ERR_NGROK_3200"),)),
    Wall(name="authelia", status=302, headers=(("location", "https://auth.example.com/?rd=https%3A%2F%2Fbrain.example.com%2F&rm=GET"),)),
    Wall(name="authentik", status=302, headers=(("location", "/outpost.goauthentik.io/start?rd=https%3A%2F%2Fbrain.example.com%2F"),)),
    Wall(name="kubernetes-ingress", status=404, body="default backend - 404"),
    Wall(name="tls-port", status=400, body="Client sent an HTTP request to an HTTPS server.\n"),
)  # fmt: skip

STACKS: tuple[Stack, ...] = tuple(
    Stack(
        name=f"{where}: {wall.name}",
        about=f"{wall.name} answers {what} in the application's place.",
        web=front(fronts.fixed_answer(wall.status, wall.body, wall.headers)),
        exit_status=ExitStatus.NO_VERDICT,
        reason=Reason.INTERMEDIARY,
        surfaces=("health", "mcp-health", "me", "migrate", "mcp"),
    )
    for wall in WALLS
    for where, what, front in (
        ("wall", "everything", fronts.everywhere),
        ("wall behind health", "everything but health", fronts.but_health),
    )
)
