"""prober learn where no gate can be written, or where one proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.learned_gate import run
from tests.support.shop import HTML, JSON, REFUSED, Shop


def test_where_only_the_health_route_is_found_no_gate_is_written(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.replies = {"GET /healthz": (200, JSON, "{}")}
    assert run("init", shop.url) == 2
    said = capsys.readouterr().err
    assert "NO VERDICT: no route was found" in said
    assert "--routes" in said
    assert not Path("prober.yaml").exists()


def test_where_nothing_refuses_strangers_no_gate_is_praised(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.replies = {"GET /": (200, HTML, "<h1>Shop</h1>")}
    assert run("init", shop.url) == 0
    assert "warning: no route here refuses unauthenticated requests" in capsys.readouterr().out


def test_where_no_promise_can_be_made_nothing_is_written(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.replies = {}
    assert run("init", shop.url) == 2
    assert "NO VERDICT: no route was found" in capsys.readouterr().err
    assert not list(Path().iterdir())


@pytest.mark.parametrize("words", [["init"], ["learn"]], ids=["init", "learn"])
def test_nobody_there_is_no_verdict_and_writes_nothing(
    words: list[str], shop: Shop, capsys: pytest.CaptureFixture[str]  # noqa: ARG001 - for an empty folder
) -> None:  # fmt: skip
    assert run(*words, "http://127.0.0.1:1") == 2
    assert "NO VERDICT: no answer from http://127.0.0.1:1" in capsys.readouterr().err
    assert not list(Path().iterdir())


def test_what_is_there_is_not_replaced_and_nothing_is_asked(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    Path("prober.yaml").write_text("mine: yes\n")
    assert run("init", shop.url) == 64
    assert "prober.yaml is there already" in capsys.readouterr().err
    assert not shop.seen
    assert run("init", shop.url, "--force") == 0


def test_route_that_is_listed_and_not_there_is_named_and_a_dead_link_is_not(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.replies["GET /"] = (200, HTML, "<a href=/dead-link>x</a>")
    (tmp_path / "routes").write_text("GET /orders/\nGET /nowhere/:id<int>\n")
    assert run("init", shop.url, "--routes", "routes") == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("listed, but answered as a path that does not exist, so not in the gate:")
    assert any(line.startswith("  GET /nowhere/:id<int>  answers 404") for line in lines[start:])
    assert not any("dead-link" in line for line in lines)


def test_an_endpoint_of_mcp_lists_no_route_of_the_application_beside_it(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.challenge = "Bearer"
    del shop.replies["GET /openapi.json"]
    shop.replies |= {"GET /mcp": REFUSED, "POST /mcp": REFUSED}
    assert run("init", shop.url) == 0
    assert "surfaces: [app, mcp]" in Path("prober.yaml").read_text(encoding="utf-8")
    assert "nothing lists this application's routes" in capsys.readouterr().out
