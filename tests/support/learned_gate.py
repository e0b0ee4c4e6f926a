"""A gate that is learned from a running application."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.cli.main import exit_with, prober
from tests.support.shop import JSON, REFUSED, Shop, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GUARDED: dict[str, object] = {"security": [{"key": []}]}
BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
DOCUMENT = {
    "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
    "paths": {
        "/orders": {"get": GUARDED, "post": {**GUARDED, **BODY}},
        "/healthz": {"get": {}}, "/login": {"get": {}, "post": BODY}, "/admin": {"get": {}},
        "/cron/nightly": {"post": {}},
    },
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Shop]:
    with served() as shop:
        yield shop


@pytest.fixture
def shop(server: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop with its own description, in a folder where nothing is yet."""
    monkeypatch.chdir(tmp_path)
    server.reset()
    server.replies |= {
        "GET /openapi.json": (200, JSON, json.dumps(DOCUMENT)),
        "POST /orders": REFUSED,
        "POST /login": (422, JSON, '{"detail": "not an object"}'),
    }
    return server


def run(*words: str) -> int:
    return exit_with(prober, list(words), name="prober")
