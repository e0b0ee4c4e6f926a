"""A server of bytes on loopback: what it answers is written as it is, a thread for each connection."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.payroll import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Part = bytes | float  # what is sent, or the seconds that are waited for
    Answer = Callable[[Asked], tuple[Part, ...]]


@contextmanager
def answering_bytes(answer: Answer) -> Iterator[str]:
    """Serve what `answer` says; nothing at all closes the connection."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    thread = threading.Thread(target=_accept, args=(listener, answer))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _accept(listener: socket.socket, answer: Answer) -> None:
    with contextlib.suppress(OSError):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=_converse, args=(sock, answer), daemon=True).start()


def _converse(sock: socket.socket, answer: Answer) -> None:
    with sock, contextlib.suppress(OSError):
        sock.settimeout(20)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (asked := _listen(sock)) is not None:
            parts = answer(asked)
            for part in parts:
                if isinstance(part, bytes):
                    head, end, body = part.partition(b"\r\n\r\n")
                    sock.sendall(part if asked.method != "HEAD" or not body else head + end)
                else:
                    time.sleep(part)
            if not parts or any(isinstance(part, bytes) and part.startswith(b"HTTP/1.0") for part in parts):
                return


def read_request(sock: socket.socket) -> tuple[bytes, bytes] | None:
    """Give the head of one request and its body; None where the client has closed the connection."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = sock.recv(65536)
        if not part:
            return None
        head += part
    head, _, body = head.partition(b"\r\n\r\n")
    sizes = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while sizes and len(body) < int(sizes[0]):
        body += sock.recv(65536)
    return head, body


def _listen(sock: socket.socket) -> Asked | None:
    request = read_request(sock)
    if request is None:
        return None
    head, body = request
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    method, target, _ = first.split(" ")
    return Asked(method=method, path=target, headers=headers, body=body)
