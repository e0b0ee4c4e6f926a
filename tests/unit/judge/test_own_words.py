"""What is the application's own answer, through whatever it comes."""

from __future__ import annotations

import pytest

from prober.judge.attribution import (
    APPLICATION,
    attribute,
    is_limit,
    is_throttle,
    speaks_as_application,
)
from prober.judge.intermediary import is_application_server
from prober.model import Answered
from tests.support.intermediary_answers import CLOUDFLARE, HTML, JSON, NGINX_PAGE, TEXT, VERCEL, answer

THROUGH = {
    "nothing": {},
    "cloudflare": {**CLOUDFLARE, "cf-cache-status": "DYNAMIC", "alt-svc": 'h3=":443"; ma=86400', "nel": '{"report_to":"cf-nel"}'},
    "vercel": {**VERCEL, "x-vercel-cache": "MISS", "cache-control": "public, max-age=0, must-revalidate"},
    "vercel-middleware": {**VERCEL, "x-matched-path": "/api/me"},
    "cloudfront": {"via": "1.1 0123.cloudfront.net (CloudFront)", "x-cache": "Error from cloudfront", "x-amz-cf-pop": "FRA56-P1", "x-amz-cf-id": "AbC=="},
    "aws-load-balancer": {"set-cookie": "AWSALB=abc; Expires=Sat, 29 Nov 2026 10:00:00 GMT; Path=/"},
    "aws-api-gateway": {"x-amzn-requestid": "0", "x-amz-apigw-id": "0=", "x-amzn-trace-id": "Root=1-0-0"},
    "akamai": {"akamai-grn": "0.d1.1732269600.1", "server-timing": "cdn-cache; desc=MISS", "x-akamai-transformed": "9 - 0 pmb=mRUM"},
    "fastly": {"via": "1.1 varnish", "x-served-by": "cache-fra-1", "x-cache": "MISS", "x-timer": "S1.1,VS0,VE9", "fastly-restarts": "1"},
    "azure-front-door": {"x-azure-ref": "0abc", "x-cache": "CONFIG_NOCACHE"},
    "azure-app-service": {"set-cookie": "ARRAffinity=0;Path=/;HttpOnly;Secure;Domain=app-test.azurewebsites.net", "request-context": "appId=cid-v1:0"},
    "netlify": {"server": "Netlify", "x-nf-request-id": "01", "cache-status": '"Netlify Edge"; fwd=miss'},
    "google": {"via": "1.1 google", "server": "Google Frontend", "x-cloud-trace-context": "0"},
    "nginx": {"server": "nginx/1.24.0 (Ubuntu)"},
    "openresty": {"server": "openresty"},
    "apache": {"server": "Apache/2.4.62 (Debian)"},
    "traefik": {"x-forwarded-server": "traefik"},
    "fly": {"server": "Fly/0 (2026-11-22)", "via": "1.1 fly.io", "fly-request-id": "01"},
    "heroku": {"server": "Heroku", "via": "1.1 heroku-router", "nel": '{"report_to":"heroku-nel"}'},
    "render": {**CLOUDFLARE, "rndr-id": "0", "x-render-origin-server": "Render"},
    "railway": {"server": "railway-edge", "x-railway-request-id": "0"},
    "express": {"x-powered-by": "Express", "etag": 'W/"1b-x"'},
    "next": {"x-powered-by": "Next.js", "vary": "rsc, next-router-state-tree"},
}  # fmt: skip

