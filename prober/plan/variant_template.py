"""The form of a variant's entry: where it makes sense, and how it becomes a request. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.model import Category, Depth, Effect, Variant
from prober.plan.file_names import takes_file_name
from prober.plan.method_mutations import is_websocket

if TYPE_CHECKING:
    from prober.model import Promise, Request, Route
    from prober.plan.request_mutations import Mutation, MutationContext

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEPTHS = tuple(Depth)
_CREATING = frozenset({"PUT", "MKCOL", "COPY", "MOVE", "LINK"})
_HARMLESS = frozenset({Effect.NONE, Effect.REPEATS})


def only_opens_session(route: Route) -> bool:
    """Say whether a request leaves nothing but a session of MCP, which is closed again at once."""
    if route.effect is not Effect.TRACE or not route.quick or route.method != "POST":
        return False
    return b'"method": "initialize"' in (route.payload.content or b"")  # as the definition's JSON is written


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantTemplate:
    """One mutation of a request, and the bug that it catches.

    `reads_only` variants are for GET routes; `pages_only` ones for GET routes that redirect, as middleware does;
    `own_control` ones may reach any route, and so need a not-found control of their own; `same_url` ones are for GET
    routes without an effect, and are sent to the very URL, which a shared cache may answer; `is_known_by` is what an
    answer holds that opens the route, where the variant asks another resource.
    """

    name: str
    catches: str
    source: str  # where the bug was seen, or which list has it
    change: Mutation
    category: Category
    reads_only: bool = False
    pages_only: bool = False
    own_control: bool = False
    same_url: bool = False
    once_a_guard: bool = False  # at standard, at the route that represents its guard
    few: bool = False  # at every depth only at the route that represents its guard
    websockets_only: bool = False  # for routes that take upgrades
    posts_only: bool = False  # for POST routes without an effect
    no_pages: bool = False
    files_only: bool = False  # for GET routes that take the name of a file
    sessions_only: bool = False  # for a route that only opens a session of MCP
    is_known_by: bytes = b""
    ends_url: bool = False  # what it puts into the query stands last, where a guard may look for it
    singly: bool = False  # its headers are sent one by one, where it opens, to name the one
    depth: Depth = Depth.DEEP

    def fits(self, route: Route, promise: Promise, depth: Depth, *, represents_guard: bool) -> bool:
        """Say whether this variant makes sense for a route that refuses, and is harmless there, if the depth has it."""
        if not represents_guard and (self.few or (self.once_a_guard and depth is Depth.STANDARD)):
            return False
        if not self._is_for(route) or (self.no_pages and any(answer.location for answer in promise.answers)):
            return False
        if self.same_url:
            return route.method == "GET" and route.effect is Effect.NONE
        if route.effect not in _HARMLESS and not route.inert and not only_opens_session(route):
            return False
        is_lasting = route.effect is not Effect.NONE and not only_opens_session(route)
        if is_lasting and (self.once_a_guard or route.method in _CREATING):
            return False  # spelled otherwise it is another path, at which the same payload may create something
        if (self.reads_only or self.pages_only) and route.method != "GET":
            return False
        return not self.pages_only or any(answer.location for answer in promise.answers)

    def _is_for(self, route: Route) -> bool:
        """Say whether the route is of the sort that this variant is for."""
        is_read = route.method == "GET" and route.effect is Effect.NONE
        return not (
            (self.posts_only and (route.method != "POST" or route.effect is not Effect.NONE))
            or (self.sessions_only and not only_opens_session(route))
            or (self.websockets_only and not is_websocket(route))
            or (self.files_only and not (is_read and takes_file_name(route)))
        )

    def is_sent_at(self, depth: Depth) -> bool:
        """Say whether it is one of this depth, or of a lesser one."""
        return _DEPTHS.index(self.depth) <= _DEPTHS.index(depth)

    def variant(self, plain: Request, mutated: Request) -> Variant:
        """Give the variant that makes `mutated` of `plain`."""
        return Variant(
            name=self.name,
            headers=tuple(pair for pair in mutated.headers if pair not in plain.headers),
            catches=self.catches,
            source=self.source,
            own_control=self.own_control,
            as_client=self.same_url,
            other_id=self.files_only,
            is_known_by=self.is_known_by,
            singly=self.singly,
        )

    def apply(self, plain: Request, context: MutationContext) -> Request | None:
        """Apply the mutation; a cacheable request gets a unique query, so that no cache answers it."""
        mutated = self.change(plain, context)
        if mutated is None or mutated == plain:
            return None
        if self.same_url or mutated.method not in _SAFE_METHODS or mutated.target.endswith("?"):
            return mutated
        own = f"lockdown-probe={context.nonce}-{self.name}"
        if self.ends_url:
            path, _, query = mutated.target.partition("?")
            return replace(mutated, target=f"{path}?{own}&{query}")
        separator = "&" if "?" in mutated.target else "?"
        return replace(mutated, target=f"{mutated.target}{separator}{own}")
