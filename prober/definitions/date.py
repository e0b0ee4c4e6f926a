"""Reads a day; whether it has come is judged elsewhere."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.definitions.node import Node

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_date(node: Node, *, of: str, meaning: str) -> date:
    """Parse a day as in 2026-12-31; `meaning` says in messages which day it is. Raises DefinitionError."""
    text = node.word(of=of)
    fix = f"write {meaning}, as in 2026-12-31"
    if not _DATE.fullmatch(text):
        raise node.wrong(f"'{text}' is not a date", fix=fix)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise node.wrong(f"'{text}' is a date that does not exist", fix=fix) from None
