"""Recognises an application that comes with the prober, by how a few of its own paths answer. Read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.app.anonymous_client import anonymous_client_at
from prober.app.learn import NoVerdictError
from prober.definitions.packs import PACKS
from prober.judge.anonymous_answer import anonymous_answer, not_found_pages
from prober.model import Access, Answered

if TYPE_CHECKING:
    from prober.app.options import SendOptions


async def recognised(url: str, sending: SendOptions) -> str | None:
    """Name the pack all of whose marks answer otherwise than a path that does not exist; None where none does.

    Raises NoVerdictError where nobody answers.
    """
    client = anonymous_client_at(url, sending)
    service = client.service
    await client.ask(client.unknown_paths)
    silent = next((r for path in client.unknown_paths if not isinstance(r := client.replies[path], Answered)), None)
    if silent is not None:
        raise NoVerdictError(f"no answer from {service.url}: {silent.detail}", fix="check the URL")
    await client.ask(path for pack in PACKS.values() for path in pack.marks)
    not_found = not_found_pages(service, [(path, client.replies[path]) for path in client.unknown_paths])

    def is_there(path: str) -> bool:
        answer = anonymous_answer(path, client.replies[path], service, not_found)
        return not answer.blanket and answer.access is not Access.ABSENT and answer.status is not None

    return next((name for name, pack in PACKS.items() if all(map(is_there, pack.marks))), None)
