"""One request as guards, handlers and doors see it: read whole, before any of them runs. Decides nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import cookie_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import Headers, QueryParams
    from starlette.responses import Response

    from prober.demo.state import State
    from prober.model import JsonValue, Route

SESSION_COOKIE = "authjs.session-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request for a route that is served."""

    route: Route
    method: str
    path: str
    parameters: Mapping[str, str]
    query: QueryParams
    headers: Headers
    body: bytes
    read_by: str | None = None  # the door by whose reading of the target this route was found

    @property
    def authorization(self) -> str | None:
        """The header as Node gives it: the first of two, without the blanks around it."""
        return self.headers.get("authorization")

    @property
    def bearer(self) -> str | None:
        """The token of a well-formed bearer header; the scheme's case does not matter (RFC 9110, 11.1)."""
        scheme, _, token = (self.authorization or "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    @property
    def cookies(self) -> dict[str, str]:
        """Every cookie that was sent."""
        return cookie_parser(self.headers.get("cookie", ""))

    @property
    def session(self) -> str | None:
        """The value of the session cookie."""
        return self.cookies.get(SESSION_COOKIE)

    @property
    def client(self) -> str:
        """Whom a limiter takes the client for: the first address of X-Forwarded-For, or one name for all others."""
        return self.headers.get("x-forwarded-for", "").split(",")[0].strip() or "local"

    def json(self) -> JsonValue:
        """Read the body as JSON; what is none is None, as is `null`."""
        try:
            value: JsonValue = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value

    def fields(self) -> dict[str, JsonValue]:
        """Read the body as a JSON object; what is none is empty."""
        value = self.json()
        return value if isinstance(value, dict) else {}

    def word(self, name: str) -> str:
        """Give a text out of the JSON body, empty where it has none of that name."""
        value = self.fields().get(name)
        return value if isinstance(value, str) else ""

    def form(self) -> dict[str, str]:
        """Read the body as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


if TYPE_CHECKING:
    Handler = Callable[[Call, State], Response]
    Guard = Callable[[Call, State], Response | None]  # None lets the call in
