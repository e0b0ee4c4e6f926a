"""What `prober check` says where nobody named what must be refused: open routes as questions, in plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from prober.report.redact import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEWEST = 40  # columns


def render_questions(
    questions: Iterable[str], refusing: int, unasked: Iterable[str], *, url: str, width: int
) -> str:  # fmt: skip
    """Write the open routes, what was not asked, and a last line that says what there is to decide."""
    asked, left = [clean(text) for text in questions], [clean(text) for text in unasked]
    lines = ["Is this meant to be public?"] if asked else []
    lines += [line for text in asked for line in _wrapped("  ", text, width)]
    if left:
        lines += ["", *_wrapped("not asked, since it may change something: ", ", ".join(left), width)]
    many = f"{len(asked)} routes answer" if len(asked) != 1 else "1 route answers"
    if asked:
        lines += ["", f"next: prober check {clean(url)} --deny PATH for each that is not, or --save to write it down"]
    lines.append(f"{many} without credentials, {refusing} refuse{'s' if refusing == 1 else ''}")
    return "\n".join(lines) + "\n"


def _wrapped(lead: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        lead + text, max(width, _FEWEST), subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )  # fmt: skip
