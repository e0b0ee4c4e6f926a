"""The pace of a watch where the user sets none."""

from __future__ import annotations

import pytest

from prober.app.options import SendOptions
from prober.app.watch import DEFAULT_RATE, at_an_easy_pace
from prober.definitions.service import parse_service
from prober.transport.network import Network


@pytest.mark.parametrize(
    ("urls", "given", "rate"),
    [
        pytest.param(["https://app.example"], None, DEFAULT_RATE, id="a-deployment"),
        pytest.param(["https://app.example"], 2.5, 2.5, id="the-users-own"),
        pytest.param(["http://127.0.0.1:3000", "http://localhost:3001"], None, None, id="this-machine"),
        pytest.param(["http://127.0.0.1:3000", "https://app.example"], None, DEFAULT_RATE, id="one-elsewhere"),
    ],
)
def test_what_watches_for_ever_is_not_felt(urls: list[str], given: float | None, rate: float | None) -> None:
    services = {f"s{number}": parse_service(f"s{number}", url) for number, url in enumerate(urls)}
    assert at_an_easy_pace(SendOptions(rate=given), Network(services=services, timeout=1.0)).rate == rate
