"""A small shop, as people build them: pages, an API, a job; a test opens its doors and sees what came."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON, HTML = "application/json", "text/html"
Reply = tuple[int, str, str]  # status, content type or where to, body
ITEMS: Reply = (200, JSON, '[{"sku": "a-1", "buyer": "Mia"}]')
# of a server of MCP, to a request that names no session
LACKS_SESSION = (400, JSON, '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Missing session ID"}}')
REFUSED: Reply = (401, JSON, '{"detail": "who are you?"}')
SHOP: dict[str, Reply] = {
    "GET /": (200, HTML, "<h1>Shop</h1><a href='/basket'>basket</a> <a href='https://else.example/x'>x</a> <img src='/a.png'>"),
    "GET /healthz": (200, JSON, '{"ok": true}'),
    "GET /basket": (200, HTML, "<h1>Your basket</h1>"),
    "GET /admin": (302, "/login?next=/admin", ""),
    "GET /login": (200, HTML, "<form><input type=password></form>"),
    "GET /orders": REFUSED,
    "GET /api/users": REFUSED,
    "POST /cron/nightly": REFUSED,
    "POST /refunds": REFUSED,
}  # fmt: skip


@dataclass
class Shop:
    """A small shop, whose doors a test may open; it counts what came."""

    url: str
    replies: dict[str, Reply]
    seen: Counter[str] = field(default_factory=Counter)
    not_found: Reply = (404, JSON, '{"detail": "no such thing"}')
    challenge: str = ""  # of every 401
    below: dict[str, Reply] = field(default_factory=dict)  # what each path below one gets that has no reply of its own
    allows: dict[str, str] = field(default_factory=dict)  # the methods that OPTIONS names, by path
    allows_elsewhere: str = ""
    cookie: str = ""  # that every answer hands out
    needs_token: str = ""  # what the body of every POST must hold, else 403 says why
    needs_bearer: set[str] = field(default_factory=set)  # any bearer opens these

    def elsewhere(self, path: str) -> Reply:
        """What a path without a reply gets."""
        return next((reply for start, reply in self.below.items() if path.startswith(start)), self.not_found)

    def reset(self) -> None:
        """Lock every door, and forget who came."""
        self.replies, self.needs_bearer = dict(SHOP), set()
        self.not_found = (404, JSON, '{"detail": "no such thing"}')
        self.allows, self.allows_elsewhere = {}, ""
        self.challenge, self.below, self.cookie, self.needs_token = "", {}, "", ""
        self.seen.clear()


@contextmanager
def served() -> Iterator[Shop]:
    """Serve it on a free port."""
    shop = Shop(url="", replies={})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: the second would wait for the first one's acknowledgement

        def answer(self) -> None:
            name = f"{self.command} {self.path.partition('?')[0]}"
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
            is_form = "form" in self.headers.get("Content-Type", "")
            shop.seen[name] += 1
            status, kind, body = shop.replies.get(name) or shop.elsewhere(self.path)
            if name in shop.needs_bearer and self.headers.get("Authorization", "").startswith("Bearer "):
                status, kind, body = ITEMS
            if self.command == "POST" and shop.needs_token not in (sent if is_form else ""):
                status, kind, body = 403, HTML, "<h1>Forbidden</h1><p>CSRF verification failed.</p>"
            self.send_response(status)
            if shop.cookie:
                self.send_header("Set-Cookie", shop.cookie)
            self.send_header("Location" if 300 <= status < 400 else "Content-Type", kind)
            if allowed := shop.allows.get(self.path, shop.allows_elsewhere):
                self.send_header("Allow", allowed)
            if status == 401 and shop.challenge:
                self.send_header("WWW-Authenticate", shop.challenge)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode() if self.command != "HEAD" else b"")

        do_GET = do_POST = do_HEAD = do_OPTIONS = do_DELETE = do_PUT = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        shop.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield shop
        httpd.shutdown()
