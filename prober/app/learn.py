"""Learns what a deployment answers strangers: finds its routes, asks each that only reads, and says how it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.app.advertised_routes import COMMON, FRONT, MOST_PAGE, UNLISTED, look_for_more
from prober.app.blanket import REFUSING, blanket_folders
from prober.app.cookie_names import cookies_handed_out
from prober.app.forms import page_of_token, sign_in_pages
from prober.app.mcp_endpoint import McpEndpoint, mcp_endpoint
from prober.discovery.common_paths import NEVER_RIGHT
from prober.discovery.coverage import Discovered, route_without_guard
from prober.discovery.learned import Learned
from prober.discovery.openapi_carriers import NOTE
from prober.errors import ProberError, UsageError
from prober.judge.stranger import not_found_pages, path_on_origin, stranger_answer
from prober.model import IMPOSSIBLE_IDS, NOT_ASKED, Answered, IdType
from prober.model.job_paths import is_path_of_job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.app.strangers import Stranger

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to learn about: routes that somebody names, and whether to look for more."""

    routes: tuple[Discovered, ...] = ()
    denied: tuple[Discovered, ...] = ()
    public: tuple[Discovered, ...] = ()
    looks_for_more: bool = True
    asks_options: bool = False  # of a path of MCP where a GET finds nothing
    notes: tuple[str, ...] = ()  # on what named them
    cookies: tuple[str, ...] = ()  # of a session, by the application's source


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was learned: every route with its answer, where paths that do not exist are refused too, and notes."""

    learned: tuple[Learned, ...]
    blanket: tuple[str, ...]  # the folders below which paths that do not exist are refused too; "/" is everywhere
    notes: tuple[str, ...]
    cookies: tuple[str, ...] = ()  # that were handed out, or that the source reads, by name
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


async def learn(stranger: Stranger, wanted: Wanted) -> Lesson:
    """Ask what there is to ask; an error where nobody answers."""
    await stranger.ask(("/", *stranger.unknown_paths), most_body=MOST_PAGE)
    first = stranger.replies["/"]
    if not isinstance(first, Answered):
        raise NoVerdictError(f"no answer from {stranger.service.url}: {first.detail}", fix="check the URL")
    front = _onward(stranger, route_without_guard("GET", "/", file=FRONT), any_path=True)
    await stranger.ask([front] if front else [], most_body=MOST_PAGE)
    notes = list(wanted.notes)
    found = list(wanted.routes)
    if wanted.looks_for_more:
        found += await look_for_more(stranger, notes, front or "/")
    routes = _unique([*wanted.denied, *wanted.public, *found, *_front_pages(front)])
    await stranger.ask(_path_of(route) for route in routes if is_askable(route))
    await stranger.ask(onward for route in routes if (onward := _onward(stranger, route)) is not None)
    await stranger.ask(sign_in_pages(stranger))
    token_page = page_of_token(stranger)
    pages = not_found_pages(stranger.service, [(path, stranger.replies[path]) for path in stranger.unknown_paths])
    root = stranger.unknown_paths[0]
    unknown = stranger_answer(root, stranger.replies[root], stranger.service, ())
    everywhere = unknown.access in REFUSING
    denied = {route.name for route in wanted.denied}
    public = {route.name for route in wanted.public}
    learned: list[Learned] = []
    for route in routes:
        entry = Learned(route=route, answer=NOT_ASKED, denied=route.name in denied, public=route.name in public)
        if is_askable(route):
            onward = _onward(stranger, route)
            path = onward or _path_of(route)
            if path not in stranger.replies:
                continue
            answer = stranger_answer(path, stranger.replies[path], stranger.service, pages)
            entry = replace(entry, answer=answer, route=replace(route, path=onward) if onward else route)
            entry = _as_never_right(entry, stranger)
        elif token_page is not None and not (route.secured or route.validates):
            entry = replace(entry, route=replace(route, csrf=token_page))
        if any(entry.route.name == earlier.route.name for earlier in learned):
            continue  # which a redirect by a slash leads to as well
        if route.file != COMMON or _is_worth_a_word(entry, everywhere=everywhere):
            learned.append(entry)
    mcp_found = await mcp_endpoint(stranger, pages, asks_options=wanted.asks_options) if wanted.looks_for_more else None
    refused = [one.route.path for one in learned if one.answer.access in REFUSING]
    notes += [_in_front(who) for who in dict.fromkeys(one.answer.by for one in learned if one.answer.by)]
    if wanted.looks_for_more:
        notes += _notes_on_pages(stranger)
        notes += [] if any(entry.route.file not in UNLISTED for entry in learned) else [_UNLISTED]
    return Lesson(
        learned=tuple(learned),
        blanket=await blanket_folders(stranger, refused, [route.path for route in routes]),
        notes=tuple(note for note in notes if not any(word in note for word in _SETTLED)),
        cookies=tuple(dict.fromkeys((*cookies_handed_out(stranger.replies.values()), *wanted.cookies))),
        mcp=mcp_found,
        behind=unknown.by,
    )


def _in_front(who: str) -> str:
    return (
        f"{who} refuses in front of the application: confirm the lines that name it ('by' in the profile) as its lock"
    )


class NoVerdictError(ProberError):
    """Nobody answered, or nothing of which a promise can be made: there is no verdict."""


def _notes_on_pages(stranger: Stranger) -> list[str]:
    """Note where a path that nobody has is answered with the front page, as a single-page application's shell is."""
    front, nobody = stranger.text("/"), stranger.text(stranger.unknown_paths[0])
    return [_ONE_PAGE] if front.lstrip()[:1] == "<" and front == nobody else []


def is_askable(route: Discovered) -> bool:
    """Say whether a plain request of this route only reads."""
    return route.method == _ASKED and not route.mutates and not is_path_of_job(route.path)


def _front_pages(front: str | None) -> list[Discovered]:
    return [route_without_guard("GET", path, file=FRONT) for path in ("/", front) if path is not None]


def _is_worth_a_word(entry: Learned, *, everywhere: bool) -> bool:
    """Say whether something is at a common path: not if every path, or whatever looks like a secret, is refused."""
    if entry.never:
        return True
    is_secret = any(known.path == entry.route.path for known in NEVER_RIGHT)
    section = f"{entry.route.path}/".startswith("/admin/") and not everywhere  # which refuses all that is below it
    return not is_secret and (section or not entry.answer.blanket)


def _as_never_right(entry: Learned, stranger: Stranger) -> Learned:
    """Say of a route what it is that is never right, where its content shows it."""
    reply = stranger.replies.get(entry.route.path)
    if not isinstance(reply, Answered) or not reply.succeeded:
        return entry
    known = (one for one in NEVER_RIGHT if one.path == entry.route.path and one.never and one.never.search(reply.body))
    found = next(known, None)
    if found is None:
        return entry
    fix = found.fix or f"Stop serving {entry.route.path}, and change what it held."
    return replace(entry, never=found.what, route=replace(entry.route, why=f"Anyone can read {found.what}.", fix=fix))


def _onward(stranger: Stranger, route: Discovered, *, any_path: bool = False) -> str | None:
    """Give where a route sends everybody on this origin: to its own path but for a slash, or to any."""
    path = _path_of(route)
    if not is_askable(route) or path != route.path or path not in stranger.replies:
        return None
    onward = path_on_origin(path, stranger.replies[path], stranger.service)
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
