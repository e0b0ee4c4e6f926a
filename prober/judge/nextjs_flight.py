"""What a Next.js page has told in its flight data although it refused: layout and page are rendered side by side. Pure.

A redirect in a layout does not keep the page below it from being rendered, and the page goes along in the body, where
every stranger can read it. A redirect in the page itself leaves an error in the page's place, and nothing of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.judge.json_values import document_or_none

if TYPE_CHECKING:
    from prober.model import Answered, JsonValue

_PUSHED = re.compile(rb'self\.__next_f\.push\(\[1,("(?:[^"\\]|\\.)*")\]\)')
_ROW = re.compile(r"^([0-9a-f]{1,4}):(?:T[0-9a-f]+,)?(.*)$", re.MULTILINE)
# The slot of the page among the segments, in Next.js 15 and 16: what stands there, by its row or itself.
_SLOT = re.compile(
    r'"__PAGE__[^"]{0,2000}"[^\[]{0,20}\["\$","\$1","c",\{"children":\[(?:"\$L([0-9a-f]{1,4})"|(\["\$"))'
)
_REFERENCE = re.compile(r'"\$L?([0-9a-f]{1,4})"')
_FLIGHT = "text/x-component"
_FEWEST_LETTERS = 3
_MOST_ROWS = 200  # that a page's row may lead to
_UNSEEN = frozenset({"title", "style", "script", "meta", "link"})


def is_flight(answered: Answered) -> bool:
    """Say whether this is what the client's router is answered."""
    return _FLIGHT in (answered.header("content-type") or "")


def page_texts_in_flight(answered: Answered) -> int:
    """Count what of the page itself is in the flight data: its texts and its data; 0 where the page has refused."""
    flight = _flight_of(answered)
    rows = dict(_ROW.findall(flight))
    texts = 0
    for number, inline in _SLOT.findall(flight):
        texts += 1 if inline else _texts_of(number, rows)
    return texts


def _flight_of(answered: Answered) -> str:
    body = answered.body
    if is_flight(answered):
        return body.decode("utf-8", "replace")
    return "".join(_unquoted(chunk) for chunk in _PUSHED.findall(body)) if b"__next_f" in body else ""


def _texts_of(first: str, rows: dict[str, str]) -> int:
    """Follow a row to those that it refers to: an element's texts, and values that a component is given."""
    texts, waiting, seen = 0, [first], set[str]()
    while waiting and len(seen) < _MOST_ROWS:
        number = waiting.pop()
        text = rows.get(number, "")
        if number in seen or text[:1] not in {"[", "{"}:
            continue  # an error, a module, a row that did not come
        seen.add(number)
        texts += _count(document_or_none(text))
        waiting += _REFERENCE.findall(text)
    return texts


def _unquoted(chunk: bytes) -> str:
    value = document_or_none(chunk.decode("utf-8", "replace"))
    return value if isinstance(value, str) else ""


def _count(value: JsonValue) -> int:
    """Count the words in a row, wherever they stand, without recursion: the depth is the deployment's to choose."""
    found, waiting = 0, [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str):
            found += _is_text(here)
        elif isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            element = len(here) > 3 and here[0] == "$"  # noqa: PLR2004 - ["$", tag, key, props]
            if not element:
                waiting.extend(here)
            elif here[1] not in _UNSEEN:
                waiting.append(here[3])
    return found


def _is_text(text: str) -> bool:
    return not text.startswith("$") and sum(char.isalpha() for char in text) >= _FEWEST_LETTERS
