"""Content delivery networks, platforms and firewalls that a company runs: an entry each. Pure."""

from __future__ import annotations

from prober.judge.intermediary import PROBE_THE_ORIGIN, Intermediary
from prober.judge.signatures import both, has, matches, no_json, on, says, to
from prober.model.intermediary_names import IntermediaryName

HOSTED: tuple[Intermediary, ...] = (
    Intermediary(
        name=IntermediaryName.CLOUDFLARE_ACCESS,
        signs=(to(r"cloudflareaccess\.com"), has("cf-access-domain"), has("www-authenticate", "cloudflare-access")),
        advice="send a service token: --header 'CF-Access-Client-Id: env:…' --header 'CF-Access-Client-Secret: env:…'",
        source="https://developers.cloudflare.com/cloudflare-one/identity/service-tokens/",
    ),
    Intermediary(
        name=IntermediaryName.CLOUDFLARE_CHALLENGE,
        signs=(has("cf-mitigated"), both(has("server", "cloudflare"), says("just a moment"))),
        advice=f"let the prober's User-Agent pass, or {PROBE_THE_ORIGIN}",
        source="https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/",
    ),
    Intermediary(
        name=IntermediaryName.CLOUDFLARE,
        signs=(
            lambda answered: 520 <= answered.status <= 530,  # noqa: PLR2004 - its own range of statuses
            both(has("server", "cloudflare"), on(403, 429, 502, 503, 504), says("cloudflare")),
            both(has("server", "cloudflare"), says("error code: 1")),
        ),
        advice=f"see why it cannot reach or does not trust us, or {PROBE_THE_ORIGIN}",
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
        advice=f"see its target group and rules, or {PROBE_THE_ORIGIN}",
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
        advice=f"see the distribution's behaviours, or {PROBE_THE_ORIGIN}",
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorPages.html",
    ),
    Intermediary(
        name=IntermediaryName.AKAMAI,
        signs=(
            both(has("server", "akamaighost"), on(400, 403, 404, 500, 502, 503, 504)),
            says("errors.edgesuite.net"),
        ),
        advice=f"let the prober's User-Agent pass, or {PROBE_THE_ORIGIN}",
        source="https://techdocs.akamai.com/property-mgr/docs/understand-error-ref",
    ),
    Intermediary(
        name=IntermediaryName.FASTLY,
        signs=(both(on(500, 503), says("varnish")), both(on(500, 503), says("fastly error"))),
        advice=f"see the service's back ends, or {PROBE_THE_ORIGIN}",
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
        advice=f"see its back ends and rules, or {PROBE_THE_ORIGIN}",
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
        advice=f"let the prober's address pass, or {PROBE_THE_ORIGIN}",
        source="https://docs.imperva.com/bundle/cloud-application-security/page/more/error-pages.htm",
    ),
    Intermediary(
        name=IntermediaryName.DATADOME,
        signs=(both(on(401, 403, 405), has("x-dd-b")), both(on(401, 403, 405), says("captcha-delivery.com"))),
        advice=f"let the prober's User-Agent pass, or {PROBE_THE_ORIGIN}",
        source="https://docs.datadome.co/docs/response-page",
    ),
    Intermediary(
        name=IntermediaryName.NGROK,
        signs=(has("ngrok-error-code"),),
        advice="send --header 'ngrok-skip-browser-warning: 1', or see why the tunnel is down",
        source="https://ngrok.com/docs/errors",
    ),
)  # fmt: skip
