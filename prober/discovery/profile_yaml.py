"""Writes a profile of learned guards as YAML, no line longer than a reader's window. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.discovery.refusing_guards import Guard

_WIDTH = 120
_OPEN, _CLOSE = "{[", "}]"


def render_profile(name: str, guards: Iterable[Guard], *, extends: str | None = None) -> str:
    """Write a profile of these guards, which the strict reader accepts."""
    known = tuple(guards)
    lines = [f"profile: {name}", "about: What unauthenticated requests were answered with; to be confirmed."]
    lines += [f"extends: {extends}"] if extends else []
    if known:
        answers = (line for one in known for line in _entry(f"  {one.name}:", one.answers, about=one.about))
        lines += ["guards:", *answers, "presents:", *(f"  {one.name}: {one.presents}" for one in known)]
    return "\n".join(lines) + "\n"


def _entry(key: str, value: str, *, about: str = "") -> Iterator[str]:
    """Write a key and its value on one line, or on one for each part of a value that is too long for that."""
    comment = f" # {about}" if about else ""
    line = f"{key} {value}{comment}"
    parts = _parts(value) if len(line) > _WIDTH else []
    if not parts:
        yield line
        return
    indent = len(key) - len(key.lstrip(" -"))
    if about:
        yield f"{' ' * indent}# {about}"
    yield key
    deeper = " " * (indent + 2)
    for part in parts:
        name, colon, rest = part.partition(": ")
        if value.startswith("[") or not colon:
            yield from _entry(f"{deeper}-", part)
        else:
            yield from _entry(f"{deeper}{name}:", rest)


def _parts(value: str) -> list[str]:
    """Give the entries of a mapping or a list that is written in brackets; none of any other value."""
    if value[:1] not in _OPEN or value[-1:] not in _CLOSE:
        return []
    parts, depth, is_quoted, start = [], 0, False, 1
    for place, char in enumerate(value):
        is_quoted ^= char == '"' and value[place - 1] != "\\"
        if is_quoted:
            continue
        depth += (char in _OPEN) - (char in _CLOSE)
        if (char == "," and depth == 1) or depth == 0:
            parts.append(value[start:place].strip())
            start = place + 1
    return parts
