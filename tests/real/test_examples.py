"""The Express example of docs/, installed by its lock file: locked as it stands, red for each guard that it can break."""

from __future__ import annotations

from typing import Any

import pytest

from tests.real import installed
from tests.support.examples import EXAMPLES, open_routes

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test installs it


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        pytest.param("", (0, set()), id="locked"),
        pytest.param("session", (1, {"app: GET /basket", "app: GET /api/orders"}), id="session"),
        pytest.param("page", (1, {"app: GET /basket"}), id="page"),
        pytest.param("admin", (1, {"app: GET /admin/users"}), id="admin"),
    ],
)
def test_the_example_is_locked_and_each_broken_guard_is_found(
    broken: str, expected: tuple[int, set[str]], servers: Any
) -> None:
    folder = installed.node(EXAMPLES / "express")
    url = servers.url(["node", str(folder / "app.js")], env={"PORT": "PORT", "BROKEN": broken})
    assert open_routes("express", url) == expected
