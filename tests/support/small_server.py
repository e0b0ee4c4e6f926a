"""A small deployment behind any socket: TCP, a file, TLS or a proxy; it notes what it was asked."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
REFUSAL = b'{"error":"not_signed_in"}'
HEALTHY = b'{"ok":true}'


@dataclass
class Server:
    """A little deployment behind some socket, and what it was asked."""

    listener: socket.socket
    tls: ssl.SSLContext | None = None
    proxy_to: tuple[str, int] | None = None  # None: it answers itself
    heads: list[str] = field(default_factory=list)
    peers: list[object] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)  # that TLS was asked for

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(plain,), daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        try:
            sock = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
        except OSError:
            plain.close()
            return
        with sock:
            while head := self._head(sock):
                self.heads.append(head)
                if head.startswith("CONNECT "):
                    self._tunnel(sock)
                    return
                sock.sendall(self._answer(head))

    def _head(self, sock: socket.socket) -> str:
        read = b""
        while b"\r\n\r\n" not in read:
            try:
                more = sock.recv(65536)
            except OSError:
                return ""
            if not more:
                return ""
            read += more
        head, _, body = read.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += sock.recv(65536)
        return head.decode("latin-1")

    def _answer(self, head: str) -> bytes:
        path = head.split(" ")[1]
        status, body = (200, HEALTHY) if "/api/healthz" in path else (401, REFUSAL)
        status, body = (404, b'{"error":"no such page"}') if "lockdown-probe-" in path else (status, body)
        reason = {200: "OK", 401: "Unauthorized", 404: "Not Found"}[status]
        said = f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return said.encode() + body

    def _tunnel(self, sock: socket.socket) -> None:
        assert self.proxy_to is not None
        with socket.create_connection(self.proxy_to) as there:
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(there, sock), daemon=True)
            back.start()
            _pump(sock, there)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def serving(listener: socket.socket, **more: object) -> Iterator[Server]:
    server = Server(listener=listener, **more)  # type: ignore[arg-type]
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        listener.close()


def listener(family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> socket.socket:
    made = socket.socket(family)
    made.bind((host, 0))
    made.listen(64)
    return made
