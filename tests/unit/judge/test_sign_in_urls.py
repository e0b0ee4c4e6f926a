"""Where a redirect leads: to a sign-in, by the names that those go by, or not."""

from __future__ import annotations

import pytest

from prober.judge.sign_in_urls import is_sign_in_place, names_a_sign_in


@pytest.mark.parametrize(
    ("path", "named"),
    [
        pytest.param("/signin", True, id="its-name"),
        pytest.param("/signin/", True, id="with-a-slash"),
        pytest.param("/SignIn", True, id="in-capitals"),
        pytest.param("/a/b/login.html", True, id="a-page-deep-below"),
        pytest.param("login", True, id="without-a-slash"),
        pytest.param("/undefined", True, id="an-address-that-got-lost"),
        pytest.param("/signin/done", False, id="below-it"),
        pytest.param("/my-login", False, id="a-part-of-a-name"),
        pytest.param("/login.php", False, id="another-ending"),
        pytest.param("/loginX", False, id="a-letter-more"),
        pytest.param("/", False, id="the-front-page"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_path_names_a_sign_in_by_its_last_part(path: str, *, named: bool) -> None:
    assert names_a_sign_in(path) is named


@pytest.mark.parametrize(
    ("url", "asks"),
    [
        pytest.param("https://app.test/signin?callbackUrl=/", True, id="a-sign-in-page-here"),
        pytest.param("https://app.test/api/Auth/SignIn/github", True, id="a-provider-of-auth-js-in-any-case"),
        pytest.param("/api/auth/signin/github", True, id="the-same-without-a-host"),
        pytest.param("https://app.test/dashboard", False, id="a-page-here"),
        pytest.param("/dashboard?client_id=a&response_type=code", False, id="a-query-here-without-a-host"),
        pytest.param("https://app.test/x?client_id=a&response_type=code", False, id="a-query-here"),
        pytest.param("https://app.test/oauth/done", False, id="below-a-sign-in-here"),
        pytest.param("https://idp.other.test/x", True, id="a-providers-host"),
        pytest.param("https://LOGIN.other.test/x", True, id="a-providers-host-in-capitals"),
        pytest.param("https://www.other.test/x", False, id="another-host"),
        pytest.param("https://www.login.test/x", False, id="a-host-that-is-called-so-further-on"),
        pytest.param("https://www.other.test/OAuth/start", True, id="below-a-sign-in-elsewhere-in-any-case"),
        pytest.param("https://www.other.test/myoauth/start", False, id="below-something-else-elsewhere"),
        pytest.param(
            "https://www.other.test/x?response_type=code&client_id=a", True, id="the-query-of-oauth-elsewhere"
        ),
        pytest.param(
            "https://www.other.test/x?response_type=&client_id=", True, id="the-query-of-oauth-with-nothing-in-it"
        ),
        pytest.param("https://www.other.test/x?client_id=a", False, id="half-of-that-query"),
        pytest.param("https://www.other.test/x?response_type=code", False, id="the-other-half"),
    ],
)
def test_a_redirect_asks_to_sign_in(url: str, *, asks: bool) -> None:
    assert is_sign_in_place(url, "app.test") is asks
