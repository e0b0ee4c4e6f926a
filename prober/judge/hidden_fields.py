"""Hidden fields of a page's forms that hold data: a page keeps there what its next request sends back. Pure.

Forms that sign somebody in have hidden fields too: tokens, URLs, states, short words. So a value counts only if it is
of several words, an e-mail address, or an amount.
"""

from __future__ import annotations

import html
import re

from prober.judge.secret_shapes import ADDRESS

_MOST = 200  # fields of a page
_INPUT = re.compile(r"<input\b[^<>]{1,4000}>", re.IGNORECASE)
_HIDDEN = re.compile(r"\stype\s{0,9}=\s{0,9}[\"']?hidden\b", re.IGNORECASE)
_NAME = re.compile(r"\sname\s{0,9}=\s{0,9}[\"']?([\w.\[\]:-]{1,100})", re.IGNORECASE)
_VALUE = re.compile(
    r"\svalue\s{0,9}=\s{0,9}(?:\"([^\"]{1,4000})\"|'([^']{1,4000})'|([^\s\"'<>]{1,4000}))", re.IGNORECASE
)
_WORDS = re.compile(r"[^\W_]+[,.]? [^\W_]+(?:[,. ].{0,4000})?", re.DOTALL)
_AMOUNT = re.compile(r"-?\d{1,12}[.,]\d\d")
_SIGNS_IN = re.compile(r"csrf|xsrf|token|scope|state|prompt|consent|locale|lang|label|title|message", re.IGNORECASE)


def hidden_fields_in(page: str) -> frozenset[str]:
    """Give the names of the hidden fields that hold data."""
    names = set()
    for field in _INPUT.findall(page)[:_MOST] if "hidden" in page.lower() else ():
        name, value = _NAME.search(field), _VALUE.search(field)
        if name is None or value is None or not _HIDDEN.search(field) or _SIGNS_IN.search(name[1]):
            continue
        text = html.unescape(value[1] or value[2] or value[3]).strip()
        if _WORDS.fullmatch(text) or ADDRESS.fullmatch(text) or _AMOUNT.fullmatch(text):
            names.add(name[1])
    return frozenset(names)
