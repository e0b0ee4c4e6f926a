"""JSON documents inside something else: a page's scripts and attributes, a text of JSON, the parts of a message. Pure.

The text is the deployment's to choose: each search passes over it once, and there is an end to what is taken out.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import zlib
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from prober.judge.json_values import document_or_none, values_in
from prober.judge.loose_json import MOST_TOKENS_OF_A_PAGE, MOST_TRIES_OF_A_PAGE, Allowance, loose_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import JsonValue

_MOST_EMBEDDED = 50  # documents of one body
_MOST_IN_A_SCRIPT = 20  # places of one script at which a document may begin
_DEEPEST = 3  # documents in texts in documents
_SHORTEST_TEXT = 8  # letters of one that may hold a pair
_BASE64 = ("eyJ", "W3s", "ewog", "Wwog")  # how a JSON object and a list of them begin in base64
_GZIPPED = "H4sI"  # and whatever gzip packed
_MOST_UNPACKED = 256 * 1024  # bytes of it
_ESCAPED = ("%7b", "%5b")  # how they begin in a URL or a cookie
_ASSIGNED = re.compile(r"(?:^|[=(:,]|\breturn)\s{0,9}(?=[\[{])")
_ATTRIBUTE = re.compile(r"=\s{0,9}(?:\"(\s{0,9}(?:\{|\[|&#123;)[^\"]{2,200000})\"|'(\s{0,9}[\[{][^']{2,200000})')")
_BOUNDARY = re.compile(r"\r?\n?--[^\r\n]{1,200}(?:\r?\n|\Z)")
_FLIGHT = "__next_f"  # what React sends to its own client: it is read by nextjs_flight
_PUBLIC = "ld+json"  # for search engines, and for mail programs, which read there what somebody has bought
_PRIVATE_TYPES = re.compile(
    r'"@type"\s{0,9}:\s{0,9}"(?:Invoice|Order|OrderItem|ParcelDelivery|BankAccount|\w{0,40}Reservation|Ticket)"'
)
_DATA_URI = re.compile(
    r"data:(?:application|text)/[\w.+-]{0,40}(?:json|csv|plain)(?:;[\w=-]{1,40}){0,3},([^\"'<>\s)]{8,200000})"
)


def documents_in_page(page: str) -> Iterator[JsonValue]:
    """Give the documents of a page's scripts, attributes and comments: the state from which a client renders it."""
    places = chain(_in_attributes(page), _in_scripts(page), _in_comments(page), _in_data_uris(page))
    every = (document for document in places if isinstance(document, (dict, list)))
    yield from islice(every, _MOST_EMBEDDED)


def documents_in_texts(documents: Iterable[JsonValue]) -> tuple[JsonValue, ...]:
    """Give the documents that the texts of these documents hold, at any depth: as gateways and logs wrap a body."""
    found: list[JsonValue] = []
    layer = list(documents)
    for _ in range(_DEEPEST):
        texts = [text for _, text in values_in(layer) if isinstance(text, str) and len(text) >= _SHORTEST_TEXT]
        layer = [inner for text in texts if (inner := document_in_text(text)) is not None]
        found += layer[: _MOST_EMBEDDED - len(found)]
    return tuple(found)


def parts_of(message: str) -> list[str]:
    """Give the bodies of a multipart message's parts, decoded where they are in base64."""
    bodies = []
    for part in _BOUNDARY.split(message)[:_MOST_EMBEDDED]:
        head, _, body = ("\n" + part.replace("\r\n", "\n")).partition("\n\n")  # of which the head may be empty
        text = _from_base64("".join(body.split())) if "base64" in head.lower() else body
        bodies += [text] if text else []
    return bodies


def _in_scripts(page: str) -> Iterator[JsonValue]:
    at, lower, decoder = 0, page.lower(), json.JSONDecoder()
    allowance = Allowance(tokens=MOST_TOKENS_OF_A_PAGE, tries=MOST_TRIES_OF_A_PAGE)
    while (start := lower.find("<script", at)) >= 0:
        end = lower.find("</script", start)
        at = end if end >= 0 else len(page)
        head, _, script = page[start:at].partition(">")
        if _FLIGHT in script or (_PUBLIC in head and not _PRIVATE_TYPES.search(script)):
            continue
        taken = 0
        for number, match in enumerate(_ASSIGNED.finditer(script)):
            if number >= _MOST_IN_A_SCRIPT:
                break
            if match.end() < taken:
                continue
            try:
                document, taken = decoder.raw_decode(script, match.end())
            except (ValueError, RecursionError):
                loose = loose_document(script, match.end(), allowance)
                if loose is None:
                    continue
                document, taken = loose
            yield document


def _in_data_uris(page: str) -> Iterator[JsonValue]:
    """Give what a page lets its reader save: files that stand in the link itself."""
    for number, match in enumerate(_DATA_URI.finditer(page) if "data:" in page else ()):
        if number >= _MOST_EMBEDDED:
            return
        text = html.unescape(match[1])
        yield document_in_text(text) or document_in_text(unquote(text))


def _in_comments(page: str) -> Iterator[JsonValue]:
    """Give what stands in comments: a page is also debugged there."""
    at = 0
    for _ in range(_MOST_EMBEDDED):
        start = page.find("<!--", at)
        end = page.find("-->", start) if start >= 0 else -1
        if end < 0:
            return
        text, at = page[start + 4 : end].strip(), end
        yield document_or_none(text) if text[:1] in {"{", "["} else None


def _in_attributes(page: str) -> Iterator[JsonValue]:
    for number, match in enumerate(_ATTRIBUTE.finditer(page)):
        if number >= _MOST_EMBEDDED:
            return
        yield document_or_none(html.unescape(match[1] or match[2]))


def document_in_text(text: str) -> JsonValue:
    """Give the object or the list that a text is: plain, escaped as in URLs, or in base64, packed or not."""
    text = text.strip()
    if text[:3].lower() in _ESCAPED:
        text = unquote(text)
    if text.startswith((*_BASE64, _GZIPPED)):
        text = _from_base64(unquote(text)) or ""
    elif text[:1] not in {"{", "["}:
        return None
    value = document_or_none(text)
    return value if isinstance(value, (dict, list)) else None


def _from_base64(text: str) -> str | None:
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        packed = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
        if text.startswith(_GZIPPED):
            packed = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(packed, _MOST_UNPACKED)
        return packed.decode()
    except (binascii.Error, ValueError, zlib.error):
        return None
