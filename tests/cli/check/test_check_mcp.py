"""`prober check` of MCP: an open endpoint is a question, one that refuses is probed, and it may have any path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.cli.main import exit_with, prober
from tests.support.shop import ITEMS, JSON, LACKS_SESSION, REFUSED, Reply, Shop

if TYPE_CHECKING:
    from collections.abc import Callable

BEARER = 'Bearer realm="tools"'


def speaks_mcp(shop: Shop, path: str, reply: Reply) -> None:
    shop.replies |= {f"{method} {path}": reply for method in ("GET", "POST", "DELETE")}


def test_open_endpoint_of_mcp_is_a_question_and_its_tools_are_not_called(
    check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    speaks_mcp(shop, "/mcp", LACKS_SESSION)
    status, said = check()
    assert status == 0
    assert "POST /mcp answers 400 to a request for its tools" in said
    assert shop.seen["POST /mcp"] == 1


def test_server_of_nothing_but_mcp_is_found_and_its_lock_is_tried(
    check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    shop.replies, shop.challenge = {}, BEARER
    speaks_mcp(shop, "/mcp", REFUSED)
    status, said = check()
    assert (status, said.splitlines()[-1]) == (0, "0 routes answer without credentials, 1 refuses")  # and no question
    assert shop.seen["POST /mcp"] > 20
    shop.needs_bearer = {"POST /mcp"}
    status, said = check()
    assert status == 1
    assert "bogus-bearer" in said


@pytest.mark.parametrize(
    ("elsewhere", "reply", "endpoint"),
    [
        pytest.param("", (200, JSON, '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}'), "a question", id="open"),
        pytest.param("", REFUSED, "probed", id="refuses"),
        pytest.param("POST", REFUSED, "left out", id="as-every-other-path"),
    ],
)
def test_endpoint_that_serves_nothing_but_post_is_found(
    elsewhere: str, reply: Reply, endpoint: str, check: Callable[..., tuple[int, str]], shop: Shop
) -> None:  # fmt: skip
    shop.challenge, shop.replies["POST /mcp"] = BEARER, reply
    shop.replies |= {"GET /orders": ITEMS, "GET /api/users": ITEMS}
    shop.allows = {"/mcp": "GET,HEAD, POST"}
    shop.allows_elsewhere = elsewhere
    status, said = check()
    assert (status, "POST /mcp answers 200 to a request for its tools" in said) == (0, endpoint == "a question")
    assert (shop.seen["POST /mcp"] > 20) is (endpoint == "probed")


@pytest.mark.parametrize("path", ["/mcp", "/agents/mcp", "/rpc/v1", "/"])
def test_endpoint_of_mcp_may_have_any_path(path: str, check: Callable[..., tuple[int, str]], shop: Shop) -> None:
    shop.replies, shop.challenge = {}, BEARER
    speaks_mcp(shop, path, REFUSED)
    assert check("--mcp", path, "--save")[0] == 0
    assert shop.seen[f"POST {path}"] > 20
    assert exit_with(prober, ["run", "-q"], name="prober") == 0
    speaks_mcp(shop, path, (200, JSON, '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}'))
    assert exit_with(prober, ["run", "-q"], name="prober") == 1
    assert check("--mcp", path)[0] == 1


@pytest.mark.parametrize("path", ["mcp", "/a b", "/mcp?x=1", "/mcp#x"])
def test_what_is_no_path_of_an_endpoint_is_a_usage_error(path: str, check: Callable[..., tuple[int, str]]) -> None:
    status, said = check("--mcp", path)
    assert status == 64
    assert f"--mcp '{path}' is not a path" in said
