"""Recorded answers of intermediaries."""

from __future__ import annotations

from prober.model import Answered

HTML = {"content-type": "text/html; charset=UTF-8"}
TEXT = {"content-type": "text/plain; charset=UTF-8"}
JSON = {"content-type": "application/json"}


def answer(status: int, headers: dict[str, str] | None = None, body: str = "") -> Answered:
    said = tuple((headers or {}).items())
    return Answered.of(status=status, headers=said, body=body.encode(), whole=True, attempts=1, elapsed_ms=1)


CLOUDFLARE = {"server": "cloudflare", "cf-ray": "8a1b2c3d4e5f6789-FRA"}
VERCEL = {"server": "Vercel", "x-vercel-id": "fra1::abcde-1732269600000-0123456789ab"}

NGINX_PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n<hr><center>{1}</center>\r\n</body>\r\n</html>\r\n"
