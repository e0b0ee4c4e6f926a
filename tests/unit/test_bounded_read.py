"""No input hangs a gate: files are read to a bound, pipes and devices to a deadline too, by every option that names one."""

from __future__ import annotations

import os
import ssl
import threading
from pathlib import Path

import pytest

from prober import bounded_read
from prober.app import secrets
from prober.bounded_read import read_bounded
from prober.cli.main import exit_with, prober
from prober.model import ExitStatus
from prober.transport.network import TlsSettings, trusted_by_environment


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bounded_read, "PATIENCE", 0.1)
    monkeypatch.setattr(secrets, "STDIN_PATIENCE", 0.1)
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("PROBER_", "BASE_URL", "MCP_URL")):
            monkeypatch.delenv(name)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.yaml")
    return tmp_path / "pipe.yaml"


def test_a_pipe_that_nobody_writes_to_is_an_error(pipe: Path) -> None:
    with pytest.raises(OSError, match="did not end in"):
        read_bounded(pipe, 10)


def test_a_pipe_that_stays_open_is_an_error_although_something_came(pipe: Path) -> None:
    handle = os.open(pipe, os.O_RDWR)
    os.write(handle, b"abc")
    with pytest.raises(OSError, match="did not end in"):
        read_bounded(pipe, 10)
    os.close(handle)


def test_a_pipe_that_ends_is_read(pipe: Path) -> None:
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"abc"))
    writer.start()
    assert read_bounded(pipe, 10) == b"abc"
    writer.join()


def test_an_endless_device_is_read_to_the_bound() -> None:
    assert read_bounded(Path("/dev/zero"), 200_000) == bytes(200_000)


def test_a_file_is_read_to_the_bound(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abcdef")
    assert (read_bounded(tmp_path / "f", 4), read_bounded(tmp_path / "f", 10)) == (b"abcd", b"abcdef")


URL = ["--base-url", "http://127.0.0.1:1"]
INPUTS = {
    "deployment": ["run", "--deployment", "{it}"],
    "profile": ["run", "--profile", "{it}", *URL],
    "waivers": ["run", "--profile", "oauth", "--waivers", "{it}", *URL],
    "baseline": ["run", "--profile", "oauth", "--baseline", "{it}", *URL],
    "env-file": ["run", "--env-file", "{it}", *URL],
    "hold": ["run", "--profile", "oauth", "--hold", "mcp-token=file:{it}", *URL],
    "header": ["run", "--profile", "oauth", "--header", "x-wall: file:{it}", *URL],
    "cacert": ["run", "--profile", "oauth", "--cacert", "{it}", *URL],
    "cert": ["run", "--profile", "oauth", "--cert", "{it}", *URL],
    "audit-env": ["audit", "env", "{it}"],
    "openapi": ["discover", "openapi", "{it}"],
    "diff": ["diff", "{it}", "{it}"],
    "fleet-merge": ["fleet", "merge", "{it}"],
}


@pytest.mark.parametrize("arguments", INPUTS.values(), ids=INPUTS)
def test_every_option_that_names_a_pipe_ends_as_a_usage_error(
    arguments: list[str], pipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.replace("{it}", f"./{pipe.name}") for word in arguments]
    assert exit_with(prober, words, name="prober") == ExitStatus.USAGE
    assert pipe.name in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [INPUTS[name] for name in INPUTS if name not in {"cacert", "cert"}])
def test_every_option_that_names_an_endless_device_ends(arguments: list[str]) -> None:
    words = [word.replace("{it}", "/dev/zero") for word in arguments]
    assert exit_with(prober, words, name="prober") in {ExitStatus.USAGE, ExitStatus.DEFINITION}


def test_a_standard_input_that_nobody_writes_to_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as stream, os.fdopen(writing, "w"):
        monkeypatch.setattr("sys.stdin", stream)
        words = ["run", "--profile", "oauth", "--hold", "mcp-token=-", *URL]
        assert exit_with(prober, words, name="prober") == ExitStatus.USAGE
    assert "no line came on standard input" in capsys.readouterr().err


# --- variables that TLS obeys -----------------------------------------------------------------------------------------


def test_no_session_key_is_written_where_a_variable_names_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    ssl.create_default_context()
    (tmp_path / "keys").unlink()  # what Python makes of it by itself
    context = TlsSettings().context()
    assert not context.keylog_filename
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_authorities_of_the_environment_are_named_in_the_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    assert trusted_by_environment(TlsSettings()) == []
    monkeypatch.setenv(name, "/etc/ours")
    assert trusted_by_environment(TlsSettings()) == [
        f"the authorities that TLS trusts are those of {name}=/etc/ours in the environment"
    ]
    assert trusted_by_environment(TlsSettings(cacert="own.pem")) == []
