"""Mutations of a request: of its path, query, headers and method. Pure; variants.py has the table that uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.model import Request
from prober.model.origin import origin_of, origin_with_port

if TYPE_CHECKING:
    from prober.model import JsonValue, Service

_DEEPEST_MIDDLEWARE = 4  # folders of pages/, each with a middleware of its own
_MADE_UP = "lockdown-probe"  # a CSRF token that nobody issued
_CSRF = (("XSRF-TOKEN", "X-XSRF-TOKEN"), ("csrftoken", "X-CSRFToken"), ("csrf-token", "X-CSRF-Token"))
RUN_HEADER = "X-Lockdown-Probe"  # of the requests that are sent as another client's: the run's name
UNKNOWN_HOST = "lockdown-probe.invalid"  # RFC 2606: no such host, ever


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationContext:
    """The inputs of a variant: the service, a public path, a path that does not exist, and the run's nonce.

    `identifying` are the headers that every other request carries; `user_agent` is the one that those keep which are
    sent as somebody else's, None where they have that client's own.
    """

    service: Service
    open_path: str
    missing_path: str
    nonce: str
    open_paths: tuple[str, ...] = ()  # of the service's public routes, besides the root
    identifying: tuple[tuple[str, str], ...] = ()
    user_agent: str | None = None


Mutation = Callable[[Request, MutationContext], Request | None]  # None: not applicable to this request


def path_as(change: Callable[[str], str | None]) -> Mutation:
    """Change the path below the service's base path; not applicable to the root."""

    def mutated(plain: Request, context: MutationContext) -> Request | None:
        path, mark, query = plain.target.removeprefix(context.service.base_path).partition("?")
        changed = change(path) if path != "/" else None
        return None if changed is None else replace(plain, target=context.service.base_path + changed + mark + query)

    return mutated


def last_part_as(change: Callable[[str], str]) -> Mutation:
    """Change the last part of the path."""

    def changed(path: str) -> str | None:
        before, slash, last = path.rpartition("/")
        return before + slash + change(last) if last else None

    return path_as(changed)


def last_slash_as(by: str) -> Mutation:
    """Replace the slash before the last part, if there is a part before it."""

    def changed(path: str) -> str | None:
        before, _, last = path.rpartition("/")
        return before + by + last if before and last else None

    return path_as(changed)


def at_root(plain: Request, context: MutationContext) -> Request:
    """Send it to the root of the service; there it changes nothing, and so it is not sent."""
    return replace(plain, target=f"{context.service.base_path}/")


def with_ending(end: str) -> Mutation:
    """Add this to the path."""
    return path_as(lambda path: path + end)


def below_version(path: str) -> str:
    """Give the path below the number of a version: /api/v1/me for /api/me, else /v1/me for /me."""
    return f"/api/v1{path.removeprefix('/api')}" if path.startswith("/api/") else f"/v1{path}"


def version_first(path: str) -> str | None:
    """Give /v1/api/me for /api/me; elsewhere that is what `below_version` gives."""
    return f"/v1{path}" if path.startswith("/api/") else None


def with_query(pair: str) -> Mutation:
    """Add a pair to the query."""
    return lambda plain, _: replace(plain, target=plain.target + ("&" if "?" in plain.target else "?") + pair)


def with_headers(*headers: tuple[str, str]) -> Mutation:
    """Add these headers."""
    return lambda plain, _: replace(plain, headers=(*plain.headers, *headers))


def with_header_replaced(name: str, value: str) -> Mutation:
    """Send this value in place of the header's own."""

    def mutated(plain: Request, _: MutationContext) -> Request:
        others = tuple(pair for pair in plain.headers if pair[0].lower() != name.lower())
        return replace(plain, headers=(*others, (name, value)))

    return mutated


def as_client(*headers: tuple[str, str], http2: bool = False) -> Mutation:
    """Send the request as this client does: with its headers in place of those by which the prober is known.

    The run's name stands in a header that no guard looks at.
    """

    def mutated(plain: Request, context: MutationContext) -> Request:
        own = tuple(pair for pair in plain.headers if pair not in context.identifying)
        names = {name.lower() for name, _ in own}
        client = tuple(pair for pair in headers if pair[0].lower() not in names)
        if context.user_agent is not None:
            kept = ("User-Agent", context.user_agent)
            client = tuple(kept if name == "User-Agent" else (name, value) for name, value in client)
        offered = http2 and context.service.scheme == "https"
        return replace(plain, headers=(*client, *own, (RUN_HEADER, context.nonce)), offers_http2=offered)

    return mutated


