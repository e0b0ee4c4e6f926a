"""Whose refusal in front of the application is a lock's for sure: no wall's, and no file server's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.declared_lock import lock_in_front
from tests.support.judging import HTML, JSON, answer, to

if TYPE_CHECKING:
    from prober.model import Answered

CHALLENGE = ("www-authenticate", 'Basic realm="tools"')
ACCESS = "https://acme.cloudflareaccess.com/cdn-cgi/access/login/app.test?kid=0"
AZURE_STOPPED = "<title>Web App - Unavailable</title> Error 403 - This web app is stopped."
IIS = ("server", "Microsoft-IIS/10.0")
NGINX = "<html><title>{0}</title><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"


@pytest.mark.parametrize(
    ("answered", "who"),
    [
        pytest.param(answer(401, b"", CHALLENGE, ("server", "Caddy")), "a Basic-auth wall", id="wants-a-credential"),
        pytest.param(to("https://vercel.com/sso-api?url=x", 302), "Vercel deployment protection", id="sends-to-sign-in"),
        pytest.param(to("https://vercel.com/blog", 302), None, id="to-a-page-of-the-same-company"),
        pytest.param(to("https://vercel.com/blog/sso-api", 302), None, id="to-another-page-of-it"),
        pytest.param(to(ACCESS, 302), "Cloudflare Access", id="sends-to-another-sign-in"),
        pytest.param(answer(403, "Forbidden", HTML, ("www-authenticate", "Cloudflare-Access x")), "Cloudflare Access", id="forbids"),
        pytest.param(answer(404, "", ("www-authenticate", "Cloudflare-Access x")), None, id="finds-nothing"),
        pytest.param(answer(500, "", ("set-cookie", "_oauth2_proxy=; Path=/")), None, id="is-broken"),
        pytest.param(answer(302, "", ("location", "https://github.com/login"), ("set-cookie", "_oauth2_proxy_csrf=0")), "oauth2-proxy", id="sends-to-a-provider"),
        pytest.param(answer(403, AZURE_STOPPED, HTML, IIS), None, id="is-stopped"),
        pytest.param(answer(401, "", ("www-authenticate", 'Bearer realm="a.azurewebsites.net"'), IIS), "Azure App Service authentication", id="wants-a-token"),
        pytest.param(answer(302, "", ("location", "https://login.windows.net/0/oauth2/authorize"), ("set-cookie", "AppServiceAuthSession=0")), "Azure App Service authentication", id="sends-to-its-directory"),
        pytest.param(answer(401, "", ("cf-mitigated", "challenge")), None, id="a-bot-wall-with-401"),
        pytest.param(to("/elsewhere", 302), None, id="a-redirect-of-the-application"),
        pytest.param(answer(302, NGINX.format("302 Found"), HTML, ("location", "/x")), None, id="a-redirect-of-a-server"),
        pytest.param(answer(401, '{"error":"not_signed_in"}', JSON), None, id="the-application"),
        pytest.param(answer(403, NGINX.format("403 Forbidden"), HTML, ("server", "nginx")), None, id="forbids-anything"),
        pytest.param(answer(403, "<title>Just a moment...</title>", HTML, ("cf-mitigated", "challenge")), None, id="a-bot-wall"),
    ],
)  # fmt: skip
def test_only_who_lets_people_in_refuses_as_a_lock(answered: Answered, who: str | None) -> None:
    assert lock_in_front(answered) == who
