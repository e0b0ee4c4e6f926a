"""What a pack holds: the guards, factories, handlers and chains of one library. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.audit.source.analysis.values import REFUSED, RESULTS, GuardKind, GuardStyle, Proof, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.audit.source.analysis.routers import Routing

# --- what a call gives ------------------------------------------------------------------------------------------------
USER = RESULTS[GuardStyle.VALUE]  # the user, the session, true; or null, undefined, false
ERROR = Value(style=GuardStyle.DENIAL, false=Proof.YES, ours=True)  # an error, or nothing where the caller is known
REFUSING = Value(gives=REFUSED, ours=True)  # a function that makes a refusal
ASKED = Value(gives=USER, ours=True)  # a function that is true only where the caller is known
VOUCHED = RESULTS[GuardStyle.THROWS]  # there only where the caller is known: it throws otherwise


def always(**members: Value) -> Value:
    """Describe an object that is always there; only these members say who came."""
    return Value(style=GuardStyle.ALWAYS, false=Proof.DEAD, members=MappingProxyType(members), ours=True)


def request(**members: Value) -> Value:
    """Describe a request to which a library has added these members."""
    return Value(members=MappingProxyType(members), ours=True)


def record(member: Value) -> Value:
    """Describe an object that is always there, and whose every member is this."""
    return Value(style=GuardStyle.ALWAYS, false=Proof.DEAD, members=MappingProxyType({"*": member}), ours=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryGuard:
    """A function of the library, or a method of what it made, that says who came or refuses."""

    call: str  # its name, or the end of its chain: 'api.getSession'
    gives: Value
    throws: bool = False  # it comes back only where the caller is known
    awaited: bool = True  # it gives a promise; False: at once, or in one release so and in another so
    kind: GuardKind = GuardKind.SESSION
    key: int | None = None  # the place of the key, which the client may not say
    strict: str | None = None  # an option with which it refuses by itself
    boxes: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))  # options with which it gives this
    lenient: frozenset[str] = frozenset()  # values of that option with which it lets everybody pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryLender:
    """A function of the library that lets everybody through to a handler, and tells its request who came."""

    call: str
    request: Value  # what the handler's first parameter is


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryHandler:
    """A function of the library that makes whole handlers, and why those are public."""

    call: str
    why: str
    path: str | None = None  # the end of the only path where that holds; None: below any catch-all


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A builder of handlers, as next-safe-action has it: client.use(middleware).action(handler)."""

    starts: tuple[str, ...]  # functions, or methods of what the library made, that give one
    adds: tuple[str, ...]  # methods that take a middleware
    ends: tuple[str, ...]  # methods that take the handler
    next_name: str  # of the function that lets the caller pass: a key of the argument


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A small source of a route, or of actions, and what the audit says of it."""

    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What is believed of one library, and sources that show it."""

    name: str
    packages: tuple[str, ...]
    about: str
    guards: tuple[LibraryGuard, ...] = ()
    factories: tuple[str, ...] = ()  # they make clients, and do nothing by themselves
    results: tuple[str, ...] = ()  # they make a result, good or bad, that is asked which of them it is
    promised: tuple[str, ...] = ()  # classes that make a result of a promise of one
    settling: tuple[str, ...] = ()  # functions that make a result of any promise
    matches: tuple[str, ...] = ()  # functions that begin a match, whose arms are its methods
    stops: tuple[str, ...] = ()  # they never come back: they throw
    services: tuple[str, ...] = ()  # they make a client of a service: what of it is no read acts
    acts: tuple[str, ...] = ()  # methods of what it made that act
    signs: tuple[str, ...] = ()  # they make a token, which its own guards would take
    wrappers: tuple[str, ...] = ()  # they guard the handler that they are given
    lenders: tuple[LibraryLender, ...] = ()
    handlers: tuple[LibraryHandler, ...] = ()
    chain: Chain | None = None
    routing: Routing | None = None
    examples: tuple[Example, ...] = ()
