"""Learns what a deployment answers without a credential: finds its routes, asks each that only reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.app.advertised_routes import COMMON, FRONT, MOST_PAGE, SCRIPT, UNLISTED, look_for_more
from prober.app.blanket import REFUSING, blanket_folders
from prober.app.cookie_names import cookies_handed_out
from prober.app.forms import page_of_token, sign_in_pages
from prober.app.mcp_endpoint import McpEndpoint, mcp_endpoint
from prober.discovery.common_paths import NEVER_RIGHT
from prober.discovery.coverage import Discovered, route_without_guard
from prober.discovery.learned import Learned
from prober.discovery.openapi_carriers import NOTE
from prober.errors import ProberError, UsageError
from prober.judge.anonymous_answer import anonymous_answer, not_found_pages, path_on_origin
from prober.model import IMPOSSIBLE_IDS, NOT_ASKED, Answered, IdType
from prober.model.job_paths import is_path_of_job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.app.anonymous_client import AnonymousClient
    from prober.judge.fingerprint import Fingerprint

_ASKED = "GET"  # a GET would show nothing of a route of HEAD alone: a run sends that
_SETTLED = ("assumed to be guarded", NOTE)  # notes on a document: what is learned of the deployment says it better
_UNLISTED = (
    "nothing lists this application's routes, so those that no page links to are missing: give --openapi FILE, or what "
    "the framework lists to `prober init URL --routes -` (by hand, a line such as POST /cron/nightly for each)"
)
_ONE_PAGE = (
    "every path gets the front page (a single-page application): a page such as /admin is hidden in the browser alone, "
    "and no server guards it; what can be locked is the API behind it"
)


_NO_METHOD = "a script names the path alone, not its method, so no gate has it: write its route by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnOptions:
    """What to learn about: routes that somebody names, and whether to look for more."""

    routes: tuple[Discovered, ...] = ()
    denied: tuple[Discovered, ...] = ()
    public: tuple[Discovered, ...] = ()
    looks_for_more: bool = True
    asks_options: bool = False  # of a path of MCP where a GET finds nothing
    notes: tuple[str, ...] = ()  # on what named them
    cookies: tuple[str, ...] = ()  # of a session, by the application's source
    key_headers: tuple[str, ...] = ()  # in which that reads keys


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedDeployment:
    """What was learned: every route with its answer, where paths that do not exist are refused too, and notes."""

    routes: tuple[Learned, ...]
    blanket: tuple[str, ...]  # the folders below which paths that do not exist are refused too; "/" is everywhere
    notes: tuple[str, ...]
    cookies: tuple[str, ...] = ()  # that were handed out, or that the source reads, by name
    key_headers: tuple[str, ...] = ()  # in which the source reads keys
    mcp: McpEndpoint | None = None  # where more was looked for
    behind: str | None = None  # whose lock in front of the application refuses every path


def named_route(text: str, *, option: str) -> Discovered:
    """Read METHOD /path, or /path for a GET, as an option has it."""
    method, space, path = text.strip().partition(" ")
    if not space:
        method, path = "GET", method
    path = path.strip()
    if not path.startswith("/") or not method.isalpha() or not path.isascii() or set(path) & set(" *#"):
        fix = f"write it as in {option} /admin or {option} 'POST /cron/nightly'"
        raise UsageError(f"{option} '{text}' is not a route", fix=fix)
    return route_without_guard(method.upper(), path, file=f"{option} {text}", line=1)


async def learn(client: AnonymousClient, wanted: LearnOptions) -> LearnedDeployment:
    """Ask what there is to ask; an error where nobody answers."""
    front = await _front_page(client)
    notes, found = list(wanted.notes), list(wanted.routes)
    if wanted.looks_for_more:
        found += await look_for_more(client, notes, front or "/")
    routes = _unique([*wanted.denied, *wanted.public, *found, *_front_pages(front)])
    await client.ask(_path_of(route) for route in routes if is_askable(route))
    await client.ask(onward for route in routes if (onward := _onward(client, route)) is not None)
    await client.ask(sign_in_pages(client))
    pages = not_found_pages(client.service, [(path, client.replies[path]) for path in client.unknown_paths])
    root = client.unknown_paths[0]
    unknown = anonymous_answer(root, client.replies[root], client.service, ())
    learned = _learned_routes(client, wanted, routes, pages, everywhere=unknown.access in REFUSING)
    mcp_found = await mcp_endpoint(client, pages, asks_options=wanted.asks_options) if wanted.looks_for_more else None
    refused = [one.route.path for one in learned if one.answer.access in REFUSING]
    notes += [_in_front(who) for who in dict.fromkeys(one.answer.by for one in learned if one.answer.by)]
    if wanted.looks_for_more:
        notes += _notes_on_pages(client)
        unclear = [entry.route.path for entry in learned if is_without_method(entry)]
        notes += [f"{', '.join(unclear)}: {_NO_METHOD}"] if unclear else []
        notes += [] if any(entry.route.file not in UNLISTED for entry in learned) else [_UNLISTED]
    return LearnedDeployment(
        routes=learned,
        blanket=await blanket_folders(client, refused, [route.path for route in routes]),
        notes=tuple(note for note in notes if not any(word in note for word in _SETTLED)),
        cookies=tuple(dict.fromkeys((*cookies_handed_out(client.replies.values()), *wanted.cookies))),
        key_headers=wanted.key_headers,
        mcp=mcp_found,
        behind=unknown.by,
    )


async def _front_page(client: AnonymousClient) -> str | None:
    """Ask for the front page and for unknown paths; give where the front page leads on this origin, if it does."""
    await client.ask(("/", *client.unknown_paths), most_body=MOST_PAGE)
    first = client.replies["/"]
    if not isinstance(first, Answered):
        raise NoVerdictError(f"no answer from {client.service.url}: {first.detail}", fix="check the URL")
    front = _onward(client, route_without_guard("GET", "/", file=FRONT), any_path=True)
    await client.ask([front] if front else [], most_body=MOST_PAGE)
    return front


def _learned_routes(
    client: AnonymousClient,
    wanted: LearnOptions,
    routes: Iterable[Discovered],
    pages: tuple[Fingerprint, ...],
    *,
    everywhere: bool,
) -> tuple[Learned, ...]:
    """Give each route once, with its answer; `everywhere`: paths that do not exist are refused too."""
    denied = {route.name for route in wanted.denied}
    public = {route.name for route in wanted.public}
    token_page = page_of_token(client)
    learned: dict[str, Learned] = {}
    for route in routes:
        entry = Learned(route=route, answer=NOT_ASKED, denied=route.name in denied, public=route.name in public)
        if is_askable(route):
            onward = _onward(client, route)
            path = onward or _path_of(route)
            if path not in client.replies:
                continue
            answer = anonymous_answer(path, client.replies[path], client.service, pages)
            entry = replace(entry, answer=answer, route=replace(route, path=onward) if onward else route)
            entry = _as_never_right(entry, client)
        elif token_page is not None and not (route.secured or route.validates):
            entry = replace(entry, route=replace(route, csrf=token_page))
        # A route may be there already, as a redirect by a slash leads to it as well.
        if route.file != COMMON or _is_worth_a_word(entry, everywhere=everywhere):
            learned.setdefault(entry.route.name, entry)
    return tuple(learned.values())


def _in_front(who: str) -> str:
    return (
        f"{who} refuses in front of the application: confirm the lines that name it ('by' in the profile) as its lock"
    )


class NoVerdictError(ProberError):
    """Nobody answered, or nothing of which a promise can be made: there is no verdict."""


def _notes_on_pages(client: AnonymousClient) -> list[str]:
    """Note where a path that nobody has is answered with the front page, as a single-page application's shell is."""
    front, nobody = client.text("/"), client.text(client.unknown_paths[0])
    return [_ONE_PAGE] if front.lstrip()[:1] == "<" and front == nobody else []


