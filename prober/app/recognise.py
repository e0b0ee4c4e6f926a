"""Recognises an application that comes with the prober, by how a few of its own paths answer. Read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.app.learn import NoVerdictError
from prober.app.strangers import stranger_at
from prober.definitions.packs import PACKS
from prober.judge.stranger import not_found_pages, stranger_answer
from prober.model import Access, Answered

if TYPE_CHECKING:
    from prober.app.options import SendOptions


async def recognised(url: str, sending: SendOptions) -> str | None:
    """Name the pack all of whose marks answer otherwise than a path that does not exist; None where none does.

    Raises NoVerdictError where nobody answers.
    """
    stranger = stranger_at(url, sending)
    service = stranger.service
    await stranger.ask(stranger.unknown_paths)
    silent = next((r for path in stranger.unknown_paths if not isinstance(r := stranger.replies[path], Answered)), None)
    if silent is not None:
        raise NoVerdictError(f"no answer from {service.url}: {silent.detail}", fix="check the URL")
    await stranger.ask(path for pack in PACKS.values() for path in pack.marks)
    not_found = not_found_pages(service, [(path, stranger.replies[path]) for path in stranger.unknown_paths])

    def is_there(path: str) -> bool:
        answer = stranger_answer(path, stranger.replies[path], service, not_found)
        return not answer.blanket and answer.access is not Access.ABSENT and answer.status is not None

    return next((name for name, pack in PACKS.items() if all(map(is_there, pack.marks))), None)
