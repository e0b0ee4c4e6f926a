"""The FastAPI example of docs/: locked as it stands, red for each guard that it can break, and as `prober init` writes it."""

from __future__ import annotations

import importlib.util
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import uvicorn

from prober.cli.main import exit_with, prober
from tests.support.examples import EXAMPLES, open_routes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = EXAMPLES / "fastapi"
FILES = ("prober.yaml", "lockdown/profile.yaml", "lockdown/surfaces/app.yaml")


@contextmanager
def running() -> Iterator[str]:
    """Serve the example on a free port, with the environment as it is now."""
    spec = importlib.util.spec_from_file_location("example_of_fastapi", FOLDER / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = uvicorn.Server(uvicorn.Config(module.app, port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        pytest.param("", (0, set()), id="locked"),
        pytest.param("bearer", (1, {"app: GET /notes"}), id="bearer"),
        pytest.param("admin", (1, {"app: GET /admin/report"}), id="admin"),
        pytest.param("cron", (1, {"app: POST /cron/nightly"}), id="cron"),
    ],
)
def test_the_example_is_locked_and_each_broken_guard_is_found(
    broken: str, expected: tuple[int, set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKEN", broken)
    with running() as url:
        assert open_routes("fastapi", url) == expected


def test_its_files_are_what_init_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with running() as url:
        assert exit_with(prober, ["init", url], name="prober") == 0
    written = {name: (tmp_path / name).read_text("utf-8").replace(url, "http://127.0.0.1:8000") for name in FILES}
    assert written == {name: (FOLDER / name).read_text("utf-8") for name in FILES}
