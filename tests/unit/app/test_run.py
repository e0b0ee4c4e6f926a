"""How many requests are in flight by default."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from prober.app.run import suitable_concurrency


@pytest.mark.parametrize(
    ("hosts", "requests", "wanted"),
    [
        pytest.param(["localhost"], 900, 8, id="this-machine"),
        pytest.param(["127.0.0.1", "::1"], 900, 8, id="this-machine-by-addresses"),
        pytest.param(["brain.example.com"], 20, 8, id="few-requests"),
        pytest.param(["brain.example.com"], 80, 20, id="some-requests"),
        pytest.param(["brain.example.com"], 900, 32, id="many-requests"),
        pytest.param(["localhost", "brain.example.com"], 900, 32, id="one-of-two-far-away"),
    ],
)
def test_concurrency_suits_the_plan_and_the_place(hosts: list[str], requests: int, wanted: int) -> None:
    plan = SimpleNamespace(services=[SimpleNamespace(host=host) for host in hosts], requests=requests)
    assert suitable_concurrency(plan) == wanted  # type: ignore[arg-type]
