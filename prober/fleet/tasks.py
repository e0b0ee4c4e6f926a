"""What goes to a worker and what comes back, as text: names of secrets and never their values. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from prober.app.options import SendOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import JsonValue


T = TypeVar("T")


class FleetVerdict(StrEnum):
    """What a deployment came to; worst first. Each deployment of the inventory has exactly one."""

    LEAK = "leak"
    DRIFT = "drift"
    NO_VERDICT = "no-verdict"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What all deployments of a run have in common."""

    sending: SendOptions
    sources: tuple[str, ...] = ()  # where each secret of the whole fleet is stored: no record may repeat any of them
    hold_for: tuple[str, ...] = ()  # origins that may have secrets, besides those that the fleet's own file gives
    records: str | None = None  # the folder for the full record of each deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One deployment to probe."""

    name: str
    deployment: str | None = None
    services: tuple[str, ...] = ()
    profile: str | None = None
    depth: str = "quick"
    hold: tuple[str, ...] = ()  # NAME=SOURCE
    named: tuple[str, ...] = ()  # the services whose URL the fleet's own file gives
    rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What is wrong at a route, the same for each deployment where it is wrong."""

    surface: str
    route: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one deployment came to; times are in milliseconds, `gap` and `pause` in seconds."""

    name: str
    verdict: FleetVerdict
    sentence: str = ""  # the last line of its own report
    why: str = ""  # of no verdict: the cause, worded alike for all deployments
    causes: tuple[Cause, ...] = ()
    run: str | None = None
    requests: int = 0
    elapsed_ms: int = 0
    gap: float = field(default=0.0, compare=False)
    pause: float = field(default=0.0, compare=False)


def settings_to_text(settings: WorkerSettings) -> str:
    """Write settings as one line."""
    return json.dumps(asdict(settings))


def settings_from_text(text: str) -> WorkerSettings:
    """Read settings."""
    given = json.loads(text)
    sending = _made(SendOptions, given["sending"])
    return WorkerSettings(
        sending=sending, sources=tuple(given["sources"]), hold_for=tuple(given["hold_for"]), records=given["records"]
    )


def task_to_text(task: Task) -> str:
    """Write a task as one line."""
    return json.dumps(asdict(task))


def task_from_text(text: str) -> Task:
    """Read a task."""
    return _made(Task, json.loads(text))


def _made(kind: type[T], given: Mapping[str, JsonValue]) -> T:
    """Make a value of this dataclass, in which every list is a tuple."""
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def result_to_text(result: Result) -> str:
    """Write a result as one line."""
    return json.dumps(asdict(result))


def result_from_text(text: str) -> Result:
    """Read a result; raises ValueError, KeyError or TypeError for what is none."""
    return result_of(json.loads(text))


def result_of(given: Mapping[str, JsonValue]) -> Result:
    """Make a result of its JSON value; raises ValueError, KeyError or TypeError for what is none."""
    causes = given.get("causes", [])
    if not isinstance(causes, list):
        raise TypeError("the causes are not a list")
    values: dict[str, JsonValue] = {key: value for key, value in given.items() if key not in {"causes", "verdict"}}
    return Result(
        **values,  # type: ignore[arg-type]  # what is of another type is not ours, and is refused below
        verdict=FleetVerdict(str(given["verdict"])),
        causes=tuple(
            Cause(**{key: str(value) for key, value in cause.items()}) for cause in causes if isinstance(cause, dict)
        ),
    )
