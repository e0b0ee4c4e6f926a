"""The one redirect that is followed: that of Next.js to the same path, marked for its router."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.engine.procedures.follow import followed, followed_variant
from prober.model import Answered, Depth, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan

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


@pytest.mark.parametrize(
    ("location", "is_followed"),
    [
        ("/simple/settings", True),
        ("/en/settings", True),
        ("/signin", False),
        ("/api/cron/prune", False),
        ("/jobs", False),
        ("//evil.test/settings", False),
    ],
)
def test_a_variant_is_followed_on_its_origin_and_to_no_job(
    location: str, plan_of: Callable[..., Plan], *, is_followed: bool
) -> None:
    plan = plan_of(depth=Depth.DEEP)
    probe = next(probe for probe in plan.probes if probe.id == "me: GET /api/me [anonymous] upper-case")
    onward = followed_variant(probe, probe.request, to(location))
    assert (onward is not None) is is_followed
