"""Secrets that an answer gives in a header or in a cookie."""

from __future__ import annotations

import pytest

from prober.judge.disclosure import disclosed
from tests.support.judging import JSON, REFUSED, answer, probe, promise

SECRET = "kJ83hFq0ZpLw92Xb"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        pytest.param(("set-cookie", f"api_key={SECRET}; Path=/; HttpOnly"), "a value under 'api_key'", id="a-cookie"),
        pytest.param(("x-debug", f'{{"client_secret": "{SECRET}"}}'), "a value under 'client_secret'", id="json"),
        pytest.param(("x-user-email", "kim@post.test"), "somebody's identity in the header 'x-user-email'", id="who"),
        pytest.param(("remote-user", "kim"), "somebody's identity in the header 'remote-user'", id="a-proxy-s-user"),
        pytest.param(("x-user-id", "anonymous"), None, id="nobody"),
        pytest.param(("x-user", "0123456789abcdef"), None, id="what-was-sent"),
        pytest.param(("x-user-agent", "other"), None, id="a-name-that-sounds-so"),
        pytest.param(("set-cookie", f"XSRF-TOKEN={SECRET}; Path=/"), None, id="a-cookie-against-forged-requests"),
        pytest.param(
            ("refresh", f"0; url=/home?access_token={SECRET}"), "a value under 'access_token' in a URL", id="refresh"
        ),
        pytest.param(("link", f"</home?id_token={SECRET}>; rel=next"), "a value under 'id_token' in a URL", id="link"),
        pytest.param(("link", "</a.js?apikey=map2key9for3all>; rel=preload"), None, id="a-browser-s-key"),
        pytest.param(("location", f"/login?state={SECRET}"), None, id="a-state"),
        pytest.param(("set-cookie", "theme=dark; Path=/"), None, id="a-harmless-cookie"),
    ],
)
def test_header_of_a_refusal_gives_a_secret_away(header: tuple[str, str], told: str | None) -> None:
    refusal = answer(401, '{"error":"not_signed_in"}', JSON, header)
    assert disclosed(probe(promise(REFUSED)), refusal) == told


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://b.s3.test/a?X-Amz-Expires=60&X-Amz-" + "Signature=" + "0f" * 32, id="s3"),
        pytest.param("https://storage.test/a?X-Goog-Date=1&X-Goog-" + "Signature=" + "a1" * 128, id="google"),
        pytest.param("https://b.test/a?sv=2024-01-01&sp=r&" + "sig=" + "Qz9" * 14 + "%3D", id="azure"),
        pytest.param(
            "https://c.test/a?" + "Signature=" + "aB3-" * 30 + "&amp;Key-Pair-Id=K2ABCDEFGH1234", id="cloudfront"
        ),
    ],
)
def test_a_signed_url_in_a_refusal_is_the_file(url: str) -> None:
    told = answer(401, f'<html>Sign in, or <a href="{url}">take it</a></html>', ("content-type", "text/html"))
    assert disclosed(probe(promise(REFUSED)), told) == "a signed URL"
    saml = answer(302, "", ("location", "https://idp.test/sso?SAMLRequest=a&SigAlg=b&Signature=" + "aB3" * 40))
    assert disclosed(probe(promise(REFUSED)), saml) is None
