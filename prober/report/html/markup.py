"""Markup as values. What was not made here is text, and text is escaped: the one place where that is done."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_EMPTY = frozenset({"input", "meta"})  # elements that have no end


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of the page, as it is written into it."""

    text: str


Child = Markup | str | None
Value = str | bool | None


def element(name: str, /, *children: Child, **attributes: Value) -> Markup:
    """Make an element; an attribute is written without its last '_', with '-' for '_', and not at all when None."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{together(children).text}</{name}>")


def link(anchor: str, /, *children: Child, page: str = "", **attributes: Value) -> Markup:
    """Make a link to a place in this page, or in another of ours: nothing leads elsewhere."""
    return element("a", *children, href=f"{page}#{anchor}", **attributes)


def together(children: Iterable[Child], *, between: str = "") -> Markup:
    """Put pieces one after the other."""
    return Markup(between.join(_written(child) for child in children if child is not None))


def lines(children: Iterable[Child]) -> Markup:
    """Put pieces on lines of their own, for those who read the source."""
    return together(children, between="\n")


def _written(child: Markup | str) -> str:
    return child.text if isinstance(child, Markup) else escape(child)


def _attribute(key: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = key.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
