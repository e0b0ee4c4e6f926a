"""How an origin is written, for Host headers, Origin headers and reports."""

from __future__ import annotations

import pytest

from prober.model.origin import host_header, origin_of, origin_with_port


@pytest.mark.parametrize(
    ("scheme", "host", "port", "header"),
    [
        pytest.param("http", "app.example", 80, "app.example", id="default-port-of-http"),
        pytest.param("https", "app.example", 443, "app.example", id="default-port-of-https"),
        pytest.param("https", "app.example", 80, "app.example:80", id="default-port-of-another-scheme"),
        pytest.param("http", "::1", 3000, "[::1]:3000", id="ipv6"),
        pytest.param("http", "::1", 80, "[::1]", id="ipv6-at-the-default-port"),
    ],
)
def test_default_port_is_left_out_of_a_host_header_and_an_origin(
    scheme: str, host: str, port: int, header: str
) -> None:
    assert host_header(scheme, host, port) == header
    assert origin_of(scheme, host, port) == f"{scheme}://{header}"


def test_origin_with_port_shows_the_default_port_too() -> None:
    assert origin_with_port("https", "::1", 443) == "https://[::1]:443"
