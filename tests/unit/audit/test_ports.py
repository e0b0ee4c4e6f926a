"""What listens on this machine, against the ports that are declared closed."""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from prober.audit.ports import listeners
from prober.audit.ports.rules import audit
from prober.cli.audit_ports import ports
from prober.errors import UsageError
from prober.model import ExitStatus, Source
from prober.model.audit import Listener

PROBER = Path(sys.executable).with_name("prober")
AT = Source(file="prober.yaml", line=3)


def heard(address: str, port: int = 5432, process: str | None = "postgres") -> Listener:
    return Listener(address=address, port=port, process=process)


@pytest.mark.parametrize(
    ("listener", "rule", "what"),
    [
        pytest.param(heard("0.0.0.0"), "PORT001", "port 5432 listens on every address (0.0.0.0), by postgres", id="any"),
        pytest.param(heard("::"), "PORT001", "port 5432 listens on every address (::), by postgres", id="any-of-ipv6"),
        pytest.param(heard("::ffff:0.0.0.0"), "PORT001", "port 5432 listens on every address (::ffff:0.0.0.0), by postgres", id="any-mapped"),
        pytest.param(heard("8.8.8.8"), "PORT001", "port 5432 listens on the public address 8.8.8.8, by postgres", id="public"),
        pytest.param(heard("2606:4700::1"), "PORT001", "port 5432 listens on the public address 2606:4700::1, by postgres", id="public-of-ipv6"),
        pytest.param(heard("172.17.0.1"), "PORT002", "port 5432 listens on the private address 172.17.0.1, by postgres", id="bridge"),
        pytest.param(heard("fe80::1%eth0"), "PORT002", "port 5432 listens on the private address fe80::1%eth0, by postgres", id="link-local"),
        pytest.param(heard("*"), "PORT001", "port 5432 listens on *, by postgres", id="unknown-word"),
        pytest.param(heard("0.0.0.0", process="docker-proxy"), "PORT001", "port 5432 listens on every address (0.0.0.0), by docker-proxy (a published port of a container)", id="docker"),
        pytest.param(heard("0.0.0.0", process=None), "PORT001", "port 5432 listens on every address (0.0.0.0), by a process that this user may not see", id="unseen-process"),
    ],
)  # fmt: skip
def test_closed_port_that_listens_elsewhere_is_told(listener: Listener, rule: str, what: str) -> None:
    (breach,) = audit([listener], {5432: AT})
    assert (breach.rule.id, breach.what, breach.source) == (rule, what, AT)


@pytest.mark.parametrize(
    "listener",
    [
        pytest.param(heard("127.0.0.1"), id="loopback"),
        pytest.param(heard("127.0.0.53"), id="all-of-127"),
        pytest.param(heard("::1"), id="loopback-of-ipv6"),
        pytest.param(heard("::ffff:127.0.0.1"), id="loopback-mapped"),
        pytest.param(heard("0.0.0.0", port=443), id="another-port"),
    ],
)
def test_what_is_not_declared_or_is_for_this_machine_alone_is_right(listener: Listener) -> None:
    assert audit([listener], {5432: AT}) == ()


def test_public_comes_before_private_and_each_is_told_once() -> None:
    found = audit([heard("10.0.0.1", 1), heard("::", 2), heard("0.0.0.0", 2), heard("::", 2)], {1: AT, 2: AT})
    assert [(breach.rule.id, breach.what.split()[1]) for breach in found] == [
        ("PORT001", "2"), ("PORT001", "2"), ("PORT002", "1"),
    ]  # fmt: skip


def test_what_cannot_be_seen_is_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert ports(None, (5432,), format_="json", look=lambda: None) == ExitStatus.NO_VERDICT
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["breaches"][0]["rule"]) == ("unproven", "PORT003")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("127.0.0.1", ExitStatus.LOCKED, id="loopback"),
        pytest.param("0.0.0.0", ExitStatus.LEAK, id="any"),
        pytest.param("192.168.1.2", ExitStatus.LEAK, id="private"),
    ],
)
def test_exit_status_follows(
    address: str,
    status: ExitStatus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "prober.yaml").write_text("profile: oauth\n\nclosed-ports: [5432]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert ports(None, (), format_="text", look=lambda: (heard(address),)) == status
    assert ("prober.yaml:3: port 5432" in capsys.readouterr().out) is (status is ExitStatus.LEAK)


def test_nothing_declared_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no port is declared closed"):
        ports(None, (), format_="text", look=tuple)


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    from prober.cli.audit_ports import _listeners  # noqa: PLC0415

    with pytest.raises(UsageError) as caught:
        _listeners()
    assert str(caught.value) == (
        "error: 'audit ports' needs the extra 'audit'\n  fix: in a clone of the prober: pip install '.[audit]'"
    )


# --- real sockets -----------------------------------------------------------------------------------------------------


def listening_on(family: socket.AddressFamily, address: str) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    made.bind((address, 0))
    made.listen()
    return made


@pytest.mark.integration
@pytest.mark.parametrize(
    ("family", "address", "rules"),
    [
        pytest.param(socket.AF_INET, "127.0.0.1", [], id="loopback"),
        pytest.param(socket.AF_INET, "0.0.0.0", ["PORT001"], id="any"),
        pytest.param(socket.AF_INET6, "::1", [], id="loopback-of-ipv6"),
        pytest.param(socket.AF_INET6, "::", ["PORT001"], id="any-of-ipv6"),
    ],
)
def test_real_socket_is_seen(family: socket.AddressFamily, address: str, rules: list[str]) -> None:
    try:
        made = listening_on(family, address)
    except OSError:
        pytest.skip("no IPv6 here")
    with closing(made):
        port = made.getsockname()[1]
        seen = listeners.listeners()
        assert seen is not None
        assert [s.address for s in seen if s.port == port] == [address]
        assert [breach.rule.id for breach in audit(seen, {port: AT})] == rules


@pytest.mark.integration
def test_socket_that_does_not_listen_is_not_one() -> None:
    with closing(socket.socket()) as made:
        made.bind(("127.0.0.1", 0))
        assert [s for s in listeners.listeners() or () if s.port == made.getsockname()[1]] == []


@pytest.mark.parametrize("error", [psutil.AccessDenied(), PermissionError()])
def test_system_that_does_not_say_is_none(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> None:
        raise error

    monkeypatch.setattr(psutil, "net_connections", refuse)
    assert listeners.listeners() is None


@pytest.mark.integration
def test_command_says_it_of_this_machine(tmp_path: Path) -> None:
    with closing(listening_on(socket.AF_INET, "0.0.0.0")) as made:
        port = str(made.getsockname()[1])
        words: list[str | Path] = [PROBER, "audit", "ports", "--closed", port]
        done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == ExitStatus.LEAK
    assert f"port {port} listens on every address (0.0.0.0), by " in done.stdout
    assert done.stdout.splitlines()[-1] == "leak: 1 rule of 3 broken (1 leak)"