OWN = {
    "401-json": answer(401, JSON, '{"error":"not_signed_in"}'),
    "401-empty": answer(401),
    "401-bearer": answer(401, {**JSON, "www-authenticate": 'Bearer realm="mcp", error="invalid_token"'}, '{"error":"invalid_token"}'),
    "401-text": answer(401, TEXT, "Unauthorized"),
    "401-basic-of-an-api": answer(401, {**JSON, "www-authenticate": 'Basic realm="api"'}, '{"detail":"Authentication credentials were not provided."}'),
    "403-json": answer(403, JSON, '{"error":"admin_required"}'),
    "403-django": answer(403, HTML, "<!DOCTYPE html><html lang=en><title>403 Forbidden</title><h1>403 Forbidden</h1><p>CSRF verification failed."),
    "404-json": answer(404, JSON, '{"error":"not_found"}'),
    "404-next": answer(404, HTML, "<!DOCTYPE html><html><head><title>404: This page could not be found.</title>"),
    "404-express": answer(404, HTML, '<!DOCTYPE html>\n<html lang="en">\n<body>\n<pre>Cannot GET /api/x</pre>\n</body>\n</html>\n'),
    "400-json": answer(400, JSON, '{"error":"bad_request","issues":[]}'),
    "405-empty": answer(405, {"allow": "POST"}),
    "406-json-rpc": answer(406, JSON, '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Not Acceptable"},"id":null}'),
    "429-json": answer(429, {**JSON, "retry-after": "60"}, '{"error":"rate_limited"}'),
    "500-json": answer(500, JSON, '{"error":"internal"}'),
    "500-next": answer(500, TEXT, "Internal Server Error"),
    "503-json": answer(503, JSON, '{"error":"auth_not_configured"}'),
    "503-paused": answer(503, JSON, '{"jsonrpc":"2.0","error":{"code":-32002,"message":"paused"},"id":null}'),
    "302-to-sign-in": answer(302, {"location": "/signin?callbackUrl=%2F"}),
    "307-to-sign-in": answer(307, {"location": "https://app.test/signin"}),
    "302-to-github": answer(302, {"location": "https://github.com/login/oauth/authorize?client_id=0&state=1"}),
    "302-to-google": answer(302, {"location": "https://accounts.google.com/o/oauth2/v2/auth?client_id=0"}),
    "302-to-microsoft": answer(302, {"location": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=0"}),
    "200-json": answer(200, JSON, '{"ok":true}'),
    "200-page": answer(200, HTML, "<title>Brain</title> we run on Vercel, behind Cloudflare, nginx and Varnish"),
}  # fmt: skip


@pytest.mark.parametrize("way", THROUGH)
def test_the_applications_own_answer_is_its_own_through_whatever_it_comes(way: str) -> None:
    through = {
        name: Answered.of(
            status=own.status, headers=(*own.headers, *THROUGH[way].items()), body=own.body, whole=True, attempts=1, elapsed_ms=1
        )
        for name, own in OWN.items()
    }  # fmt: skip
    assert {name: attribute(passed) for name, passed in through.items() if attribute(passed) != APPLICATION} == {}


@pytest.mark.parametrize(
    "answered",
    [
        pytest.param(answer(302, {"location": "/vercel.com/x"}), id="a-path-that-names-a-host"),
        pytest.param(answer(302, {"location": "https://vercel.com.evil.test/"}), id="a-host-that-begins-like-it"),
        pytest.param(answer(302, {"location": "https://notvercel.com/"}), id="a-host-that-ends-like-it"),
        pytest.param(answer(302, {"location": "https://app.test/?next=https://acme.cloudflareaccess.com/"}), id="a-query-that-names-it"),
        pytest.param(answer(200, {"location": "https://acme.cloudflareaccess.com/"}), id="no-redirect"),
        pytest.param(answer(403, CLOUDFLARE, "no"), id="a-bare-refusal-through-cloudflare"),
        pytest.param(answer(401, VERCEL, "no"), id="a-bare-refusal-through-vercel"),
        pytest.param(answer(404, HTML, NGINX_PAGE.format("404 Not Found", "nginx")), id="a-404-of-nginx-says-nothing-of-walls"),
        pytest.param(answer(403, JSON, '{"message":"Forbidden"}'), id="the-words-of-a-gateway-without-its-header"),
        pytest.param(answer(401, {"www-authenticate": 'Basic realm="x"', "server": "gunicorn"}), id="basic-of-an-application-server"),
        pytest.param(answer(401, {"www-authenticate": "Bearer", **HTML}, "<h1>401</h1>"), id="a-page-with-a-bearer-challenge"),
        pytest.param(
            Answered.of(
                status=401, headers=(("www-authenticate", "Basic"), ("www-authenticate", "Bearer")), body=b"", whole=True,
                attempts=1, elapsed_ms=1,
            ),
            id="basic-or-bearer",
        ),
    ],
)  # fmt: skip
def test_what_only_looks_like_an_intermediary_is_the_applications(answered: Answered) -> None:
    assert attribute(answered) == APPLICATION


@pytest.mark.parametrize(
    ("answered", "limit"),
    [
        pytest.param(answer(503, HTML, NGINX_PAGE.format("503 Service Temporarily Unavailable", "nginx")), True, id="nginx"),
        pytest.param(answer(502, HTML, NGINX_PAGE.format("502 Bad Gateway", "nginx")), False, id="nginx-upstream-away"),
        pytest.param(answer(503, {"server": "envoy"}, "no healthy upstream"), False, id="envoy-may-have-passed-it-on"),
        pytest.param(answer(503, JSON, '{"error":"paused"}'), False, id="application"),
        pytest.param(answer(503), False, id="nobody-knows"),
    ],
)  # fmt: skip
def test_a_limit_that_passes_nothing_on_is_told_from_what_may_have(answered: Answered, *, limit: bool) -> None:
    assert is_limit(answered) is limit


@pytest.mark.parametrize(
    ("status", "throttled"), [pytest.param(429, True, id="429"), pytest.param(503, False, id="503"), pytest.param(401, False, id="401")]
)  # fmt: skip
def test_only_429_asks_for_patience(status: int, *, throttled: bool) -> None:
    assert is_throttle(answer(status)) is throttled


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        pytest.param({"server": "uvicorn"}, True, id="uvicorn"),
        pytest.param({"server": "gunicorn/22.0.0"}, True, id="gunicorn"),
        pytest.param({"server": "TornadoServer/6.4"}, True, id="tornado"),
        pytest.param({"server": "Python/3.12 aiohttp/3.9"}, True, id="aiohttp"),
        pytest.param({"server": "SimpleHTTP/0.6 Python/3.11"}, True, id="http.server"),
        pytest.param({"server": "Kestrel"}, True, id="kestrel"),
        pytest.param({"x-powered-by": "Next.js"}, True, id="next"),
        pytest.param({"server": "nginx"}, False, id="nginx"),
        pytest.param({"server": "nginx (uvicorn)"}, False, id="only-at-the-front"),
        pytest.param({"server": "cloudflare", "x-powered-by": "Next.js"}, False, id="something-in-front-of-it"),
        pytest.param({}, False, id="nobody-says"),
    ],
)
def test_some_servers_are_only_run_by_applications(headers: dict[str, str], *, own: bool) -> None:
    assert is_application_server(answer(401, headers)) is own


@pytest.mark.parametrize(
    ("body", "own"),
    [
        pytest.param('{"error":"not_signed_in"}', True, id="not-signed-in"),
        pytest.param("auth_not_configured - set it", True, id="not-configured"),
        pytest.param('{"jsonrpc":"2.0"}', True, id="json-rpc"),
        pytest.param('{"error":"unauthorized"}', False, id="anybody's"),
        pytest.param("", False, id="nothing"),
        pytest.param("x" * 5000 + '"jsonrpc"', False, id="far-down-in-a-page"),
    ],
)
def test_some_words_are_only_the_applications(body: str, *, own: bool) -> None:
    assert speaks_as_application(answer(401, JSON, body)) is own
