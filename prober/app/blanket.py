"""Finds where paths that do not exist are refused like those that do: everywhere, or below some folders. Read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.anonymous_answer import anonymous_answer
from prober.model import Access
from prober.plan.not_found_controls import would_match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.app.anonymous_client import AnonymousClient

REFUSING = frozenset({Access.REFUSED, Access.SIGN_IN})
_MOST_FOLDERS = 20
_EVERYWHERE = "/"
_ENOUGH = 2  # folders below one, by which the one above is known to refuse whatever is there


async def blanket_folders(client: AnonymousClient, refused: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Give the folders below which every path is refused, the whole deployment as "/"; none where there is no such.

    `refused` are the paths of routes that refuse strangers, `known` those of all routes.
    """
    paths, routes = tuple(refused), tuple(known)
    if not paths:
        return ()
    if _is_refused(client, client.unknown_paths[0]):
        return (_EVERYWHERE,)
    folders = sorted({folder for path in paths for folder in _folders(path)}, key=len)[:_MOST_FOLDERS]
    beside = {folder: f"{folder}/{client.unknown_name}" for folder in folders}
    await client.ask(beside.values())
    refusing = [folder for folder in folders if _is_refused(client, beside[folder])]
    found: list[str] = []
    for folder in refusing:
        # Where the last part is a parameter of a route such a path does exist, so the folders below must refuse too.
        exists = any(would_match(route, f"{folder}/") for route in routes)
        below = sum(other.startswith(f"{folder}/") for other in refusing)
        if (not exists or below >= _ENOUGH) and not any(folder.startswith(f"{above}/") for above in found):
            found.append(folder)
    return tuple(found)


def _folders(path: str) -> list[str]:
    """Give the folders above a path, without the root and those below a parameter: /api and /api/admin."""
    folders: list[str] = []
    for part in path.partition("?")[0].split("/")[1:-1]:
        if part.startswith(":"):
            break
        folders.append(f"{folders[-1] if folders else ''}/{part}")
    return folders


def _is_refused(client: AnonymousClient, path: str) -> bool:
    reply = client.replies.get(path)
    return reply is not None and anonymous_answer(path, reply, client.service, ()).access in REFUSING
