"""A shop in an empty folder, and `prober check` of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.cli.main import exit_with, prober
from tests.support.shop import Shop, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[Shop]:
    with served() as shop:
        yield shop


@pytest.fixture
def shop(server: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.chdir(tmp_path)
    server.reset()
    return server


@pytest.fixture
def check(shop: Shop, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*words: str) -> tuple[int, str]:
        status = exit_with(prober, ["check", shop.url, *words], name="prober")
        said = capsys.readouterr()
        return status, said.out + said.err

    return run
