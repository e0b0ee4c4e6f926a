"""A server that sends what a script says, on a thread for each connection, and notes what it received."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.hostile_answers import Act, Play, Script, Wait
from tests.support.raw_server import read_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass
class Deployment:
    """A server of bytes: a thread for each connection, and what it heard."""

    script: Script
    listener: socket.socket
    heard: list[bytes] = field(default_factory=list)
    visits: int = 0
    _turns: dict[str, int] = field(default_factory=dict)
    _open: set[socket.socket] = field(default_factory=set)
    _threads: list[threading.Thread] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.script.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._begin(self._accept)

    def end(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _begin(self, target: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._over.wait(self.script.accept_after):
                sock, _ = self.listener.accept()
                self.visits += 1
                self._begin(self._converse, sock)

    def _converse(self, plain: socket.socket) -> None:
        sock = plain
        with self._lock:
            self._open.add(plain)
        try:
            plain.settimeout(30)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.script.tls:
                sock = self.script.tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
                with self._lock:
                    self._open.add(sock)
                self._shake_hands(sock)
            if not self.script.reads:
                self._over.wait()
            while self._answer(sock):
                pass
        except (OSError, ValueError):
            pass  # the prober had enough of it, or the test has ended
        finally:
            with self._lock:
                self._open -= {plain, sock}
            sock.close()

    def _shake_hands(self, sock: ssl.SSLSocket) -> None:
        """A server that closes with something unread would take back the alert that says why."""
        try:
            sock.do_handshake()
        except ssl.SSLError:
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
            raise

    def _answer(self, sock: socket.socket) -> bool:
        """Hear one request and say what the script says; True to keep the connection."""
        request = read_request(sock)
        if request is None:
            return False
        for act in self._play_for(request[0]):
            if isinstance(act, bytes):
                sock.sendall(act)
            elif isinstance(act, Wait):
                self._over.wait(act.seconds)
            elif act is Act.RESET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif act is Act.HOLD:
                self._over.wait()
            else:
                return True
        return False

    def _play_for(self, head: bytes) -> Iterable[bytes | Act | Wait]:
        path = head.split(b" ")[1]
        kinds = {b"/api/healthz": "health", b"/api/readyz": "health"}
        kind = kinds.get(path, "guarded" if path.startswith(b"/api/knowledge") else "not_found")
        with self._lock:
            self.heard.append(head)
            turn = self._turns[kind] = self._turns.get(kind, -1) + 1
        play: Play = getattr(self.script, kind)
        return play(turn)


@contextmanager
def deployed(script: Script) -> Iterator[Deployment]:
    here = Deployment(script, socket.create_server(("127.0.0.1", 0), backlog=128))
    here.start()
    try:
        yield here
    finally:
        here.end()
