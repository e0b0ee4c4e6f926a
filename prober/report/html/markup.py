"""Markup as values: everything else is text, and this module escapes it, as the only one."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_EMPTY = frozenset({"input", "meta"})  # elements that have no end
_LONG = 32_768  # characters, from which on a part is not joined with others: each level would copy the whole page


class Markup:
    """A piece of HTML that is already escaped, in one part or, where it is long, in several."""

    __slots__ = ("parts",)

    def __init__(self, *parts: str) -> None:
        """Take the parts as they are."""
        self.parts = parts

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.parts)


Child = Markup | str | None
Value = str | bool | None


def element(name: str, /, *children: Child, **attributes: Value) -> Markup:
    """Make an element; attribute names lose a trailing '_' and have '-' for '_'; None leaves an attribute out."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return _joined((f"<{name}{written}>", *together(children).parts, f"</{name}>"))


def link(anchor: str, /, *children: Child, page: str = "", **attributes: Value) -> Markup:
    """Make a link to an anchor of this page, or of another page of the prober; there are no other links."""
    return element("a", *children, href=f"{page}#{anchor}", **attributes)


def together(children: Iterable[Child], *, between: str = "") -> Markup:
    """Join pieces."""
    return _joined(_parts_of(children, between))


def lines(children: Iterable[Child]) -> Markup:
    """Join pieces with line breaks, so that the source is readable."""
    return together(children, between="\n")


def _parts_of(children: Iterable[Child], between: str) -> Iterator[str]:
    before = ""
    for child in children:
        if child is None:
            continue
        if before:
            yield before
        before = between
        if isinstance(child, Markup):
            yield from child.parts
        else:
            yield escape(child)


def _joined(parts: Iterable[str]) -> Markup:
    """Join parts until they are long."""
    long: list[str] = []
    short: list[str] = []
    length = 0
    for part in parts:
        short.append(part)
        length += len(part)
        if length >= _LONG:
            long.append("".join(short))
            short.clear()
            length = 0
    if short:
        long.append("".join(short))
    return Markup(*long)


def _attribute(key: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = key.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
