"""Small deployments as a newcomer to the prober has them: each answers as it should, or with one guard broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.payroll import HTML, JSON, Asked, Says

Answer = Callable[[Asked, bool], Says | None]  # the second: whether its guard is broken
Document = Mapping[str, Mapping[str, object]]  # operations by METHOD /path, of an OpenAPI document

DATA = Says(status=200, body=b'[{"id": 1, "owner": "Mia", "total": 20}]')
DONE = Says(status=200, body=b'{"done": true}')
PAGE = Says(status=200, body=b"<title>Yours</title><h1>Orders of Mia</h1><p>20 euros</p>", kind=HTML)
NO = Says(status=401, body=b'{"detail": "who are you?"}')
BEARER = Says(status=401, body=NO.body, headers=(("WWW-Authenticate", "Bearer"),))
BASIC = Says(status=401, body=b"", kind=HTML, headers=(("WWW-Authenticate", 'Basic realm="shop"'),))
DIGEST = Says(
    status=401, kind=HTML,
    headers=(("WWW-Authenticate", 'Digest realm="shop", qop="auth", nonce="abc", algorithm=SHA-256'),),
)  # fmt: skip
FORBIDDEN = Says(status=403, body=b"Forbidden", kind="text/plain")
SHELL = Says(
    status=200, body=b"<!doctype html><title>Shop</title><div id=root></div><script src=/a.js></script>", kind=HTML
)
SSO = Says(status=302, kind=HTML, headers=(("Location", "https://sso.example.com/authorize?client_id=shop&state=x"),))
SIGNED = Says(status=302, kind=HTML, headers=(("Location", "https://files.example.com/orders.csv?Signature=x"),))
LOGIN = Says(status=302, kind=HTML, headers=(("Location", "/login?next=x"),))
LACKS = Says(status=422, body=b'{"detail": "field required"}')


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """How it answers, and what its owner tells the prober of it."""

    answer: Answer
    document: Document = field(default_factory=dict)
    schemes: Mapping[str, object] = field(default_factory=dict)
    listing: str = ""  # what a framework lists, for --routes
    check: tuple[str, ...] = ()  # the options of a check; without any, `init` writes the files of a run
    files: Mapping[str, str] = field(default_factory=dict)  # written by hand instead; URL in them is where it is
    depth: str = "standard"

    def says(self, asked: Asked, *, broken: bool) -> Says | None:
        """Give the answer to a request; the description, where there is one."""
        if self.document and asked.path == "/openapi.json":
            return Says(status=200, body=json.dumps(self._description()).encode(), kind=JSON)
        return self.answer(asked, broken)

    def _description(self) -> Mapping[str, object]:
        paths: dict[str, dict[str, object]] = {}
        for name, operation in self.document.items():
            method, _, path = name.partition(" ")
            paths.setdefault(path, {})[method.lower()] = operation
        components = {"securitySchemes": self.schemes}
        return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, "components": components}


def guarded(scheme: str) -> dict[str, object]:
    return {"security": [{scheme: []}]}


def parameter(place: str, name: str) -> dict[str, object]:
    return {"parameters": [{"in": place, "name": name}]}


def at(path: str, refusal: Says, opens: Callable[[Asked], bool], behind: Says = DATA) -> Answer:
    """Refuse a path to whoever does not open it; what opens it where it is broken is `opens`."""

    def answer(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001 - one of a table of functions
        if asked.path.rstrip("/") != path:
            return None
        return behind if broken and opens(asked) else refusal

    return answer


def with_parameter(answer: Answer, name: str) -> Answer:
    """Refuse a request without this header before the guard looks, as frameworks do that validate first."""

    def validated(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001 - as above
        said = answer(asked, broken)
        return LACKS if said is not None and name not in asked.headers else said

    return validated


def anybody(_: Asked) -> bool:
    return True


def header(name: str, value: str | None = None) -> Callable[[Asked], bool]:
    """Open to whoever sends this value in a header, or any value."""
    return lambda asked: bool(asked.headers.get(name)) if value is None else asked.headers.get(name) == value


def query(text: str) -> Callable[[Asked], bool]:
    return lambda asked: text in asked.query


def cookie(text: str) -> Callable[[Asked], bool]:
    return lambda asked: text in asked.headers.get("cookie", "")
