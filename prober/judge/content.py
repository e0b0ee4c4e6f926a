"""What the body of an answer holds: its text, its JSON documents, its named values and its rows. Pure.

It reads what a browser or a JSON client would read: any charset, one document or many (lines, events), XML, a page. The
bytes are the deployment's to choose, so every pattern is bounded and nothing recurses.
"""

from __future__ import annotations

import codecs
import html
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from prober.judge.embedded import documents_in_texts, parts_of
from prober.judge.loose_json import loose_document
from prober.judge.records import entries, is_record, rows_of
from prober.judge.text_pairs import escaped_pairs_in, pairs_in

if TYPE_CHECKING:
    from prober.model import Answered, JsonValue

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip  # the longer ones first: a BOM of UTF-32 begins with one of UTF-16
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_-]{1,40})|<\?xml[^>]{0,100}encoding=[\"']([A-Za-z0-9_-]{1,40})"
)
_WIDE = ("utf-16", "utf-32", "utf16", "utf32", "ucs-2", "ucs-4")
_HEAD = 1024  # bytes in which a page declares its charset
_EVENT_DATA = re.compile(r"^data: ?(.*)$", re.MULTILINE)
_EVENT_END = re.compile(r"\r\n\r\n|\n\n|\r\r")
_MOST_DOCUMENTS = 2000
# What stands in front of JSON against scripts that include it, or to have a script call a function with it.
_IN_FRONT = re.compile(r"\s{0,99}[^\s\[{\"<][^\[{<]{0,80}(?=[\[{])")
_BETWEEN = " \t\r\n,\x1e"  # of documents that follow each other (RFC 7464 for the last one)
_CONTROLS = re.compile(r"[\0-\x06\x0e-\x1a\x1c\x1d\x1f]")  # that no text holds
_MOST_CONTROLS = 20  # letters to one of them in a text that was garbled
_TEXTUAL = ("json", "xml", "script", "form", "yaml", "text", "html", "csv", "graphql")  # in the name of a media type
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")  # of files that browsers and offices open
# Comments, elements that a reader does not see (to the end, where nothing closes them), and the tags of the others.
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|template|noscript|head|svg)\b[^<>]{0,4000}(?<!/)>.*?(?:</\1\b[^<>]{0,4000}>|\Z)"
    r"|</?[A-Za-z][A-Za-z0-9-]{0,40}\b[^<>]{0,4000}>|<[!?][^<>]{0,400}>",
    re.IGNORECASE | re.DOTALL,
)
_FEWEST_CELLS = 2  # of a row of a table
_ROW = re.compile(r"<tr\b[^>]{0,400}>(.*?)(?=<tr\b|</tbody|</table|\Z)", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"<td\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a body holds. Its parts are read when they are first asked for, and once."""

    body: bytes
    media_type: str
    charset: str | None

    @cached_property
    def text(self) -> str:
        """The body as text, in the charset of its byte order mark, its header or its own declaration, else UTF-8."""
        for mark, name in _BOMS:
            if self.body.startswith(mark):
                return self.body[len(mark) :].decode(name, "replace")
        declared = _DECLARED.search(self.body[:_HEAD])
        named = self.charset or (declared and (declared[1] or declared[2]).decode("ascii"))
        # JSON and pages in UTF-16 without a mark: every second byte of ASCII is empty.
        head = self.body[:4]
        if head[1:2] == b"\0" and head[3:4] == b"\0" and head[:1] != b"\0":
            named = "utf-16-le"
        elif head[:1] == b"\0" and head[2:3] == b"\0" and head[1:2] != b"\0":
            named = "utf-16-be"
        elif named is not None and named.lower().startswith(_WIDE) and b"\0" not in self.body[:_HEAD]:
            named = None  # JSON and pages have ASCII in them: whoever ignores the charset, as JSON clients do, reads it
        try:
            return self.body.decode(named or "utf-8", "replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", "replace")

    @cached_property
    def is_page(self) -> bool:
        """Whether a browser would show it as a page."""
        if "html" in self.media_type:
            return True
        return "json" not in self.media_type and "<html" in self.text[:_HEAD].lower()

    @cached_property
    def is_binary(self) -> bool:
        """Whether it is a file or a message of bytes, which no reader of text can tell anything of."""
        if self.body.startswith(_MAGIC):
            return True
        if "\0" in self.text:
            return True
        controls = len(_CONTROLS.findall(self.text)) if _CONTROLS.search(self.text) else 0
        if controls * _MOST_CONTROLS > len(self.text):
            return True
        if not self.media_type or any(kind in self.media_type for kind in _TEXTUAL):
            return False
        return controls > 0 or "\ufffd" in self.text

    @cached_property
    def _parsed(self) -> tuple[tuple[JsonValue, ...], bool]:
        if "event-stream" in self.media_type:
            events = ("\n".join(_EVENT_DATA.findall(event)) for event in _EVENT_END.split(self.text))
            parts = [event for event in events if event]
        elif self.media_type.startswith("multipart/"):
            parts = parts_of(self.text)
        else:
            return _parse(self.text)
        parsed = [_parse(part) for part in parts[:_MOST_DOCUMENTS]]
        return tuple(document for found, _ in parsed for document in found), False

    @property
    def documents(self) -> tuple[JsonValue, ...]:
        """Every JSON document: the whole body, else each line of it, else the data of each event."""
        return self._parsed[0]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Its text, and the texts of its parts that were encoded once more."""
        return (self.text, *parts_of(self.text)) if self.media_type.startswith("multipart/") else (self.text,)

    @cached_property
    def inner_documents(self) -> tuple[JsonValue, ...]:
        """The documents that the texts of its documents hold."""
        return documents_in_texts(self.documents)

    @cached_property
    def pairs(self) -> tuple[tuple[str, JsonValue], ...]:
        """Every key with its value, at any depth: of its JSON, of XML, or what looks like one in a page or a part."""
        documents, whole = self._parsed
        if "form-urlencoded" in self.media_type and not documents:
            return tuple(parse_qsl(self.text, max_num_fields=None)[:_MOST_DOCUMENTS])
        found = tuple(pair for document in (*documents, *self.inner_documents) for pair in entries(document))
        if whole:
            return found
        return (*found, *(pair for text in self.texts for pair in (*pairs_in(text), *escaped_pairs_in(text))))

    @cached_property
    def visible_text(self) -> str:
        """What a reader sees of a page; of anything else, its text."""
        if not self.is_page:
            return self.text
        return " ".join(html.unescape(_UNSEEN.sub(" ", self.text)).split())

    @cached_property
    def rows(self) -> int:
        """How many records it lists: objects of a list, lines or events that hold data, rows of a table."""
        if self.documents:
            listed = sum(rows_of(document) for document in self.documents)
            lines = sum(is_record(document) for document in self.documents) if len(self.documents) > 1 else 0
            return listed + lines
        return sum(1 for row in _ROW.findall(self.text) if len(_CELL.findall(row)) >= _FEWEST_CELLS)


@lru_cache(maxsize=1)  # an answer is looked at by several rules in a row; of a long one, two are much
def content_of(answered: Answered) -> Content:
    """Read what an answer holds."""
    said = answered.header("content-type") or ""
    charset = _CHARSET.search(said)
    return Content(
        body=answered.body, media_type=said.split(";")[0].strip().lower(), charset=charset[1] if charset else None
    )


def _parse(text: str) -> tuple[tuple[JsonValue, ...], bool]:
    """Parse the documents that follow each other, and say whether they are all that there is."""
    values: list[JsonValue] = []
    text = text.lstrip("\ufeff").strip()
    in_front = _IN_FRONT.match(text)
    first = at = in_front.end() if in_front is not None else 0
    is_loose = False  # JSON5 and the like begin the text, and follow each other
    while at < len(text) and len(values) < _MOST_DOCUMENTS:
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            loose = loose_document(text, at) if at == 0 or is_loose else None
            if loose is None:
                return tuple(values), False
            (value, at), is_loose = loose, True
        values.append(value)
        while at < len(text) and text[at] in _BETWEEN:
            at += 1
    return tuple(values), at >= len(text) and first == 0


def _object(pairs: list[tuple[str, JsonValue]]) -> JsonValue:
    """Make an object; where a key stands twice, which of its values a client reads is the client's choice."""
    value: dict[str, JsonValue] = dict(pairs)
    if len(value) < len(pairs):
        value[""] = [{key: earlier} for key, earlier in pairs if earlier not in (None, "", value[key])]
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_object)
