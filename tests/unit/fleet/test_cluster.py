"""Which clusters and workers are refused before the first deployment."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from prober import __version__
from prober.errors import UsageError
from prober.fleet.digest import digest_of_definitions

if TYPE_CHECKING:
    from pathlib import Path

cluster = pytest.importorskip("prober.fleet.cluster", reason="needs the extra 'fleet'")


@pytest.mark.parametrize(
    ("address", "what"),
    [
        pytest.param("tcp://192.0.2.1:8786", "is not encrypted", id="plain"),
        pytest.param("scheduler:8786", "is not an address", id="no-scheme"),
        pytest.param("ucx://127.0.0.1:8786", "is not an address", id="another-protocol"),
        pytest.param("tls://scheduler.example", "is not an address", id="no-port"),
        pytest.param("tls://[::1", "is not an address", id="no-host"),
        pytest.param("tls://scheduler.example:port", "is not an address", id="a-word-as-port"),
        pytest.param("TCP://192.0.2.1:8786", "is not encrypted", id="plain-in-capitals"),
    ],
)
def test_an_address_that_will_not_do_is_refused(address: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        cluster.check_address(address)


@pytest.mark.parametrize("address", ["tls://scheduler.example:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:8786"])
def test_what_is_encrypted_or_on_this_machine_is_taken(address: str) -> None:
    assert cluster.check_address(address) == address


@pytest.mark.parametrize(
    ("version", "content", "what"),
    [
        pytest.param(__version__, "guards: b", "has other definitions", id="definitions"),
        pytest.param("0.0.1", "guards: a", "has version 0.0.1", id="version"),
        pytest.param(__version__, "guards: a", None, id="the-same"),
    ],
)
def test_a_worker_that_would_probe_something_else_is_refused(
    version: str, content: str, what: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text(content)
    there = json.dumps({"version": version, "digest": digest_of_definitions([str(file)])})
    file.write_text("guards: a")
    engine = cluster.DaskEngine("tcp://127.0.0.1:8786", files=(str(file),))
    called: list[object] = []

    async def call(_: str, function: object, *__: object) -> object:
        called.append(function)
        return there

    engine._call = call
    if what is None:
        asyncio.run(engine._check("tcp://127.0.0.1:1"))
        assert called == [cluster.remote.facts, cluster.remote.open_session]
        return
    with pytest.raises(UsageError, match=what):
        asyncio.run(engine._check("tcp://127.0.0.1:1"))
    assert called == [cluster.remote.facts]
