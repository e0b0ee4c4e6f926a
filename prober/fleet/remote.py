"""What runs on a worker of a cluster: the same as in a process of this machine, in a thread with its own event loop.

The worker's own loop stays free for its heartbeat. Every argument and result is text, and no secret is in any of them.
"""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from prober import __version__
from prober.fleet.digest import digest_of_definitions
from prober.fleet.plan import is_there
from prober.fleet.tasks import result_to_text, settings_from_text, task_from_text
from prober.fleet.worker import Worker
from prober.transport.daemon_threads import DaemonThreadPool

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True, kw_only=True)
class Session:
    """One run of a client: its worker, and the deployments that were begun here."""

    worker: Worker
    begun: set[str] = field(default_factory=set)


_SESSIONS: dict[str, Session] = {}  # the one state of the process: calls of a cluster come without any


def facts(files: Iterable[str]) -> str:
    """Say which version and which definitions are here."""
    return json.dumps({"version": __version__, "digest": digest_of_definitions(files)})


def missing(sources: Iterable[str]) -> str:
    """Name the sources of secrets that are not here."""
    return json.dumps([source for source in sources if not is_there(source)])


def open_session(name: str, settings: str) -> None:
    """Prepare for a run; opening it twice changes nothing."""
    if name not in _SESSIONS:
        _SESSIONS[name] = Session(worker=Worker(settings_from_text(settings)))


def close_session(name: str) -> None:
    """Forget a run."""
    _SESSIONS.pop(name, None)


async def probe(name: str, task: str) -> str:
    """Probe one deployment; one that this process has begun already is refused, whoever asks for it again."""
    session, deployment = _SESSIONS[name], task_from_text(task)
    if deployment.name in session.begun:
        message = f"'{deployment.name}' was begun here already"
        raise RuntimeError(message)
    session.begun.add(deployment.name)
    probing = asyncio.run_coroutine_threadsafe(session.worker.probe(deployment), _loop())
    return result_to_text(await asyncio.wrap_future(probing))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Start the thread and its event loop, once a process."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(DaemonThreadPool())
    threading.Thread(target=loop.run_forever, name="prober-fleet", daemon=True).start()
    return loop
