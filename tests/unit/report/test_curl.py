"""The curl line is the very request: read back by a shell's rules, and sent by the real curl to a server that listens."""

from __future__ import annotations

import argparse
import shlex
import shutil
import socket
import subprocess
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.model import Effect, Finding, Probe, Service
from prober.report.curl import curl

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan

    Make = Callable[..., Finding]


def service(port: int = 3000, host: str = "127.0.0.1", scheme: str = "http") -> Service:
    return Service(name="web", url=f"{scheme}://{host}:{port}", scheme=scheme, host=host, port=port, base_path="")


COMMON = (
    ("User-Agent", "lockdown-prober"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "identity"),
    ("Cache-Control", "no-cache"),
)
JSON = ("Content-Type", "application/json")


def parsed(line: str) -> argparse.Namespace:
    """Read a line as a shell would, and its options as curl would."""
    command, *words = shlex.split(line)
    assert command == "curl"
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("-qgsSi", action="store_true", required=True, dest="quiet")
    parser.add_argument("--path-as-is", action="store_true", required=True)
    parser.add_argument("-m", type=int, required=True)
    parser.add_argument("-X", default="GET")
    parser.add_argument("-I", action="store_const", const="HEAD", dest="X")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("--data-raw")
    parser.add_argument("url")
    return parser.parse_args(words)


HOSTILE = "a'b\"c;rm -rf $HOME `id` $(id) \\ & | > < * ? ! # ~"


@pytest.mark.parametrize(
    ("made", "method", "url", "headers", "content"),
    [
        pytest.param({"path": "/api/me"}, "GET", "http://127.0.0.1:3000/api/me", [], None, id="plain"),
        pytest.param({"path": "/a", "method": "HEAD"}, "HEAD", "http://127.0.0.1:3000/a", [], None, id="head"),
        pytest.param({"path": "/a", "method": "OPTIONS"}, "OPTIONS", "http://127.0.0.1:3000/a", [], None, id="options"),
        pytest.param({"path": "/a", "method": "DELETE"}, "DELETE", "http://127.0.0.1:3000/a", [], None, id="delete"),
        pytest.param(
            {"path": "/a", "method": "POST"}, "POST", "http://127.0.0.1:3000/a", ["Content-Length: 0"], None, id="post-of-nothing"
        ),
        pytest.param(
            {"path": "/a", "method": "POST", "headers": (JSON,), "content": b'{"code":"!"}'}, "POST", "http://127.0.0.1:3000/a",
            ["Content-Type: application/json"], '{"code":"!"}', id="post-of-json",
        ),
        pytest.param(
            {"path": "/a", "method": "PUT", "content": b"@/etc/passwd"}, "PUT", "http://127.0.0.1:3000/a",
            ["Content-Type:"], "@/etc/passwd", id="body-that-looks-like-a-file",
        ),
        pytest.param(
            {"headers": (("Authorization", "Bearer a"), ("Authorization", "Bearer  b"))}, "GET", "http://127.0.0.1:3000/api/me",
            ["Authorization: Bearer a", "Authorization: Bearer  b"], None, id="header-twice",
        ),
        pytest.param(
            {"headers": (("Authorization", ""),)}, "GET", "http://127.0.0.1:3000/api/me", ["Authorization;"], None, id="empty-header"
        ),
        pytest.param(
            {"headers": (("X-A", HOSTILE),)}, "GET", "http://127.0.0.1:3000/api/me", [f"X-A: {HOSTILE}"], None, id="header-for-a-shell"
        ),
        pytest.param(
            {"method": "POST", "content": HOSTILE.encode() + b"\n\xc3\xa4"}, "POST", "http://127.0.0.1:3000/api/me",
            ["Content-Type:"], f"{HOSTILE}\nä", id="body-for-a-shell",
        ),
        pytest.param({"path": "/a/../b"}, "GET", "http://127.0.0.1:3000/a/../b", [], None, id="dots"),
        pytest.param({"path": "//a"}, "GET", "http://127.0.0.1:3000//a", [], None, id="double-slash"),
        pytest.param({"path": "/'$(id)'"}, "GET", "http://127.0.0.1:3000/'$(id)'", [], None, id="path-for-a-shell"),
        pytest.param({"path": "/a?b=c&d"}, "GET", "http://127.0.0.1:3000/a?b=c&d", [], None, id="query"),
        pytest.param({"path": "/-x"}, "GET", "http://127.0.0.1:3000/-x", [], None, id="hyphen"),
    ],
)  # fmt: skip
def test_the_line_is_read_back_as_the_request(
    finding_of: Make, made: dict[str, object], method: str, url: str, headers: list[str], content: str | None
) -> None:
    line = parsed(curl(with_common(finding_of(**made).probe), service()))
    assert (line.X, line.url, line.H, line.data_raw) == (method, url, headers, content)


def with_common(probe: Probe) -> Probe:
    """As the plan sends it: with the headers of every request before its own."""
    return replace(probe, request=replace(probe.request, headers=(*COMMON, *probe.request.headers)))


def test_a_header_that_a_route_says_itself_is_not_left_out(finding_of: Make) -> None:
    made = finding_of(headers=(("User-Agent", "vercel-cron/1.0"), ("Accept", "text/html"))).probe
    assert parsed(curl(made, service())).H == ["User-Agent: vercel-cron/1.0", "Accept: text/html"]


