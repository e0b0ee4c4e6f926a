"""What `prober check` says where nobody named what must be refused: open routes as questions, in plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from prober.report.redact import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.model import Question

PUBLIC = "Is this meant to be public?"
QUESTIONS = "questions"  # in place of "locked": nothing is wrong, and somebody has to say what may be public
NOT_ASKED = "not asked, since it may change something"
_FEWEST = 40  # columns


def render_questions(
    questions: Sequence[Question], refusing: int, notes: Iterable[str] = (), *, url: str, width: int,
    after_leaks: bool = False,
) -> str:  # fmt: skip
    """Write the open routes, what was not asked, and a last line that says what there is to decide."""
    asked = [f"{one.route} {one.answers} ({one.found_in})" for one in questions if one.answers is not None]
    unasked = [one.route for one in questions if one.answers is None]
    lines = [PUBLIC] if asked else []
    lines += [line for text in asked for line in _wrapped("  ", text, width)]
    if unasked:
        lines += ["", *_wrapped(f"{NOT_ASKED}: ", ", ".join(unasked), width)]
    lines += [line for note in notes for line in _wrapped("note: ", note, width)]
    other = "other " if after_leaks else ""  # those that leak stand above
    many = f"{len(asked)} {other}routes answer" if len(asked) != 1 else f"1 {other}route answers"
    if asked:
        lines += ["", f"next: prober check {clean(url)} --deny PATH for each that is not, or --save to write it down"]
    head = f"{QUESTIONS.upper()}: " if questions and not after_leaks else ""
    lines.append(f"{head}{many} without credentials, {refusing} refuse{'s' if refusing == 1 else ''}")
    return "\n".join(lines) + "\n"


def _wrapped(lead: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        lead + clean(text), max(width, _FEWEST),
        subsequent_indent="    ", break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
