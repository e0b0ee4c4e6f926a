"""The way to a service: by another address, by IPv4 or IPv6, through a proxy, by a socket that is a file, with a certificate."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from prober.model import ExitStatus
from tests.support.small_server import listener, serving

if TYPE_CHECKING:
    from collections.abc import Callable

PROBER = Path(sys.executable).parent / "prober"


def run(*options: str, cwd: Path) -> tuple[int, dict, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    done = subprocess.run(
        [PROBER, "run", "--profile", "oauth", "--surface", "health", "--surface", "knowledge", "--depth", "quick", "--only",
         "GET *", "--skip", "*readyz*", "--attempts", "1", "--timeout", "5", "--format", "json", *options],
        capture_output=True, text=True, cwd=cwd, env=clean, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {}, done.stderr


def reasons(report: dict) -> set[str]:
    return {finding["reason"] for finding in report["findings"]}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, str]:
    made = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    return made, str(path)


@pytest.fixture
def context_of(authority: tuple[trustme.CA, str]) -> Callable[..., ssl.SSLContext]:
    def make(*names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority[0].issue_cert(*names).configure_cert(context)
        return context

    return make


# --- another address --------------------------------------------------------------------------------------------------


def test_resolve_goes_to_the_address_and_asks_for_the_host_by_its_name(
    authority: tuple[trustme.CA, str], context_of: Callable[..., ssl.SSLContext], tmp_path: Path
) -> None:
    with serving(listener(), tls=context_of("app.example.test")) as server:
        place = f"app.example.test:{server.port}"
        status, report, _ = run(
            "--base-url", f"https://{place}", "--resolve", f"{place}:127.0.0.1", "--cacert", authority[1], cwd=tmp_path
        )
    assert (status, reasons(report)) == (0, {"as-promised"})
    assert report["services"]["web"]["tls_expires"] == "3000-01-01T00:00:00Z"  # as trustme has it
    assert {line for head in server.heads for line in head.split("\r\n") if line.lower().startswith("host:")} == {
        f"Host: {place}"
    }


def test_resolve_does_not_take_another_hosts_certificate(
    authority: tuple[trustme.CA, str], context_of: Callable[..., ssl.SSLContext], tmp_path: Path
) -> None:
    with serving(listener(), tls=context_of("127.0.0.1", "other.example.test")) as server:
        place = f"app.example.test:{server.port}"
        status, report, _ = run(
            "--base-url", f"https://{place}", "--resolve", f"{place}:127.0.0.1", "--cacert", authority[1], cwd=tmp_path
        )
    assert (status, reasons(report)) == (2, {"tls"})


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("app.example.test", "is not HOST:PORT:ADDR"),
        ("app.example.test:x:127.0.0.1", "is not HOST:PORT:ADDR"),
        ("other.example.test:443:127.0.0.1", "does not match a service"),
        ("app.example.test:80:127.0.0.1", "does not match a service"),
    ],
)
def test_a_resolve_that_means_nothing_is_a_usage_error(said: str, what: str, tmp_path: Path) -> None:
    status, _, err = run("--base-url", "https://app.example.test", "--resolve", said, cwd=tmp_path)
    assert (status, what in err) == (ExitStatus.USAGE, True)


@pytest.mark.parametrize(("option", "other"), [("--ipv4", "--ipv6"), ("--ipv6", "--ipv4")])
def test_only_the_wanted_family_is_used(option: str, other: str, tmp_path: Path) -> None:
    family, host = (socket.AF_INET, "127.0.0.1") if option == "--ipv4" else (socket.AF_INET6, "::1")
    try:
        bound = listener(family, host)
    except OSError:
        pytest.skip("this machine has no IPv6")
    shown = f"[{host}]" if ":" in host else host
    with serving(bound) as server:
        url = f"http://{shown}:{server.port}"
        assert run("--base-url", url, option, cwd=tmp_path)[0] == 0
        status, report, _ = run("--base-url", url, other, cwd=tmp_path)
    assert (status, report["verdict"]) == (2, "unreachable")


def test_both_families_at_once_are_a_usage_error(tmp_path: Path) -> None:
    status, _, err = run("--base-url", "http://127.0.0.1:9", "--ipv4", "--ipv6", cwd=tmp_path)
    assert (status, "exclude each other" in err) == (ExitStatus.USAGE, True)


# --- a proxy ----------------------------------------------------------------------------------------------------------


def test_a_proxy_is_told_the_whole_url(tmp_path: Path) -> None:
    with serving(listener()) as proxy:
        status, report, _ = run(
            "--base-url", "http://app.example.test", "--proxy", f"http://127.0.0.1:{proxy.port}", cwd=tmp_path
        )
    assert (status, reasons(report)) == (0, {"as-promised"})
    assert {head.split(" ")[1].split("/api")[0].split("/lockdown")[0] for head in proxy.heads} == {
        "http://app.example.test:80"
    }
    assert {line for head in proxy.heads for line in head.split("\r\n") if line.startswith("Host:")} == {
        "Host: app.example.test"
    }


def test_over_tls_a_proxy_only_opens_the_way(
    authority: tuple[trustme.CA, str], context_of: Callable[..., ssl.SSLContext], tmp_path: Path
) -> None:
    with serving(listener(), tls=context_of("app.example.test")) as server, serving(listener(), proxy_to=("127.0.0.1", server.port)) as proxy:  # fmt: skip
        status, report, _ = run(
            "--base-url", "https://app.example.test", "--proxy", f"http://127.0.0.1:{proxy.port}", "--cacert", authority[1],
            cwd=tmp_path,
        )  # fmt: skip
    assert (status, reasons(report)) == (0, {"as-promised"})
    assert {head.split("\r\n")[0] for head in proxy.heads} == {"CONNECT app.example.test:443 HTTP/1.1"}
    assert all(head.split(" ")[1].startswith("/") for head in server.heads)


def test_a_proxy_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    bound = listener()
    port = bound.getsockname()[1]
    bound.close()
    status, report, _ = run("--base-url", "http://app.example.test", "--proxy", f"http://127.0.0.1:{port}", cwd=tmp_path)  # fmt: skip
    assert (status, report["verdict"]) == (2, "unreachable")


@pytest.mark.parametrize("url", ["127.0.0.1:3128", "http://proxy", "ftp://proxy:1", "http://user:word@proxy:3128", "http://[::1"])  # fmt: skip
def test_what_is_no_proxy_is_a_usage_error(url: str, tmp_path: Path) -> None:
    status, _, err = run("--base-url", "http://127.0.0.1:9", "--proxy", url, cwd=tmp_path)
    assert (status, "--proxy" in err, "word" in err) == (ExitStatus.USAGE, True, "password" in err)


# --- a socket that is a file ------------------------------------------------------------------------------------------


def test_a_service_may_be_a_socket_that_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(path))
    bound.listen(64)
    with serving(bound) as server:
        status, report, _ = run("--service", f"web=unix:{path}", cwd=tmp_path)
    assert (status, reasons(report)) == (0, {"as-promised"})
    assert {line for head in server.heads for line in head.split("\r\n") if line.startswith("Host:")} == {
        "Host: localhost"
    }
    assert f"--unix-socket {path} http://localhost:80/" in report["findings"][0]["curl"]


def test_a_socket_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    status, report, _ = run("--service", f"web=unix:{tmp_path}/none.sock", cwd=tmp_path)
    assert (status, reasons(report)) == (2, {"refused"})


def test_a_socket_needs_a_path(tmp_path: Path) -> None:
    status, _, err = run("--service", "web=unix:app.sock", cwd=tmp_path)
    assert (status, "has no socket path" in err) == (ExitStatus.USAGE, True)


# --- a certificate of ours --------------------------------------------------------------------------------------------


@pytest.fixture
def wants_ours(authority: tuple[trustme.CA, str], context_of: Callable[..., ssl.SSLContext]) -> ssl.SSLContext:
    context = context_of("127.0.0.1")
    context.load_verify_locations(authority[1])
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.mark.parametrize("apart", [True, False])
def test_with_a_certificate_of_ours_the_door_keeper_lets_us_ask(
    authority: tuple[trustme.CA, str], wants_ours: ssl.SSLContext, tmp_path: Path, *, apart: bool
) -> None:
    ours = authority[0].issue_cert("prober.example.test")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    ours.cert_chain_pems[0].write_to_path(str(cert))
    ours.private_key_pem.write_to_path(str(key))
    ours.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    files = ("--cert", str(cert), "--key", str(key)) if apart else ("--cert", str(tmp_path / "both.pem"))
    with serving(listener(), tls=wants_ours) as server:
        url = f"https://127.0.0.1:{server.port}"
        assert run("--base-url", url, "--cacert", authority[1], *files, cwd=tmp_path)[0] == 0
        status, report, _ = run("--base-url", url, "--cacert", authority[1], cwd=tmp_path)
    assert (status, report["verdict"]) == (2, "unreachable")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--cert", "no.pem"), "--cert 'no.pem' hold no certificate with its key"),
        (("--key", "no.pem"), "--key is given without --cert"),
    ],
)
def test_files_that_hold_nothing_are_a_usage_error(options: tuple[str, ...], what: str, tmp_path: Path) -> None:
    status, _, err = run("--base-url", "https://127.0.0.1:9", *options, cwd=tmp_path)
    assert (status, what in err) == (ExitStatus.USAGE, True)
