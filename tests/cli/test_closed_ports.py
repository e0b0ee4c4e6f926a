"""Ports that must be closed: refused and dropped are right, a connection is a leak, and nothing is said on it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.demo.server import running
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBER = Path(sys.executable).parent / "prober"


def run(cwd: Path, url: str, ports: str, *options: str) -> tuple[int, dict[str, dict], str]:
    (cwd / "prober.yaml").write_text(
        f"profile: oauth\nservices: {{web: '{url}'}}\nclosed-ports: {ports}\n", encoding="utf-8"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    done = subprocess.run(
        [PROBER, "run", "--surface", "health", "--format", "json", *options], capture_output=True, text=True, cwd=cwd,
        env=clean, timeout=60, check=False,
    )  # fmt: skip
    found = {f["id"]: f for f in json.loads(done.stdout)["findings"]} if done.stdout.startswith("{") else {}
    return done.returncode, found, done.stderr


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=8) as made:
        made.settimeout(5)
        yield made


def free_port() -> int:
    with listening() as made:
        return int(made.getsockname()[1])


def test_a_port_that_refuses_is_locked(tmp_path: Path) -> None:
    port = free_port()
    with running("oauth") as demo:
        status, found, _ = run(tmp_path, demo.web_url, f"[{port}]")
    finding = found[f"closed-ports: CONNECT :{port} @web [port]"]
    assert (status, finding["verdict"], finding["detail"]) == (
        0,
        "locked",
        f"nothing accepts connections at port {port}",
    )
    assert finding["source"] == "prober.yaml:3"


def test_a_port_that_takes_a_connection_is_a_leak_and_nothing_is_said_on_it(tmp_path: Path) -> None:
    with running("oauth") as demo, listening() as open_port:
        port = open_port.getsockname()[1]
        status, found, _ = run(tmp_path, demo.web_url, f"[{port}]")
        connection, _ = open_port.accept()
        with connection:
            assert connection.recv(16) == b""
        open_port.settimeout(0.2)
        with pytest.raises(TimeoutError):
            open_port.accept()
    finding = found[f"closed-ports: CONNECT :{port} @web [port]"]
    assert (status, finding["verdict"], finding["reason"]) == (1, "leak", "port-open")
    assert finding["curl"] == f"nc -vz -w 3 127.0.0.1 {port}"


def test_an_open_port_is_a_leak_although_the_service_is_not_there(tmp_path: Path) -> None:
    with listening() as open_port:
        status, found, _ = run(
            tmp_path, f"http://127.0.0.1:{free_port()}", f"[{open_port.getsockname()[1]}]", "--attempts", "1"
        )
    assert status == 1
    assert {f["reason"] for f in found.values()} == {"port-open", "refused"}


@pytest.mark.parametrize(
    ("ports", "what"),
    [
        ("[0]", "0 is not a port"),
        ("[65536]", "65536 is not a port"),
        ("[5432, 5432]", "port 5432 is given twice"),
        ("[http]", "a port must be a number"),
        ("[]", "'closed-ports' is an empty list"),
        ("[9]", "port 9 must be closed, and service 'web' is there"),
    ],
)
def test_a_mistake_in_ports_stops_the_run(ports: str, what: str, tmp_path: Path) -> None:
    status, _, err = run(tmp_path, "http://127.0.0.1:9", ports)
    assert (status, what in err) == (ExitStatus.DEFINITION, True)
