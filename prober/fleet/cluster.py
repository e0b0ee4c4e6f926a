"""Probes a fleet on the workers of a Dask cluster. The only module that knows Dask; it is imported for --cluster alone.

A deployment is no task of Dask's: a task would be run again elsewhere when its worker dies. It is a call to one worker,
outside of Dask's own scheduling, which is made once and never again. So no result is held by the cluster either.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit

from distributed import Client, Security

from prober import __version__
from prober.errors import UsageError
from prober.fleet import remote
from prober.fleet.digest import digest_of_definitions
from prober.fleet.local import LostError, NotBegunError
from prober.model.origin import is_loopback

CONNECTING = 15.0  # seconds
FRESH = 10.0  # seconds after which it is asked again which workers are there


class DaskEngine:
    """The workers of a cluster, each with the same version and the same definitions as this machine."""

    def __init__(self, address: str, *, files: tuple[str, ...]) -> None:
        """Check the address; `files` are the definitions that every worker must have."""
        self._address, self._files = check_address(address), files
        self._session = secrets.token_hex(8)
        self._settings = ""
        self._client: Client | None = None
        self._running: Counter[str] = Counter()
        self._workers: set[str] = set()
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    async def open(self, settings: str) -> None:
        """Connect, and check every worker before the first deployment."""
        self._settings = settings
        await self._connect()
        if not await self._look():
            raise UsageError(f"the cluster at {self._address} has no worker", fix="start its workers")

    async def missing(self, sources: tuple[str, ...]) -> dict[str, list[str]]:
        """Name the workers by each source of a secret that they lack."""
        await self._connect()
        lacking: dict[str, list[str]] = {}
        for worker in sorted(await self._addresses()):
            for source in json.loads(str(await self._call(worker, remote.missing, sources))):
                lacking.setdefault(str(source), []).append(worker)
        return lacking

    async def probe(self, task: str) -> str:
        """Have the least busy worker probe a deployment; whatever comes back but a result means that it is lost."""
        if asyncio.get_running_loop().time() - self._looked > FRESH or not self._workers:
            await self._look()
        worker = min(self._workers, key=lambda address: self._running[address], default=None)
        if worker is None:
            raise NotBegunError("no worker of the cluster is left")
        self._running[worker] += 1
        try:
            return str(await self._call(worker, remote.probe, self._session, task))
        except Exception as error:  # noqa: BLE001 - Dask raises what it likes, and whatever it was, the result is gone
            self._workers.discard(worker)
            self._looked = float("-inf")
            raise LostError(f"its worker is gone ({type(error).__name__})") from None
        finally:
            self._running[worker] -= 1

    async def close(self) -> None:
        """Forget the run on every worker, and leave the cluster as it was."""
        if self._client is None:
            return
        with suppress(Exception):  # a worker that has gone has forgotten it too
            calls = [self._call(worker, remote.close_session, self._session) for worker in self._workers]
            await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5.0)
        with suppress(Exception):
            await self._client.close()

    async def _connect(self) -> None:
        security = Security(require_encryption=True) if self._address.startswith("tls://") else Security()
        try:
            self._client = await Client(
                self._address, asynchronous=True, security=security, timeout=CONNECTING, set_as_default=False
            )
        except (OSError, TimeoutError, ValueError, RuntimeError, TypeError) as error:
            what = f"no cluster answers at {self._address} ({type(error).__name__})"
            raise UsageError(
                what, fix="check the address, and for tls:// Dask's own settings of certificates"
            ) from None

    async def _look(self) -> set[str]:
        """See which workers are there; a new one is checked before it gets anything."""
        async with self._looking:
            present = await self._addresses()
            self._workers &= present
            for worker in sorted(present - self._workers):
                with suppress(OSError):  # it has gone again
                    await self._check(worker)
                    self._workers.add(worker)
            self._looked = asyncio.get_running_loop().time()
            return self._workers

    async def _addresses(self) -> set[str]:
        client = self._client
        if client is None or client.scheduler is None:
            return set()
        identity = await client.scheduler.identity(n_workers=-1)
        return {check_address(str(address)) for address in identity["workers"]}

    async def _check(self, worker: str) -> None:
        """Refuse a worker that would probe something else than this machine would."""
        try:
            there = json.loads(str(await self._call(worker, remote.facts, self._files)))
        except ImportError:
            what = f"the worker {worker} does not have the prober"
            raise UsageError(what, fix=f"install lockdown-prober {__version__} on every worker") from None
        if there["version"] != __version__:
            what = f"the worker {worker} has version {there['version']}, and this machine {__version__}"
            raise UsageError(what, fix="use one version everywhere")
        if there["digest"] != digest_of_definitions(self._files):
            what = f"the worker {worker} has other definitions than this machine"
            raise UsageError(what, fix="give every worker the same files, at the same paths")
        await self._call(worker, remote.open_session, self._session, self._settings)

    async def _call(self, worker: str, function: object, *arguments: object) -> object:
        """Call a function on one worker, once, outside of Dask's scheduling."""
        if self._client is None:
            raise OSError("not connected")
        answers = await self._client.run(function, *arguments, workers=[worker])
        return answers[worker]


def check_address(address: str) -> str:
    """Refuse an address over which tasks would travel unencrypted, but on this machine."""
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in {"tls", "tcp"} or not host or port is None:
        raise UsageError(f"--cluster: '{address}' is not an address", fix="write it as in tls://scheduler.example:8786")
    if scheme == "tcp" and not is_loopback(host):
        raise UsageError(f"--cluster: {address} is not encrypted", fix="use tls:// beyond this machine")
    return address
