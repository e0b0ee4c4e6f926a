"""What a source audit takes for a lock, and for a door that is open on purpose. Frozen; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model.source import Source


class Refusal(StrEnum):
    """How a guard says no to whoever calls it."""

    THROWS = "throws"
    NULL = "null"  # gives null, undefined or false
    RESPONSE = "response"  # gives a Response, and nothing (or a user) to whom it lets in


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardName:
    """A function that refuses strangers; where its definition cannot be read, `refusal` says how."""

    name: str
    refusal: Refusal | None = None
    module: str | None = None  # what it must be imported from, when the name alone would say too little


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDoor:
    """A route or a server action that is open on purpose, named exactly, with the reason."""

    name: str  # POST /api/auth/forgot-password, or app/signin/actions.ts#redeem
    why: str
    source: Source | None = None  # None: it comes with the tool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGuards:
    """What the audit of a source goes by."""

    guards: tuple[GuardName, ...] = ()
    wrappers: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()  # may run before the guard: they read and change nothing that matters
    public: tuple[PublicDoor, ...] = ()
