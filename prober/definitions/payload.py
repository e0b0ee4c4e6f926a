"""Reads what is sent: a body, headers, the values of a path's parameters. Strict; no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from prober.definitions.answer import HEADER_NAME
from prober.definitions.keys.payload import BODIES, PAYLOAD_TABLE
from prober.model import Payload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.definitions.node import Node

_IMPOSSIBLE_ID = "impossible-id"
_BOUNDARY = "lockdown-probe-b0undary"


def parameters_of(path: str) -> tuple[str, ...]:
    """Give the names of a path's parameters, each a whole segment, such as `id` in /api/tokens/:id."""
    return tuple(part[1:] for part in segments(path) if part.startswith(":"))


def segments(path: str) -> list[str]:
    """Give the parts between a path's slashes."""
    return path.split("?", maxsplit=1)[0].split("/")


def parse_payload(node: Node, path: str) -> Payload:
    """Parse what is sent; `impossible-id` alone means that the route takes nothing but its path's parameters."""
    if not node.is_mapping:
        node.name([_IMPOSSIBLE_ID], of="what is sent", kind="a form of a request")
        if not parameters_of(path):
            raise node.wrong(f"'{path}' has no parameter to make impossible", fix="write a body, as in json: {}")
        return Payload()
    fields = node.fields(PAYLOAD_TABLE)
    bodies = [key for key in BODIES if key in fields]
    if len(bodies) > 1:
        what = f"'{bodies[0]}' and '{bodies[1]}' are both given"
        raise fields[bodies[1]].wrong(what, fix="keep only one body")
    content, content_type = _parse_body(fields)
    headers = _parse_sent_headers(fields["headers"]) if "headers" in fields else ()
    if content_type and "content-type" not in {name.lower() for name, _ in headers}:
        headers = (("Content-Type", content_type), *headers)
    return Payload(content=content, headers=headers, parameters=_parse_parameters(fields, path))


def _parse_sent_headers(node: Node) -> tuple[tuple[str, str], ...]:
    for name, value in node.pairs(of="'headers'"):
        if not HEADER_NAME.fullmatch(name):
            raise value.wrong(f"'{name}' is not a header name", fix="use letters, digits and '-'")
    return _pairs(node, of="'headers'")


def _parse_parameters(fields: Mapping[str, Node], path: str) -> tuple[tuple[str, str], ...]:
    if "path" not in fields:
        return ()
    known = parameters_of(path)
    for name, value in fields["path"].pairs(of="'path'"):
        if name not in known:
            fix = f"use one of: {', '.join(known)}" if known else "remove it, or put it into the route as in /:id"
            raise value.wrong(f"'{path}' has no parameter '{name}'", fix=fix)
    return _pairs(fields["path"], of="'path'")


def _parse_body(fields: Mapping[str, Node]) -> tuple[bytes | None, str | None]:
    if "json" in fields:
        return json.dumps(fields["json"].json(), ensure_ascii=False).encode(), "application/json"
    if "form" in fields:
        return urlencode(_values(fields["form"], of="'form'")).encode(), "application/x-www-form-urlencoded"
    if "multipart" in fields:
        parts = "".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{_escaped(name)}"\r\n\r\n{value}\r\n'
            for name, value in _values(fields["multipart"], of="'multipart'")
        )
        return f"{parts}--{_BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={_BOUNDARY}"
    if "text" in fields:
        return fields["text"].word(of="'text'").encode(), "text/plain"
    return None, None


def _escaped(name: str) -> str:
    """Write a field's name between quotes, as browsers do (the HTML standard, multipart/form-data)."""
    return name.replace('"', "%22")


def _values(node: Node, *, of: str) -> tuple[tuple[str, str], ...]:
    """Give a form's fields; `''` is a field that was left empty."""
    filled = {name: value for name, value in node.pairs(of=of) if not value.is_empty_text}
    read = dict(_read(filled.items()))
    return tuple((name, read.get(name, "")) for name, _ in node.pairs(of=of))


def _pairs(node: Node, *, of: str) -> tuple[tuple[str, str], ...]:
    return _read(node.pairs(of=of))


def _read(fields: Iterable[tuple[str, Node]]) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for name, value in fields:
        word = value.word(of=f"'{name}'")
        if not (name + word).isascii() or not (name + word).isprintable():
            raise value.wrong(f"'{name}' contains characters that cannot be sent there", fix="use printable ASCII")
        pairs.append((name, word))
    return tuple(pairs)
