"""Markup as values: everything else is text, and this module escapes it, as the only one."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_EMPTY = frozenset({"input", "meta"})  # elements that have no end


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of HTML that is already escaped."""

    text: str


Child = Markup | str | None
Value = str | bool | None


def element(name: str, /, *children: Child, **attributes: Value) -> Markup:
    """Make an element; attribute names lose a trailing '_' and have '-' for '_'; None leaves an attribute out."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{together(children).text}</{name}>")


def link(anchor: str, /, *children: Child, page: str = "", **attributes: Value) -> Markup:
    """Make a link to an anchor of this page, or of another page of the prober; there are no other links."""
    return element("a", *children, href=f"{page}#{anchor}", **attributes)


def together(children: Iterable[Child], *, between: str = "") -> Markup:
    """Join pieces."""
    return Markup(between.join(_written(child) for child in children if child is not None))


def lines(children: Iterable[Child]) -> Markup:
    """Join pieces with line breaks, so that the source is readable."""
    return together(children, between="\n")


def _written(child: Markup | str) -> str:
    return child.text if isinstance(child, Markup) else escape(child)


def _attribute(key: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = key.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
