"""What a table of keys is made of: a key, the shape of its value, and the mapping that it is a key of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Unit(StrEnum):
    """What the ends of a range count."""

    NUMBER = "number"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The least and the greatest value; `or_zero` allows a plain 0 too."""

    least: float
    most: float
    unit: Unit = Unit.NUMBER
    or_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a value looks like: its JSON Schema, and what the docs call it.

    A shape with a name is an entry of its own in a schema's `$defs`; one without is written out where it is used.
    """

    shown: str
    schema: Mapping[str, Fragment] | Shape | Table
    name: str | None = None
    about: str = ""
    range: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """How the command line spells a key that is also an option."""

    metavar: str
    flag: str | None = None  # where it is not the key's own name
    multiple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: `about` is one plain sentence, `examples` are YAML, `formerly` names that earlier versions used."""

    name: str
    shape: Shape | Table
    about: str
    required: bool = False
    default: str | None = None
    examples: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    option: Option | None = None

    @property
    def range(self) -> Range | None:
        """The range of its value, where that is a number or a duration."""
        return self.shape.range if isinstance(self.shape, Shape) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The keys of one kind of mapping.

    `name` is its entry in a schema's `$defs`, `of` what messages call it, `where` the places that it may stand in, and
    `rules` what JSON Schema says of keys that depend on each other.
    """

    name: str
    of: str
    title: str
    about: str
    where: str
    keys: tuple[Key, ...]
    rules: Mapping[str, Fragment] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its keys, in the order of the docs."""
        return tuple(key.name for key in self.keys)

    @property
    def renamed(self) -> Mapping[str, str]:
        """The present name of each key that once had another."""
        return {former: key.name for key in self.keys for former in key.formerly}


# A piece of JSON Schema, in which a shape or a table stands for what the schema says of it.
Fragment = None | bool | int | float | str | Shape | Table | Sequence["Fragment"] | Mapping[str, "Fragment"]
