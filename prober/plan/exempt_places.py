"""Mutations that go through what a guard may exempt: a public folder and back, a public path in the query. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import Request
    from prober.plan.request_mutations import Mutation, MutationContext

_MOST_OPEN_PATHS = 6
_STATIC_FILE = "/_next/static/lockdown-probe.css"  # last in the URL: a guard may exempt it by its ending


def through_open_folder(way_back: str, *, slash: str = "/") -> Mutation:
    """Go to the guarded path through the folder of a public one, and back by this spelling of two dots and a slash."""

    def mutated(plain: Request, context: MutationContext) -> Request:
        deep = (path for path in context.open_paths if path.count("/") > 1)
        folder = next(deep, "/public/x").rpartition("/")[0]
        back = slash.join([way_back] * folder.count("/"))
        path = plain.target.removeprefix(context.service.base_path).removeprefix("/")
        return replace(plain, target=f"{context.service.base_path}{folder}/{back}{slash}{path}")

    return mutated


def through_folder(way: str) -> Mutation:
    """Go to the guarded path through a folder that is usually public, and back: `way` ends where the path begins."""

    def mutated(plain: Request, context: MutationContext) -> Request:
        base = context.service.base_path
        return replace(plain, target=base + way + plain.target.removeprefix(base))

    return mutated


def with_open_paths_in_query(plain: Request, context: MutationContext) -> Request | None:
    """Name the public paths and a static file in the query, where a guard that searches the whole URL finds them."""
    paths = context.open_paths[:_MOST_OPEN_PATHS] or (context.open_path.removeprefix(context.service.base_path),)
    query = "&".join(f"from{number}={path}" for number, path in enumerate((*paths, _STATIC_FILE)))
    return replace(plain, target=plain.target + ("&" if "?" in plain.target else "?") + query)
