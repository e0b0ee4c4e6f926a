"""Hides every secret of a fleet in a record: thousands of them, found in one pass over the text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.report.redact import HIDDEN, forms_of

if TYPE_CHECKING:
    from collections.abc import Iterable


class Redaction:
    """Secrets by the beginnings of their encodings: the time is that of the text, however many secrets there are."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the secrets' values."""
        forms = [form for form in forms_of(secrets).encodings if form]
        self._width = min(map(len, forms), default=1)
        self._by_start: dict[str, list[str]] = {}
        for form in forms:  # the longest first, so that none leaves a part of another
            self._by_start.setdefault(form[: self._width], []).append(form)

    def hide(self, text: str) -> str:
        """Replace each secret, in every encoding."""
        if not self._by_start:
            return text
        kept: list[str] = []
        start = position = 0
        while position + self._width <= len(text):
            forms = self._by_start.get(text[position : position + self._width], ())
            form = next((form for form in forms if text.startswith(form, position)), None)
            if form is None:
                position += 1
                continue
            kept += [text[start:position], HIDDEN]
            start = position = position + len(form)
        return "".join([*kept, text[start:]])
