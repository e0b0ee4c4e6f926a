"""The routes that a deployment advertises to anybody: its document, its links and scripts, and paths that many have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.app.description import MOST_BYTES
from prober.definitions.document import parse_plain
from prober.discovery.common_paths import DESCRIPTIONS, HEALTH, NEVER_RIGHT, QUESTIONS, ROBOTS, SITEMAP
from prober.discovery.coverage import Discovered, route_without_guard, websocket_route
from prober.discovery.listings import (
    paths_in_page,
    paths_in_robots,
    paths_in_script,
    paths_in_sitemap,
    scripts_in_page,
    websockets_in_page,
)
from prober.discovery.openapi import discovered_in_openapi
from prober.errors import ProberError

if TYPE_CHECKING:
    from prober.app.anonymous_client import AnonymousClient

MOST_PAGE = 1024 * 1024  # bytes of a front page, whose links may come after what dresses it
FRONT, COMMON, SCRIPT = "the front page", "a common path", "a script of the front page"
UNLISTED = (FRONT, SCRIPT, ROBOTS, SITEMAP, COMMON)  # what no list of all routes is


async def look_for_more(client: AnonymousClient, notes: list[str], front: str) -> list[Discovered]:
    """Give the routes that the deployment itself advertises, and the paths that many have."""
    await client.ask(DESCRIPTIONS, most_body=MOST_BYTES)
    common = [entry.path for entry in (*NEVER_RIGHT, *QUESTIONS)]
    await client.ask((ROBOTS, SITEMAP, *HEALTH, *common))
    found: list[Discovered] = []
    for path in DESCRIPTIONS:
        found += _described(client, path, notes)
    origin, base = client.service.url, client.service.base_path
    scripts = [path.removeprefix(base) for path in scripts_in_page(client.text(front), origin=origin)]
    await client.ask(scripts, most_body=MOST_PAGE)
    called = [path for one in scripts for path in paths_in_script(client.text(one))]
    for source, paths in (
        (FRONT, paths_in_page(client.text(front), origin=origin)),
        (SCRIPT, called),
        (ROBOTS, paths_in_robots(client.text(ROBOTS))),
        (SITEMAP, paths_in_sitemap(client.text(SITEMAP), origin=origin)),
        (COMMON, [*HEALTH, *common]),
    ):
        found += [route_without_guard("GET", path.removeprefix(base) or "/", file=source) for path in paths]
    sockets = websockets_in_page(client.text(front), origin=origin)
    return found + [websocket_route(path.removeprefix(base) or "/", file=FRONT) for path in sockets]


def _described(client: AnonymousClient, path: str, notes: list[str]) -> list[Discovered]:
    text = client.text(path)
    if not text.lstrip().startswith(("{", "openapi:", '"')):
        return []
    try:
        routes, new_notes = discovered_in_openapi(parse_plain(text, file=path), file=path)
    except ProberError as error:
        notes.append(f"{path} was not understood: {error}".partition("\n")[0])
        return []
    notes.extend(new_notes)
    return list(routes)