@pytest.mark.parametrize(
    ("host", "scheme", "url"),
    [
        pytest.param("::1", "http", "http://[::1]:3000/api/me", id="ipv6"),
        pytest.param("app.test", "https", "https://app.test:3000/api/me", id="https"),
    ],
)
def test_the_line_names_the_services_own_address(finding_of: Make, host: str, scheme: str, url: str) -> None:
    assert parsed(curl(finding_of().probe, service(host=host, scheme=scheme))).url == url


@pytest.mark.parametrize(
    ("effect", "inert", "commented"),
    [
        pytest.param(Effect.NONE, False, False, id="harmless"),
        pytest.param(Effect.TRACE, False, False, id="trace"),
        pytest.param(Effect.REPEATS, False, False, id="repeats"),
        pytest.param(Effect.ACTS, True, False, id="acts-but-is-inert"),
        pytest.param(Effect.ACTS, False, True, id="acts"),
    ],
)
def test_only_what_could_act_is_a_comment(finding_of: Make, effect: Effect, *, inert: bool, commented: bool) -> None:
    line = curl(finding_of(effect=effect, inert=inert).probe, service())
    assert line.startswith("# curl ") is commented
    assert len(line.splitlines()) == 1


def test_every_line_of_the_shipped_probes_is_read_back(plan_of: Callable[..., Plan]) -> None:
    """No shipped probe needs a line that a shell or curl would read otherwise."""
    plan = plan_of()
    services = {entry.name: entry for entry in plan.services}
    read = [(probe, parsed(curl(probe, services[probe.request.service]).removeprefix("# "))) for probe in plan.probes]
    assert len(read) > 100
    assert [probe.id for probe, line in read if not line.url.endswith(probe.request.target)] == []
    assert [probe.id for probe, line in read if probe.request.method != line.X] == []
    assert [probe.id for probe, line in read if (line.data_raw or "").encode() != (probe.request.content or b"")] == []


# --- the real curl ----------------------------------------------------------------------------------------------------


def heard_from(command: Callable[[int], list[str]]) -> bytes:
    """Listen on a port, run the command, and give the bytes that came."""
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            head = b"".join(iter(stream.readline, b"\r\n"))
            sizes = [line[15:] for line in head.lower().splitlines() if line.startswith(b"content-length:")]
            heard.append(head + b"\r\n" + stream.read(int(sizes[0]) if sizes else 0))
            connection.sendall(
                b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        done = subprocess.run(command(listener.getsockname()[1]), capture_output=True, timeout=10, check=False)
        thread.join(5)
    assert done.returncode == 0, done.stderr
    assert b" 307 Moved" in done.stdout
    return heard[0]


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize(
    ("made", "first", "lines", "body"),
    [
        pytest.param({"path": "/a/../b?c=%2e%2e"}, "GET /a/../b?c=%2e%2e HTTP/1.1", [], b"", id="dots"),
        pytest.param({"path": "//a{b,c}[1-3]"}, "GET //a{b,c}[1-3] HTTP/1.1", [], b"", id="patterns"),
        pytest.param({"path": "/a", "method": "HEAD"}, "HEAD /a HTTP/1.1", [], b"", id="head"),
        pytest.param({"path": "/a", "method": "POST"}, "POST /a HTTP/1.1", ["Content-Length: 0"], b"", id="post-of-nothing"),
        pytest.param(
            {"path": "/a", "method": "POST", "headers": (JSON,), "content": b'{"code":"!"}'}, "POST /a HTTP/1.1",
            ["Content-Type: application/json", "Content-Length: 12"], b'{"code":"!"}', id="post-of-json",
        ),
        pytest.param(
            {"path": "/a", "method": "PUT", "content": b"@/etc/hostname\r\n x"}, "PUT /a HTTP/1.1", ["Content-Length: 18"],
            b"@/etc/hostname\r\n x", id="body-that-looks-like-a-file",
        ),
        pytest.param(
            {"headers": (("Authorization", "Bearer  x"), ("Authorization", ""), ("Cookie", "a=b; c=d"))}, "GET /api/me HTTP/1.1",
            ["Authorization: Bearer  x", "Authorization:", "Cookie: a=b; c=d"], b"", id="credentials",
        ),
        pytest.param({"headers": (("Host", "evil.test"),)}, "GET /api/me HTTP/1.1", [], b"", id="foreign-host"),
        pytest.param({"headers": (("X-A", HOSTILE),)}, "GET /api/me HTTP/1.1", [f"X-A: {HOSTILE}"], b"", id="for-a-shell"),
    ],
)  # fmt: skip
def test_curl_sends_what_the_probe_sends(
    finding_of: Make, made: dict[str, object], first: str, lines: list[str], body: bytes
) -> None:
    probe = with_common(finding_of(**made).probe)
    heard = heard_from(lambda port: ["sh", "-c", curl(probe, service(port))])
    head, _, content = heard.partition(b"\r\n\r\n")
    request, *headers = head.decode().split("\r\n")
    ordinary = ("host:", "user-agent:", "accept:")
    assert request == first
    assert [line for line in headers if not line.lower().startswith(ordinary)] == lines
    assert content == body


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_sends_the_host_that_the_probe_names(finding_of: Make) -> None:
    probe = finding_of(headers=(("Host", "evil.test"),)).probe
    heard = heard_from(lambda port: ["sh", "-c", curl(probe, service(port))])
    assert [line for line in heard.decode().splitlines() if line.lower().startswith("host:")] == ["Host: evil.test"]
