"""The examples of docs/ that need Node.js: locked as they stand, red for each guard that they can break."""

from __future__ import annotations

from typing import Any

import pytest

from tests.real import installed
from tests.real.next_apps import HERE
from tests.support.examples import EXAMPLES, open_routes

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test installs it

VERSION = "16.4.6"


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        pytest.param("", (0, set()), id="locked"),
        pytest.param("session", (1, {"app: GET /basket", "app: GET /api/orders"}), id="session"),
        pytest.param("page", (1, {"app: GET /basket"}), id="page"),
        pytest.param("admin", (1, {"app: GET /admin/users"}), id="admin"),
    ],
)
def test_the_example_of_express_is_locked_and_each_broken_guard_is_found(
    broken: str, expected: tuple[int, set[str]], servers: Any
) -> None:
    folder = installed.node(EXAMPLES / "express")
    url = servers.url(["node", str(folder / "app.js")], env={"PORT": "PORT", "BROKEN": broken})
    assert open_routes("express", url) == expected


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        pytest.param("", (0, set()), id="locked"),
        pytest.param("session", (1, {"app: GET /account", "app: GET /api/orders"}), id="session"),
        pytest.param("page", (1, {"app: GET /account"}), id="page"),
        pytest.param("cron", (1, {"app: GET /api/cron/nightly"}), id="cron"),
    ],
)
def test_the_example_of_nextjs_is_locked_and_each_broken_guard_is_found(
    broken: str, expected: tuple[int, set[str]], servers: Any
) -> None:
    folder = installed.next_app(EXAMPLES / "nextjs", HERE / "versions" / VERSION, middleware="")
    command = ["node", f"../{installed.NEXT}", "start", "-H", "127.0.0.1", "-p", "PORT"]
    url = servers.url(command, cwd=folder, env={"BROKEN": broken})
    assert open_routes("nextjs", url) == expected


def test_the_example_of_nextjs_names_the_version_that_it_is_tried_with() -> None:
    """It is built beside the packages of another test, to install them once."""
    own, tried = EXAMPLES / "nextjs", HERE / "versions" / VERSION
    for package in ("next", "react", "react-dom"):
        assert installed.locked(own, package) == installed.locked(tried, package)
