"""What a Next.js page has told in its flight data although it refused: layout and page are rendered side by side. Pure.

A redirect in a layout does not keep the page below it from being rendered, and the page goes along in the body, where
every stranger can read it. A redirect in the page itself leaves nothing of it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import Answered, JsonValue

_PUSHED = re.compile(rb'self\.__next_f\.push\(\[1,("(?:[^"\\]|\\.)*")\]\)')
_ROW = re.compile(r"^[0-9a-f]{1,4}:(?:T[0-9a-f]+,)?([\[{].*)$", re.MULTILINE)
_FLIGHT = "text/x-component"
_FEWEST_LETTERS = 3
# Of the error pages that Next.js has built in, and that it sends along with every answer.
_BUILT_IN = frozenset({
    "This page could not be found.", "Internal Server Error.", "Forbidden", "Unauthorized",
    "This page could not be accessed.", "You're not authorized to access this page.",
})  # fmt: skip
# What Next.js hands to the components of its own router.
_ROUTERS_OWN = frozenset({
    "parallelRouterKey", "segmentPath", "error", "errorStyles", "errorScripts", "template", "templateStyles",
    "templateScripts", "notFound", "notFoundStyles", "forbidden", "forbiddenStyles", "unauthorized",
    "unauthorizedStyles", "children", "loading", "Component", "slots", "params", "promise", "promises", "searchParams",
    "serverProvidedParams", "tree", "gracefullyDegrade", "precedence", "href", "rel", "src", "async", "nonce",
    "crossOrigin", "fallback", "name", "type", "pagePath", "segmentViewBoundaries", "buildId", "initialTree",
    "initialHead", "metadata", "viewport", "digest", "assetPrefix", "missingSlots", "globalErrorComponent",
    "globalErrorState",
})  # fmt: skip
_UNSEEN = frozenset({"title", "style", "script", "meta", "link"})


def texts_of(answered: Answered) -> frozenset[str]:
    """Give every text that an element of the flight data shows to people."""
    body = answered.body
    if _FLIGHT in (answered.header("content-type") or ""):
        flight = body.decode("utf-8", "replace")
    elif b"__next_f" in body:
        flight = "".join(_unquoted(chunk) for chunk in _PUSHED.findall(body))
    else:
        return frozenset()
    return frozenset(text for row in _ROW.findall(flight) for text in _shown(_parsed(row))) - _BUILT_IN


def tells(answered: Answered, everywhere: frozenset[str]) -> bool:
    """Say whether an answer to the client's router tells more than segments' names: texts, or data."""
    rows = _ROW.findall(answered.text)
    return bool(texts_of(answered) - everywhere) or any(_hands_data(_parsed(row)) for row in rows)


def is_flight(answered: Answered) -> bool:
    """Say whether this is what the client's router is answered."""
    return _FLIGHT in (answered.header("content-type") or "")


def _hands_data(value: JsonValue) -> bool:
    """Look for values that are none of the router's own: a row of them, or what a component is given."""
    if isinstance(value, dict) and any(len(key) > 1 and key not in _ROUTERS_OWN for key in value):
        return True  # a row of its own, which some component's props refer to
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
        if not isinstance(here, list):
            continue
        waiting.extend(here)
        if len(here) > 3 and here[0] == "$" and str(here[1]).startswith("$L") and isinstance(here[3], dict):  # noqa: PLR2004
            given = (said for key, said in here[3].items() if key not in _ROUTERS_OWN)
            if any(_is_data(said) for said in given):
                return True
    return False


def _is_data(said: JsonValue) -> bool:
    if isinstance(said, str):
        return _is_text(said)
    return isinstance(said, (dict, list)) and bool(said) and not (isinstance(said, list) and said[0] == "$")


def _unquoted(chunk: bytes) -> str:
    value = _parsed(chunk.decode("utf-8", "replace"))
    return value if isinstance(value, str) else ""


def _parsed(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _shown(value: JsonValue) -> list[str]:
    """Walk the elements `["$", tag, key, {children}]` without recursion: the depth is the deployment's to choose."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
        if not isinstance(here, list):
            continue
        tag, props = (here[1], here[3]) if len(here) > 3 and here[0] == "$" else (None, None)  # noqa: PLR2004
        if tag in _UNSEEN:
            continue
        waiting.extend(here)
        if isinstance(tag, str) and not tag.startswith("$") and isinstance(props, dict):
            children = props.get("children")
            texts = children if isinstance(children, list) and children[:1] != ["$"] else [children]
            found += [t for t in texts if isinstance(t, str) and _is_text(t)]
    return found


def _is_text(text: str) -> bool:
    return not text.startswith("$") and sum(char.isalpha() for char in text) >= _FEWEST_LETTERS
