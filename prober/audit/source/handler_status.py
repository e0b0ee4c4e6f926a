"""The status of one handler: what its walk has reached and returned, and which guard it names."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from prober.audit.source.analysis.exposed_returns import expose_return
from prober.audit.source.analysis.functions import run
from prober.audit.source.analysis.state import Exposure, GuardCall, TooLargeError
from prober.audit.source.analysis.values import OURS, GuardKind, GuardStyle, Proof, Shape, Value

if TYPE_CHECKING:
    from prober.audit.source.analysis.state import ReturnValue, Walk


class GuardStatus(StrEnum):
    """Whether a handler is guarded; worst first."""

    UNGUARDED = "unguarded"
    UNKNOWN = "unknown"
    OK = "ok"


def status_of(walk: Walk, value: Value | None, file: str, *, pages: bool) -> tuple[GuardStatus, str]:
    """Walk through a handler; give its status and why it has that."""
    if value is None:
        return GuardStatus.UNKNOWN, "its export cannot be followed"
    if value.cases and value.function is None:
        found = [status_of(walk, one, file, pages=pages) for _, one in value.cases]
        return min(found, key=lambda one: list(GuardStatus).index(one[0]))
    if value.function is None and value.wrapped is Proof.YES:
        return GuardStatus.OK, value.wrapper or "a wrapper creates it"
    if value.function is None:
        where = f"'{value.origin.module}', which" if value.origin is not None else "something that"
        return GuardStatus.UNKNOWN, f"it is created by {where} cannot be followed"
    walk.proof = value.wrapped
    if value.given and value.wrapper:  # it says who came, and lets the handler ask
        walk.called.append(GuardCall(name=value.wrapper, line=0, style=GuardStyle.VALUE, kind=GuardKind.SESSION))
    others = [OURS, Value(responds=True) if pages else OURS]
    arguments = [*value.given, *others[len(value.given) :]]
    try:
        returned = run(walk, value.function, arguments)
    except TooLargeError:
        return GuardStatus.UNKNOWN, "it calls more than can be followed"
    except RecursionError:
        return GuardStatus.UNKNOWN, "it is nested deeper than can be followed"
    walk.refusals += [
        Exposure(what="refuses", file=value.function.module.file, line=one.line, certain=True)
        for one in returned
        if one.value.shape is Shape.REFUSAL
    ]
    if value.wrapped is Proof.YES:
        return GuardStatus.OK, value.wrapper or "a wrapper guards it"
    for one in returned:
        expose_return(walk, value.function.module.file, one, pages=pages)
    return verdict_of(walk, returned, file)


def verdict_of(walk: Walk, returned: list[ReturnValue], file: str) -> tuple[GuardStatus, str]:
    """Say what the walk comes to. Only a guard that is named, and that something is behind, makes it ok."""
    if walk.exposures:
        certain = [one for one in walk.exposures if one.certain]
        first = _told(walk, (certain or walk.exposures)[0])
        status = GuardStatus.UNGUARDED if certain else GuardStatus.UNKNOWN
        return status, f"{first.what} in {first.file}:{first.line}, {_before(walk, first, file)}{_vacuous(walk)}"
    ways = [sure for one in returned for sure in (one.proof, *(sure for sure, _ in one.value.cases))]
    guarded = walk.passed or Proof.YES in ways
    named = [called for called in walk.called if called.style is not GuardStyle.STUB]
    if guarded and named:
        texts = [
            f"{one.name}{f' in {one.where(file)}' if one.line else ''} ({one.kind})" for one in (*named, *walk.roles)
        ]
        return GuardStatus.OK, ", ".join(dict.fromkeys(texts))
    if guarded:
        return GuardStatus.UNKNOWN, "no guard that it passes can be named"
    if returned and all(one.value.shape is Shape.REFUSAL for one in returned):
        return GuardStatus.UNKNOWN, "it refuses every client, and passes no guard"
    return GuardStatus.UNKNOWN, f"it passes no guard, and has no known effect{_vacuous(walk)}"


def _told(walk: Walk, exposure: Exposure) -> Exposure:
    """Name what was read for an answer, in place of the answer."""
    if exposure.certain and exposure.what == "answers" and walk.reads:
        read = walk.reads[0]
        return Exposure(what=f"{read.what} and answers", file=read.file, line=read.line, certain=True)
    return exposure


def _vacuous(walk: Walk) -> str:
    """Say of a check that cannot fail that it can't."""
    if not walk.vacuous:
        return ""
    tested, line = walk.vacuous[0]
    return f"; the check of '{tested}' in line {line} cannot fail: it is always an object, whoever calls"


def _before(walk: Walk, first: Exposure, file: str) -> str:
    """Describe the guards that are called at all."""
    if not walk.called and walk.unset and not first.certain:
        where, line = walk.unset[0]
        place = f"line {line}" if where == file else f"{where}:{line}"
        return f"behind a comparison in {place} with a secret that may be unset: refuse where it is"
    if not walk.called and walk.lookups and not first.certain:
        return f"behind {next(iter(walk.lookups))}(), which may be a guard: name it under 'source' if it is one"
    if not walk.called:
        return "and calls no guard" if first.certain else "before any known guard"
    guard = walk.called[0]
    if guard.line > first.line and first.certain and guard.file in {"", first.file}:
        return f"before {guard.name} in {guard.where(file)}"
    if not guard.line:  # its name says where it is
        return f"although the handler is given what {guard.name} said: it is unchecked, or not on every path"
    if guard.style is GuardStyle.STUB:
        return f"and {guard.name} never refuses"
    return f"although {guard.name} is called in {guard.where(file)}: not awaited, unchecked, or not on every path"
