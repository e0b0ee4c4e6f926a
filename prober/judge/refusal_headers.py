"""What the headers of a refusal carry: JSON in whatever writing, in a header, a cookie, or a URL. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from prober.judge.embedded import document_in_text
from prober.judge.records import rows_of
from prober.judge.secret_shapes import ADDRESS
from prober.judge.single_records import holds_a_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Answered, JsonValue

FEWEST_RECORDS = 2
_LISTS_FOR_BROWSERS = frozenset({"report-to", "nel", "reporting-endpoints"})  # headers of addresses for reports
_WITH_A_URL = frozenset({"location", "refresh", "content-location"})
_MOST_PARAMETERS = 50
_PARTS_OF_A_TOKEN = 3


def carried_by_headers(answered: Answered) -> str | None:
    """Name what a header, a cookie or a URL in one holds besides what it is for."""
    for name, value in answered.all_headers:
        if name in _LISTS_FOR_BROWSERS:
            continue
        where = "a cookie" if name == "set-cookie" else "a URL" if name in _WITH_A_URL else "a header"
        for text in _texts_in(name, value):
            document = _document_in(text)
            if document is None:
                continue
            if rows_of(document) >= FEWEST_RECORDS:
                return f"{rows_of(document)} records in {where}"
            if holds_a_person([document]):
                return f"somebody's account in {where}"
    return None


def address_in_a_cookie(value: str) -> str | None:
    """Give the e-mail address that a cookie consists of, None where it holds anything else."""
    text = unquote(value.partition("=")[2].partition(";")[0]).strip('" ')
    return text if ADDRESS.fullmatch(text) else None


def _texts_in(name: str, value: str) -> Iterator[str]:
    if name == "set-cookie":
        yield value.partition("=")[2].partition(";")[0].strip('" ')
    elif name in _WITH_A_URL:
        try:
            parts = urlsplit(value.replace("[", "").replace("]", "") if "?" not in value else value)
        except ValueError:
            return
        for text in (parts.query, parts.fragment):
            yield from (inner for _, inner in parse_qsl(text)[:_MOST_PARAMETERS])
            yield text
    else:
        yield value


def _document_in(text: str) -> JsonValue:
    """Give the document that a text is, or that stands in the middle of a signed token (JWT)."""
    document = document_in_text(text)
    parts = text.split(".")
    if document is None and len(parts) >= 2 and parts[0].startswith("eyJ"):  # noqa: PLR2004 - a token without its end
        return document_in_text(parts[1] if len(parts) >= _PARTS_OF_A_TOKEN else parts[0])
    return document
