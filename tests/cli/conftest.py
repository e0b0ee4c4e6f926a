"""Fixtures of the tests that run the installed commands."""

from __future__ import annotations

import os
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from prober.cli.schema import KINDS, schema_of
from tests.support.learned_gate import server, shop
from tests.support.process import SCRIPTS, Ended, Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["server", "shop"]


@pytest.fixture
def silent() -> Iterator[Silent]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.settimeout(0)
        yield Silent(listener)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Ended]:
    """Run a console script in an empty folder, with little but PATH in its environment."""

    def run(name: str, *arguments: str, stdin: str = "", **env: str) -> Ended:
        done = subprocess.run(
            [SCRIPTS / name, *arguments],
            cwd=tmp_path, input=stdin, capture_output=True, text=True, check=False, timeout=30,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **env},
        )  # fmt: skip
        assert "Traceback" not in done.stderr + done.stdout
        return Ended(status=done.returncode, out=done.stdout, err=done.stderr)

    return run


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder: no test sees the deployment of the folder that it was started in."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def wrong_in() -> Callable[[str, object], list[str]]:
    """Say what a schema of this kind finds wrong in a value."""
    validators = {kind: Draft202012Validator(schema_of(kind), format_checker=FormatChecker()) for kind in KINDS}
    return lambda kind, value: [f"{error.json_path}: {error.message}" for error in validators[kind].iter_errors(value)]
