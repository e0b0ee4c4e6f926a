"""What runs on a worker of a cluster: one process begins a deployment once, whoever asks."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from prober.app.options import SendOptions
from prober.fleet import remote
from prober.fleet.tasks import Task, WorkerSettings, settings_to_text, task_to_text

if TYPE_CHECKING:
    from pathlib import Path

TASK = task_to_text(Task(name="a", deployment="none.yaml"))  # it cannot be read, so that nothing is sent


def test_a_deployment_is_begun_once_in_a_session() -> None:
    settings = settings_to_text(WorkerSettings(sending=SendOptions()))
    remote.open_session("one", settings)
    remote.open_session("one", settings)
    assert json.loads(asyncio.run(remote.probe("one", TASK)))["verdict"] == "no-verdict"
    with pytest.raises(RuntimeError, match="'a' was begun here already"):
        asyncio.run(remote.probe("one", TASK))
    remote.close_session("one")
    with pytest.raises(KeyError):
        asyncio.run(remote.probe("one", TASK))


def test_a_worker_names_the_secrets_that_it_lacks_and_shows_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("kept-for-a-test")
    monkeypatch.setenv("THERE", "kept-for-a-test")
    monkeypatch.setenv("BLANK", " ")
    sources = ["env:THERE", "env:BLANK", "env:GONE", f"file:{tmp_path}/key", f"file:{tmp_path}/gone"]
    assert json.loads(remote.missing(sources)) == ["env:BLANK", "env:GONE", f"file:{tmp_path}/gone"]
