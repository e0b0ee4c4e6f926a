"""Receivers of alerts for tests."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from prober.canary.finding_state import Moment, Transition
from prober.canary.receivers import Receiver, receiver_of
from prober.canary.times import stamp
from prober.model import Change, Verdict

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator


SECRET = "whsec-0123456789"
NOW = 1_795_000_000.0
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Listening:
    """A receiver on a real socket, which answers with what a test says, and what came to it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/hook?key=k"
        self.requests: list[tuple[str, dict[str, str], bytes]] = []


@contextmanager
def listening(
    *answers: bytes | Callable[[socket.socket], None], tls: ssl.SSLContext | None = None
) -> Iterator[Listening]:
    """Give the answers one after the other, and the last one for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    here = Listening(server.getsockname()[1])
    ended = threading.Event()

    def serve() -> None:
        for n in range(1_000):
            try:
                raw, _ = server.accept()
            except OSError:
                return
            answer = answers[min(n, len(answers) - 1)]
            try:
                with tls.wrap_socket(raw, server_side=True) if tls else raw as sock:
                    sock.settimeout(5)
                    here.requests.append(read(sock))
                    answer(sock) if callable(answer) else sock.sendall(answer)
            except OSError:
                pass  # the other side has had enough, which some tests are about

    def read(sock: socket.socket) -> tuple[str, dict[str, str], bytes]:
        with sock.makefile("rb") as stream:
            line = stream.readline().decode().strip()
            pairs = [head.decode().strip().partition(": ") for head in iter(stream.readline, b"\r\n") if head]
            headers = {name.lower(): value for name, _, value in pairs}
            return line, headers, stream.read(int(headers.get("content-length", "0")))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        ended.set()
        with closing(server):
            server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def answered(status: int) -> bytes:
    return f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n".encode()


def webhook(url: str) -> Receiver:
    return receiver_of(url, secret=SECRET, wall=lambda: NOW)


def opened(name: str, verdict: Verdict = Verdict.LEAK) -> Transition:
    moment = Moment(run="r", at=stamp(NOW), release="1.0.397", before="1.0.396")
    return Transition(id=name, change=Change.OPENED if verdict is Verdict.LEAK else Change.CHANGED, before=Verdict.LOCKED, after=verdict, reason="granted", detail="answered 200", at=moment)  # fmt: skip
