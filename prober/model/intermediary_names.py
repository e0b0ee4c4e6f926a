"""The names of those who may answer in the application's place, as definitions and reports write them. Frozen.

How each is recognised is in `prober/judge/intermediaries.py`, one entry for each name.
"""

from __future__ import annotations

from enum import StrEnum

GATEWAY = "gateway"  # somebody in front of the application whom no entry knows


class IntermediaryName(StrEnum):
    """A product that may answer in the application's place."""

    CLOUDFLARE_ACCESS = "Cloudflare Access"
    CLOUDFLARE_CHALLENGE = "Cloudflare challenge"
    CLOUDFLARE = "Cloudflare"
    VERCEL_DEPLOYMENT_PROTECTION = "Vercel deployment protection"
    VERCEL_FIREWALL = "Vercel firewall"
    VERCEL = "Vercel"
    AWS_WAF = "AWS WAF"
    AWS_LOAD_BALANCER = "AWS load balancer"
    AWS_API_GATEWAY = "AWS API Gateway"
    CLOUDFRONT = "CloudFront"
    AKAMAI = "Akamai"
    FASTLY = "Fastly"
    GOOGLE_IAP = "Google IAP"
    AZURE_APP_SERVICE_AUTHENTICATION = "Azure App Service authentication"
    AZURE_FRONT_DOOR = "Azure Front Door"
    NETLIFY = "Netlify"
    HEROKU = "Heroku"
    RAILWAY = "Railway"
    RENDER = "Render"
    GOOGLE_CLOUD_RUN = "Google Cloud Run"
    IMPERVA = "Imperva"
    DATADOME = "DataDome"
    NGROK = "ngrok"
    AUTHELIA = "Authelia"
    AUTHENTIK = "authentik"
    KUBERNETES_INGRESS = "Kubernetes ingress"
    OAUTH2_PROXY = "oauth2-proxy"
    CAPTIVE_PORTAL = "a captive portal"
    TLS_PORT = "a TLS port, spoken to without TLS"
    BASIC_AUTH_WALL = "a Basic-auth wall"
    NGINX = "nginx"
    APACHE = "Apache"
    CADDY = "Caddy"
    TRAEFIK = "Traefik"
    HAPROXY = "HAProxy"
    ENVOY = "Envoy"


# Those whose refusal is never a deployment's lock: they refuse programs, or a wrong way in, and let any browser pass.
NEVER_A_LOCK = frozenset({
    IntermediaryName.CLOUDFLARE_CHALLENGE, IntermediaryName.DATADOME, IntermediaryName.NGROK,
    IntermediaryName.CAPTIVE_PORTAL, IntermediaryName.TLS_PORT,
})  # fmt: skip
# Who may keep a door: `by` of an answer and `behind` of a service name one.
LOCK_KEEPERS = (*(name.value for name in IntermediaryName if name not in NEVER_A_LOCK), GATEWAY)
