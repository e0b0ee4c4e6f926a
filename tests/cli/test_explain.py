"""`prober explain` in this process: many routes on one screen, one route in full, and one probe with its bug."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from prober.cli.main import exit_with, prober

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCREEN = 24  # lines of the smallest terminal that is still in use


@pytest.fixture
def explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., list[str]]:
    """Explain something in a folder without a prober.yaml; give the lines."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> list[str]:
        assert exit_with(prober, ["explain", *arguments], name="prober") == 0
        return capsys.readouterr().out.splitlines()

    return run


def test_a_whole_surface_fits_a_screen_and_names_every_route(explain: Callable[..., list[str]]) -> None:
    lines = explain("mcp: *")
    text = " ".join(" ".join(lines).split())
    assert len(lines) < SCREEN
    assert max(map(len, lines)) <= 80
    assert re.match(r"mcp: \d+ routes, \d+ probes in profile oauth", lines[0])
    assert (
        "guard mcp-token expects 401 with www-authenticate: Bearer POST /mcp initialize, POST /mcp tools-list" in text
    )
    assert all(name in text for name in ("GET /mcp stream", "DELETE /mcp close", "POST /mcp batch", "POST /mcp/sse"))
    assert lines[-1] == "  prober explain 'mcp: POST /mcp initialize'"


def test_a_route_fits_a_screen_too(explain: Callable[..., list[str]]) -> None:
    lines = explain("mcp: POST /mcp initialize")
    assert len(lines) < SCREEN
    assert [line.split()[0] for line in lines[1:9] if line.startswith("  ") and not line.startswith("   ")] == [
        "why", "fix", "guard", "effect", "reproduce",
    ]  # fmt: skip
    assert any(line.startswith("  credentials  ") for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("me: GET /api/me [anonymous]",), id="one-probe"),
        pytest.param(("me: GET /api/me", "--verbose"), id="all-of-them"),
    ],
)
def test_the_bug_that_a_probe_catches_is_told(arguments: tuple[str, ...], explain: Callable[..., list[str]]) -> None:
    text = " ".join(" ".join(explain(*arguments)).split())
    assert "anonymous no guard at all; a guard that compares nothing with an unset secret" in text
    assert "--verbose" not in text


def test_verbose_explains_each_of_many_routes(explain: Callable[..., list[str]]) -> None:
    lines = explain("tokens: *", "--verbose")
    assert sum(line.startswith("tokens: ") for line in lines) > 1
    assert sum(line.startswith("  why ") for line in lines) == sum(line.startswith("tokens: ") for line in lines)


@pytest.mark.parametrize(
    ("variables", "arguments", "url"),
    [
        pytest.param({}, (), "http://127.0.0.1:8191/", id="of-prober-yaml"),
        pytest.param({"BASE_URL": "http://localhost:3000"}, (), "http://127.0.0.1:8191/", id="before-a-bare-variable"),
        pytest.param({"PROBER_BASE_URL": "http://127.0.0.1:1"}, (), "http://127.0.0.1:1/", id="after-our-own-variable"),
        pytest.param({}, ("--base-url", "http://127.0.0.1:2"), "http://127.0.0.1:2/", id="after-the-option"),
    ],
)
def test_the_curl_line_asks_the_deployment_of_prober_yaml(
    explain: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str], arguments: tuple[str, ...], url: str,
) -> None:  # fmt: skip
    (tmp_path / "prober.yaml").write_text("services: {web: 'http://127.0.0.1:8191'}\nsurfaces: [me]\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert any(url in line for line in explain("me: GET /api/me", *arguments) if "curl " in line)
