"""The one redirect that is followed: that of Next.js to the same path, marked for its router."""

from __future__ import annotations

import pytest

from prober.engine.procedures.follow import followed
from prober.model import Answered, Request

RSC = (("RSC", "1"), ("Next-Router-Prefetch", "1"))


def asked(target: str = "/settings?lockdown-probe=x", *, rsc: bool = True) -> Request:
    return Request(service="web", method="GET", target=target, headers=RSC if rsc else ())


def to(location: str, status: int = 307) -> Answered:
    return Answered.of(status=status, headers=(("location", location),), body=b"", elapsed_ms=1)


@pytest.mark.parametrize(
    "location", ["/settings?_rsc", "/settings?_rsc=HEAvJdHAQJrUAe2K", "/settings?lockdown-probe=x&_rsc=a"]
)
def test_the_mark_is_followed_with_the_same_headers(location: str) -> None:
    onward = followed(asked(), to(location))
    assert onward == Request(service="web", method="GET", target=location, headers=RSC)


@pytest.mark.parametrize(
    ("request_", "answered"),
    [
        pytest.param(asked(rsc=False), to("/settings?_rsc"), id="not-the-routers-request"),
        pytest.param(asked(), to("/settings?_rsc", 200), id="no-redirect"),
        pytest.param(asked(), to("/signin?_rsc"), id="another-path"),
        pytest.param(asked(), to("https://evil.test/settings?_rsc"), id="another-origin"),
        pytest.param(asked(), to("//evil.test/settings?_rsc"), id="another-origin-without-a-scheme"),
        pytest.param(asked(), to("/settings?next=_rsc"), id="no-mark"),
        pytest.param(asked("/settings?_rsc=a"), to("/settings?_rsc=b"), id="followed-already"),
        pytest.param(asked(), to("/settings?_rsc=a b"), id="a-blank"),
        pytest.param(asked(), to("/settings?_rsc=\u00e9"), id="beyond-ascii"),
        pytest.param(asked(), to("http://[x?_rsc"), id="no-url"),
    ],
)
def test_no_other_redirect_is_followed(request_: Request, answered: Answered) -> None:
    assert followed(request_, answered) is None
