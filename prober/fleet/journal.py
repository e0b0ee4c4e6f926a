"""The journal: append-only lines of JSON that say which deployments were begun, and what they came to.

`begun` is on the disk before the first request goes out, so that no crash of the client can have one begun twice.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from prober.errors import DefinitionError, UsageError
from prober.fleet.tasks import result_of, result_to_text
from prober.model import Source

if TYPE_CHECKING:
    from pathlib import Path

    from prober.fleet.tasks import Result
    from prober.model import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierResults:
    """What an earlier part of the run has left: results, and deployments that were begun and have none."""

    run: str
    done: dict[str, Result] = field(default_factory=dict)
    begun: frozenset[str] = frozenset()


class Journal:
    """A journal that this process alone writes."""

    def __init__(self, path: Path) -> None:
        """Open and lock it; a second client of the same journal is refused."""
        self.path = path
        try:
            handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
            self._stream = os.fdopen(handle, "a+b", buffering=0)
        except OSError as error:
            why = error.strerror or "it cannot be written"
            raise UsageError(f"--journal cannot write '{path}': {why}", fix="name another file") from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            self._stream.close()
            raise UsageError(f"--journal cannot write '{path}': it is not a regular file", fix="name another file")
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._stream.close()
            fix = "wait for it to end, or name another file"
            raise UsageError(f"another run is writing the journal '{path}'", fix=fix) from None

    def start(self, *, run: str, digest: str) -> None:
        """Begin a new journal; one that holds something already is not overwritten."""
        self._stream.seek(0)
        if self._stream.read(1):
            fix = "give --resume to go on with it, or name another file"
            raise UsageError(f"the journal '{self.path}' is of an earlier run", fix=fix)
        self._write({"type": "fleet", "run": run, "digest": digest}, synced=True)

    def resume(self, *, digest: str) -> EarlierResults:
        """Read what an earlier part has left; a changed fleet or changed definitions are refused."""
        self._stream.seek(0)
        text = self._stream.read()
        end = text.rfind(b"\n") + 1
        lines = [self._parsed(number, line) for number, line in enumerate(text[:end].splitlines(), start=1)]
        if not lines or lines[0].get("type") != "fleet":
            raise UsageError(f"'{self.path}' is not a journal of a fleet", fix="name the file that --journal wrote")
        if lines[0].get("digest") != digest:
            what = f"the fleet or its definitions have changed since the journal '{self.path}' was begun"
            raise UsageError(what, fix="begin a new journal")
        self._stream.truncate(end)  # a line that a crash has cut short says nothing that can be relied on
        done: dict[str, Result] = {}
        begun: set[str] = set()
        for number, line in enumerate(lines[1:], start=2):
            if line.get("type") == "begun":
                begun.add(str(line.get("name")))
                done.pop(str(line.get("name")), None)
            elif line.get("type") == "withdrawn":
                begun.discard(str(line.get("name")))
            elif line.get("type") == "done":
                result = self._result(number, line)
                done[result.name] = result
        return EarlierResults(run=str(lines[0].get("run")), done=done, begun=frozenset(begun - done.keys()))

    def begin(self, name: str) -> None:
        """Write that a deployment is begun, and wait until it is on the disk."""
        self._write({"type": "begun", "name": name}, synced=True)

    def finish(self, result: Result) -> None:
        """Write what a deployment came to; where a crash loses that, the deployment counts as lost."""
        self._write({"type": "done", **json.loads(result_to_text(result))}, synced=False)

    def withdraw(self, name: str) -> None:
        """Write that nothing was sent to a deployment after all."""
        self._write({"type": "withdrawn", "name": name}, synced=False)

    def __enter__(self) -> Self:
        """Keep it open until the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file, and let others have it."""
        if self._stream.closed:
            return
        with suppress(OSError):  # what is not on the disk counts as begun, and so as lost
            os.fsync(self._stream.fileno())
        self._stream.close()

    def _write(self, line: dict[str, JsonValue], *, synced: bool) -> None:
        left, handle = json.dumps(line).encode() + b"\n", self._stream.fileno()
        end = os.fstat(handle).st_size
        try:
            while left:
                left = left[os.write(handle, left) :]
            if synced:
                os.fsync(handle)
        except OSError as error:
            with suppress(OSError):  # half a line would spoil the next one, which may find room again
                os.ftruncate(handle, end)
            fix = "make room for it: without it a deployment could be begun twice"
            raise UsageError(f"the journal '{self.path}' could not be written: {error.strerror}", fix=fix) from None

    def _parsed(self, number: int, line: bytes) -> dict[str, JsonValue]:
        try:
            parsed = json.loads(line)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise self._broken(number)
        return parsed

    def _result(self, number: int, line: dict[str, JsonValue]) -> Result:
        try:
            return result_of({key: value for key, value in line.items() if key != "type"})
        except (ValueError, KeyError, TypeError):
            raise self._broken(number) from None

    def _broken(self, number: int) -> DefinitionError:
        source = Source(file=str(self.path), line=number)
        return DefinitionError("this line is not of a journal", fix="begin a new journal", source=source)
