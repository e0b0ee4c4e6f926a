"""What is known of a value while a handler is read: what it proves when it is true, and what it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.routers import Router, Served
    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.variables import Variables


LENGTH = "length"  # a part of what a look-up gave: how many rows it has found
STEPS = "steps"  # a part of a list of functions: how many they are
SERVICE = "service"  # a part of a library: a client whose methods act


class Proof(IntEnum):
    """Whether a guard has let the caller pass, at a place in the code; the lowest of all ways there counts."""

    NO = 0
    MAYBE = 1
    YES = 2
    DEAD = 3  # no way seems to lead there, and that is no guard: what nothing makes true proves nobody


class Shape(StrEnum):
    """What a value is."""

    OTHER = "other"
    NOTHING = "nothing"  # null, undefined or false
    REFUSAL = "refusal"  # a Response that says no
    ANSWER = "answer"  # a Response that does not, or something written out
    OPAQUE = "opaque"  # what something unread has given


class GuardStyle(StrEnum):
    """How a guard tells that it has refused."""

    THROWS = "throws"
    VALUE = "value"  # null, undefined or false
    ALWAYS = "always"  # an object that is always there; its members say who came
    DENIAL = "denial"  # a Response, else nothing
    RESPONSE = "response"  # a Response, else the user
    RESULT = "result"  # an object that has an error, or none
    UNSEEN = "unseen"  # cannot be read
    STUB = "stub"  # refuses nobody


class GuardKind(StrEnum):
    """What a guard asks a caller for."""

    SESSION = "session"
    ROLE = "role"
    SIGNATURE = "signature"
    SECRET = "secret"  # noqa: S105 - a word, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an imported name comes from."""

    module: str
    name: str


@dataclass(slots=True, kw_only=True)
class Scope:
    """The names of a block or a function, and the scope around it; a module's own names are looked up in it."""

    module: Module
    parent: Scope | None = None
    names: dict[str, Value] = field(default_factory=dict)
    shared: bool = False  # by all requests: it was made when the module was loaded

    def inner(self) -> Scope:
        """Make the scope of a block inside this one."""
        return Scope(module=self.module, parent=self, shared=self.shared)

    def find(self, name: str) -> Scope | None:
        """Find the scope that declares a name; None: the module does, or nobody."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Function:
    """A function, with the scope that it was made in."""

    node: Node
    scope: Scope
    asynchronous: bool
    remembered: bool = False  # for all requests: what it gives says nothing of who calls now

    @property
    def module(self) -> Module:
        """The file that it stands in."""
        return self.scope.module

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from every other."""
        return (self.module.file, self.node.start_byte)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Class:
    """A class, with the scope that it was made in."""

    node: Node
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arm:
    """An arm of a match: what is proven where it runs, and where neither it nor one before it does."""

    proven: Proof
    otherwise: Proof
    handler: Value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Value:
    """What is known of a value."""

    shape: Shape = Shape.OTHER
    true: Proof = Proof.NO  # what is proven where it is true
    false: Proof = Proof.NO  # what is proven where it is not
    style: GuardStyle | None = None  # of the guard that gave it
    passes: Proof | None = None  # a promise: what is proven once it is awaited without an exception
    settles: Value | None = None  # a promise: what it gives
    function: Function | None = None
    origin: Origin | None = None
    members: Mapping[str, Value] | None = None
    cases: tuple[tuple[Proof, Value], ...] = ()  # one of these, each with what is proven where it is given
    secret: bool = False  # it holds a secret of the environment
    certain: bool = False  # a secret that cannot be missing here
    bare: bool = False  # a secret as it stands in the environment: undefined where it is unset, and no text around it
    ours: bool = False  # it came with the request, or was made here: to call it does nothing by itself
    wrapped: Proof = Proof.NO  # a handler: what is proven before it begins
    wrapping: Function | None = None  # a wrapper that a factory has made: what it does
    wrapper: str | None = None  # a handler: what proves it
    given: tuple[Value, ...] = ()  # a handler: what its parameters are known to hold
    leaves: tuple[Value, ...] = ()  # a procedure: what the handlers of its actions are given
    status: int | None = None  # of a response object: what it will say, 0 where nobody can tell; of a number: itself
    responds: bool = False  # it is that response object
    library: str | None = None  # the package whose function made it, wherever it was imported from since
    class_: Class | None = None
    gives: Value | None = None  # a function of a library: what it gives
    public: tuple[str, str | None] | None = None  # a library's own handler: why it is public, and at which path only
    chain: Proof | None = None  # a library's builder of handlers: what its middleware proves
    goes_on: bool = False  # the function by which a middleware lets the caller pass
    read: str | None = None  # what was read from a store to make it
    undefined: bool = False  # where it is nothing, it may be undefined: that it is not null proves nothing
    caught: bool = False  # a catch clause has given it: it describes an error
    store: bool = False  # what a store gave: rows, or a query that is still being built
    sent: bool = False  # it is made of the body, the path or the query of the request
    credential: bool = False  # it is made of a cookie or a header of the request
    part: str | None = None  # of what a library made: the member that it is, whatever it is called here
    router: Router | None = None  # a library's router, or a builder of procedures
    served: Served | None = None  # a handler of a library that answers with a router
    proceeds: Callable[[Walk, list[Value], Node], Value] | None = None  # runs the rest of a route, for a middleware
    literal: str | None = None  # written out: the text of a constant, a string with a quote before it
    inline: bool = False  # an object as it is written out, which nobody else can have changed
    matched: Value | None = None  # a match of a library: what it looks at
    arms: tuple[Arm, ...] = ()  # of that match
    variables: Variables | None = None  # a request's context: what one middleware leaves for the next


NOTHING = Value(shape=Shape.NOTHING, true=Proof.DEAD)
UNDEFINED = Value(shape=Shape.NOTHING, true=Proof.DEAD, literal="undefined")
OTHER = Value()
OURS = Value(ours=True)
OPAQUE = Value(shape=Shape.OPAQUE)
ANSWER = Value(shape=Shape.ANSWER, false=Proof.DEAD, ours=True)  # never false
EMPTY = Value(shape=Shape.NOTHING, false=Proof.DEAD, ours=True)  # an answer with nothing in it
REFUSED = Value(shape=Shape.REFUSAL, false=Proof.DEAD, ours=True)
RESULTS = {
    GuardStyle.THROWS: Value(style=GuardStyle.THROWS, true=Proof.YES, ours=True),
    GuardStyle.VALUE: Value(style=GuardStyle.VALUE, true=Proof.YES, ours=True),
    GuardStyle.DENIAL: Value(style=GuardStyle.DENIAL, false=Proof.YES, ours=True),
    GuardStyle.RESPONSE: Value(style=GuardStyle.RESPONSE, ours=True),
    GuardStyle.RESULT: Value(style=GuardStyle.RESULT, ours=True),
    GuardStyle.UNSEEN: Value(style=GuardStyle.UNSEEN, true=Proof.YES, ours=True),
    GuardStyle.STUB: OTHER,
}