def naming_paths(*names: str, open_path: bool) -> Mutation:
    """Request the guarded path with a public one in headers, or a path that does not exist with the guarded one."""

    def mutated(plain: Request, context: MutationContext) -> Request:
        named_path = context.open_path if open_path else plain.target
        target = plain.target if open_path else context.missing_path
        return replace(plain, target=target, headers=(*plain.headers, *((name, named_path) for name in names)))

    return mutated


def as_from_own_page(plain: Request, context: MutationContext) -> Request:
    """Send what a page of the application itself sends: its origin, its address, a script's headers, a CSRF token.

    The token stands in a cookie and in a header, as double submission has it: nobody issued it, and the two agree.
    """
    origin = origin_text(context.service)
    jar = "; ".join(f"{cookie}={_MADE_UP}" for cookie, _ in _CSRF)
    headers = (
        ("Origin", origin), ("Referer", f"{origin}{context.service.base_path}/"), ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Mode", "cors"), ("X-Requested-With", "XMLHttpRequest"), ("Cookie", jar),
        ("Accept", "application/json, text/plain, */*"),
        *((header, _MADE_UP) for _, header in _CSRF),
    )  # fmt: skip
    own = tuple(pair for pair in plain.headers if pair[0].lower() != "accept")
    return replace(plain, headers=(*own, *headers))


def as_subrequest(plain: Request, context: MutationContext) -> Request:
    """Say that the middleware of Next.js has run already: wherever it may lie, for every line from 12 to 15.

    Next.js 12.0 and 12.1 have one in each folder of pages/, and name it by that.
    """
    path = plain.target.removeprefix(context.service.base_path).partition("?")[0]
    folders = [part for part in path.split("/")[:-1] if part][:_DEEPEST_MIDDLEWARE]
    nested = ("/".join(("pages", *folders[:count], "_middleware")) for count in range(len(folders) + 1))
    names = (*("middleware",) * 5, *("src/middleware",) * 5, *nested)
    return replace(plain, headers=(*plain.headers, ("x-middleware-subrequest", ":".join(names))))


def for_host(host: str) -> Mutation:
    """Name this host."""
    return lambda plain, _: replace(plain, headers=(*plain.headers, ("Host", host)))


def for_host_with_dot(plain: Request, context: MutationContext) -> Request | None:
    """Name the host with a dot at its end, as an absolute name is written; an address has no such form."""
    service = context.service
    if service.host.replace(".", "").isdigit() or ":" in service.host:
        return None
    host = origin_of(service.scheme, f"{service.host}.", service.port).partition("://")[2]
    return replace(plain, headers=(*plain.headers, ("Host", host)))


def origin_text(service: Service) -> str:
    """Write a service's origin as browsers do."""
    return origin_of(service.scheme, service.host, service.port)


def as_whole_url(plain: Request, context: MutationContext) -> Request:
    """Send the whole URL as the target, as to a proxy."""
    service = context.service
    origin = origin_with_port(service.scheme, service.host, service.port)
    return replace(plain, target=origin + plain.target)


def for_page_segment(plain: Request, context: MutationContext) -> Request:
    """Request the page's own segment, which has its data; that of the tree is public and proves nothing."""
    path = plain.target.removeprefix(context.service.base_path).partition("?")[0].rstrip("/")
    headers = (("RSC", "1"), ("Next-Router-Prefetch", "1"), ("Next-Router-Segment-Prefetch", f"{path}/__PAGE__"))
    return replace(plain, headers=(*plain.headers, *headers))


def for_page_alone(plain: Request, context: MutationContext) -> Request:
    """Request the page without its layouts, as the client's router does when it has these already."""
    path = plain.target.removeprefix(context.service.base_path).partition("?")[0]
    tree: JsonValue = ["__PAGE__", {}, None, "refetch"]
    for part in (*reversed([part for part in path.split("/") if part]), ""):
        tree = [part, {"children": tree}]
    state_tree = quote(json.dumps(tree, separators=(",", ":")), safe="")
    return replace(plain, headers=(*plain.headers, ("RSC", "1"), ("Next-Router-State-Tree", state_tree)))


def with_encoded_letter(last: str) -> str:
    """Encode the first letter that is not part of an encoding."""
    at = next((n for n, char in enumerate(last) if char.isalpha() and "%" not in last[max(n - 2, 0) : n]), None)
    return last if at is None else f"{last[:at]}%{ord(last[at]):02x}{last[at + 1 :]}"


def with_letter_encoded_twice(last: str) -> str:
    """Encode the first letter, and the sign of that encoding too."""
    once = with_encoded_letter(last)
    at = next((n for n, (a, b) in enumerate(zip(last, once, strict=False)) if a != b), None)
    return last if at is None else f"{once[:at]}%25{once[at + 1 :]}"