def is_askable(route: Discovered) -> bool:
    """Say whether a plain request of this route only reads."""
    return route.method == _ASKED and not route.mutates and not is_path_of_job(route.path)


def is_without_method(entry: Learned) -> bool:
    """Say whether only a script names a path that may act: it was not asked, and its method is not known."""
    return entry.route.file == SCRIPT and not is_askable(entry.route)


def _front_pages(front: str | None) -> list[Discovered]:
    return [route_without_guard("GET", path, file=FRONT) for path in ("/", front) if path is not None]


def _is_worth_a_word(entry: Learned, *, everywhere: bool) -> bool:
    """Say whether something is at a common path: not if every path, or whatever looks like a secret, is refused."""
    if entry.never:
        return True
    is_secret = any(known.path == entry.route.path for known in NEVER_RIGHT)
    section = f"{entry.route.path}/".startswith("/admin/") and not everywhere  # which refuses all that is below it
    return not is_secret and (section or not entry.answer.blanket)


def _as_never_right(entry: Learned, client: AnonymousClient) -> Learned:
    """Say of a route what it is that is never right, where its content shows it."""
    reply = client.replies.get(entry.route.path)
    if not isinstance(reply, Answered) or not reply.succeeded:
        return entry
    known = (one for one in NEVER_RIGHT if one.path == entry.route.path and one.never and one.never.search(reply.body))
    found = next(known, None)
    if found is None:
        return entry
    fix = found.fix or f"Stop serving {entry.route.path}, and change what it held."
    return replace(entry, never=found.what, route=replace(entry.route, why=f"Anyone can read {found.what}.", fix=fix))


def _onward(client: AnonymousClient, route: Discovered, *, any_path: bool = False) -> str | None:
    """Give where a route sends everybody on this origin: to its own path but for a slash, or to any."""
    path = _path_of(route)
    if not is_askable(route) or path != route.path or path not in client.replies:
        return None
    onward = path_on_origin(path, client.replies[path], client.service)
    same = onward is not None and onward.rstrip("/") == path.rstrip("/")
    return onward if same or any_path else None


def _path_of(route: Discovered) -> str:
    """Give the path that is asked for: a parameter gets an id that cannot exist."""
    return "/".join(_segment(part) for part in route.path.split("/"))


def _segment(part: str) -> str:
    if not part.startswith(":"):
        return part
    typed = part.partition("<")[2].rstrip(">")
    return IMPOSSIBLE_IDS[IdType(typed) if typed in set(IdType) else IdType.UUID]


def _unique(routes: Iterable[Discovered]) -> list[Discovered]:
    """Give each method and path once, as it was first found; a description's word on credentials is kept."""
    unique: dict[str, Discovered] = {}
    for route in routes:
        first = unique.setdefault(route.name, route)
        if route.websocket and not first.websocket:
            first = unique[route.name] = replace(first, websocket=True)
        if route.secured and not first.secured:
            validates = first.validates or route.validates
            unique[route.name] = replace(first, secured=True, validates=validates, carriers=route.carriers)
    return list(unique.values())
