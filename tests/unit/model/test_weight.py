"""What an open route gives away: told from its method and path, or said by its surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import Surface, Weight, weight_of, weight_of_name

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("method", "path", "weight"),
    [
        pytest.param("GET", "/api/tokens", Weight.KEYS, id="tokens"),
        pytest.param("GET", "/v1/apiKeys/:id", Weight.KEYS, id="camel-case"),
        pytest.param("GET", "/.env", Weight.KEYS, id="environment-file"),
        pytest.param("POST", "/api/machines/pair", Weight.KEYS, id="a-write-that-hands-out-a-key"),
        pytest.param("DELETE", "/api/users/:id", Weight.WRITES, id="a-write-of-personal-data"),
        pytest.param("POST", "/mcp", Weight.WRITES, id="a-call"),
        pytest.param("GET", "/cron/reminders", Weight.WRITES, id="a-get-that-acts"),
        pytest.param("GET", "/api/org/members", Weight.PERSONAL, id="members"),
        pytest.param("HEAD", "/api/me", Weight.PERSONAL, id="the-caller"),
        pytest.param("GET", "/api/addresses", Weight.PERSONAL, id="plural"),
        pytest.param("GET", "/api/status", Weight.READS, id="ends-with-s"),
        pytest.param("GET", "/monkeys/:token?key=1", Weight.READS, id="parts-of-words-parameters-and-the-query-say-nothing"),
    ],
)  # fmt: skip
def test_a_route_is_weighed_by_its_method_and_path(method: str, path: str, weight: Weight) -> None:
    assert weight_of(method, path) is weight
    assert weight_of_name(f"x: {method} {path} some-id [anonymous]") is weight


@pytest.mark.parametrize("name", ["canary: a run of the prober [crashed]", "", "x", "ports: web 5432"])
def test_what_is_no_route_is_the_least_of_all(name: str) -> None:
    assert weight_of_name(name) is Weight.READS


def test_what_the_surface_says_wins(routes_of: Callable[..., Surface]) -> None:
    said = routes_of("GET /api/report", more=", weight: keys").routes[0]
    assert (said.weight, routes_of("GET /api/report").routes[0].weight) == (Weight.KEYS, Weight.READS)


def test_the_weights_are_in_the_order_of_harm() -> None:
    assert sorted(Weight, key=lambda weight: weight.rank) == [
        Weight.KEYS, Weight.WRITES, Weight.PERSONAL, Weight.READS,
    ]  # fmt: skip
