"""The ways to dress a request: its path, its query, its headers, its method. Pure; the table of them is in variants."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.model import Request

if TYPE_CHECKING:
    from prober.model import JsonValue, Service

NOBODY = "lockdown-probe.invalid"  # RFC 2606: no such host, ever


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationContext:
    """What a variant may be made of: the service, an open path of it, one where nothing is, and the run's nonce."""

    service: Service
    open_path: str
    nowhere: str
    nonce: str


Change = Callable[[Request, MutationContext], Request | None]  # None: this request cannot be dressed so


def path_as(change: Callable[[str], str | None]) -> Change:
    """Write the path otherwise, below the service's base path; the root has no other spelling."""

    def dressed(plain: Request, context: MutationContext) -> Request | None:
        path, mark, query = plain.target.removeprefix(context.service.base_path).partition("?")
        changed = change(path) if path != "/" else None
        return None if changed is None else replace(plain, target=context.service.base_path + changed + mark + query)

    return dressed


def last_part_as(change: Callable[[str], str]) -> Change:
    """Write the path's last part otherwise."""

    def changed(path: str) -> str | None:
        before, slash, last = path.rpartition("/")
        return before + slash + change(last) if last else None

    return path_as(changed)


def last_slash_as(by: str) -> Change:
    """Write the slash before the last part otherwise, where there is a part before it."""

    def changed(path: str) -> str | None:
        before, _, last = path.rpartition("/")
        return before + by + last if before and last else None

    return path_as(changed)


def with_query(pair: str) -> Change:
    """Add to the query."""
    return lambda plain, _: replace(plain, target=plain.target + ("&" if "?" in plain.target else "?") + pair)


def with_headers(*headers: tuple[str, str]) -> Change:
    """Add these headers."""
    return lambda plain, _: replace(plain, headers=(*plain.headers, *headers))


def naming_paths(*names: str, open_path: bool) -> Change:
    """Ask for the guarded path and name an open one in a header, or for one where nothing is and name the guarded."""

    def dressed(plain: Request, context: MutationContext) -> Request:
        named = context.open_path if open_path else plain.target
        target = plain.target if open_path else context.nowhere
        return replace(plain, target=target, headers=(*plain.headers, *((name, named) for name in names)))

    return dressed


def with_method(method: str) -> Change:
    """Ask by another method, without a body."""

    def dressed(plain: Request, _: MutationContext) -> Request:
        without = tuple((name, value) for name, value in plain.headers if name.lower() != "content-type")
        return replace(plain, method=method, headers=without, content=None, csrf=None)

    return dressed


def as_whole_url(plain: Request, context: MutationContext) -> Request:
    """Name the target by its whole URL, as a proxy is asked."""
    service = context.service
    host = f"[{service.host}]" if ":" in service.host else service.host
    return replace(plain, target=f"{service.scheme}://{host}:{service.port}{plain.target}")


def for_page_segment(plain: Request, context: MutationContext) -> Request:
    """The page's own segment, which holds its data; the tree's is handed out to anybody and tells nothing."""
    path = plain.target.removeprefix(context.service.base_path).partition("?")[0].rstrip("/")
    headers = (("RSC", "1"), ("Next-Router-Prefetch", "1"), ("Next-Router-Segment-Prefetch", f"{path}/__PAGE__"))
    return replace(plain, headers=(*plain.headers, *headers))


def for_page_alone(plain: Request, context: MutationContext) -> Request:
    """As the client's router asks when it has the layouts already: for the page alone, by the tree of the path."""
    path = plain.target.removeprefix(context.service.base_path).partition("?")[0]
    tree: JsonValue = ["__PAGE__", {}, None, "refetch"]
    for part in (*reversed([part for part in path.split("/") if part]), ""):
        tree = [part, {"children": tree}]
    said = quote(json.dumps(tree, separators=(",", ":")), safe="")
    return replace(plain, headers=(*plain.headers, ("RSC", "1"), ("Next-Router-State-Tree", said)))


def with_encoded_letter(last: str) -> str:
    """Encode the first letter that is not part of an encoding."""
    at = next((n for n, char in enumerate(last) if char.isalpha() and "%" not in last[max(n - 2, 0) : n]), None)
    return last if at is None else f"{last[:at]}%{ord(last[at]):02x}{last[at + 1 :]}"


def for_another_host(plain: Request, _: MutationContext) -> Request:
    """Ask for a host that does not exist."""
    return replace(plain, headers=(*plain.headers, ("Host", NOBODY)))
