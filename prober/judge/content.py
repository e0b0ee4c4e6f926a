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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Answered, JsonValue

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip  # the longer ones first: a BOM of UTF-32 begins with one of UTF-16
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_-]{1,40})|<\?xml[^>]{0,100}encoding=[\"']([A-Za-z0-9_-]{1,40})"
)
_HEAD = 1024  # bytes in which a page declares its charset
_EVENT_DATA = re.compile(r"^data: ?(.*)$", re.MULTILINE)
_EVENT_END = re.compile(r"\r?\n\r?\n")
_MOST_DOCUMENTS = 2000
_PAIR = re.compile(
    r"""\\?["']((?:[A-Za-z_-]|\\u00[0-9a-fA-F]{2}){2,60})\\?["']\s{0,9}:\s{0,9}(?:\\?"([^"\\]{1,4000})|(-?\d[\d.]{0,40}|true|\[|\{))"""
)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{1,60})(?:\s[^<>]{0,500})?>\s{0,99}([^<>]{1,4000}?)\s{0,99}</\1>")
_ATTRIBUTE = re.compile(r"\s([A-Za-z_][\w.:-]{1,60})=[\"']([^\"'<>]{1,4000})[\"']")
_TAG = re.compile(r"<!--|</?([A-Za-z][A-Za-z0-9-]{0,40})\b[^<>]{0,4000}>|<[!?][^<>]{0,400}>")
_UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "svg"})  # elements that a reader does not see
_ROW = re.compile(r"<tr\b[^>]{0,400}>(.*?)(?=<tr\b|</tbody|</table|\Z)", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"<td\b", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")

# Keys that an error consists of; what stands under others is data.
ERROR_KEYS = frozenset({
    "error", "errors", "message", "messages", "msg", "code", "status", "statuscode", "detail", "details", "success",
    "ok", "jsonrpc", "id", "path", "timestamp", "type", "title", "instance", "requestid", "traceid", "correlationid",
    "errordescription", "errorcode", "errormessage", "erroruri", "issues", "reason", "description", "help", "hint",
    "docs", "documentation", "documentationurl", "url", "method", "locations", "extensions", "exception", "name", "loc",
    "field", "param", "expected", "received", "input", "ctx", "line", "column", "stacktrace", "classification",
    "service", "category", "severity", "domain", "metadata", "locale", "debug", "meta", "version", "apiversion", "lang",
    "target", "innererror", "fault", "faultstring", "faultcode", "httpstatus", "httpcode", "unauthorized",
    "authenticated", "loggedin", "redirect", "redirectto", "redirecturl", "login", "loginurl", "signin", "signinurl",
    "realm", "scheme", "retryafter", "time", "date", "server", "host", "environment", "cause", "action", "resource",
    "kind", "state", "result", "data", "user", "session",
})  # fmt: skip
_FEWEST_VALUES = 2  # of a row: an object with one value beside its error words may be one of them that we do not know


def folded(key: str) -> str:
    """Give a key without its case and without what joins its words: `api_key`, `api-key` and `apiKey` are one."""
    return key.lower().replace("_", "").replace("-", "").replace(".", "")


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
        elif head[:1] == b"\0" and head[2:3] == b"\0" and head[1:2] not in {b"", b"\0"}:
            named = "utf-16-be"
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
    def _parsed(self) -> tuple[tuple[JsonValue, ...], bool]:
        if "event-stream" not in self.media_type:
            return _parse(self.text)
        events = ("\n".join(_EVENT_DATA.findall(event)) for event in _EVENT_END.split(self.text))
        parts = [_parse(event) for event in [event for event in events if event][:_MOST_DOCUMENTS]]
        return tuple(document for found, _ in parts for document in found), all(whole for _, whole in parts)

    @property
    def documents(self) -> tuple[JsonValue, ...]:
        """Every JSON document: the whole body, else each line of it, else the data of each event."""
        return self._parsed[0]

    @cached_property
    def pairs(self) -> tuple[tuple[str, JsonValue], ...]:
        """Every key with its value, at any depth: of its JSON, of XML, or what looks like one in a page or a part."""
        documents, whole = self._parsed
        found = tuple(pair for document in documents for pair in entries(document))
        return found if documents and whole else (*found, *pairs_in(self.text))

    @cached_property
    def visible_text(self) -> str:
        """What a reader sees of a page; of anything else, its text."""
        if not self.is_page:
            return self.text
        return " ".join(html.unescape(" ".join(_seen_parts(self.text))).split())

    @cached_property
    def rows(self) -> int:
        """How many records it lists: objects of a list, lines or events that hold data, rows of a table."""
        if self.documents:
            listed = sum(_rows_of(document) for document in self.documents)
            lines = sum(is_record(document) for document in self.documents) if len(self.documents) > 1 else 0
            return listed + lines
        return sum(1 for row in _ROW.findall(self.text) if len(_CELL.findall(row)) >= _FEWEST_VALUES)


@lru_cache(maxsize=1)  # an answer is looked at by several rules in a row; of a long one, two are much
def content_of(answered: Answered) -> Content:
    """Read what an answer holds."""
    said = answered.header("content-type") or ""
    charset = _CHARSET.search(said)
    return Content(
        body=answered.body, media_type=said.split(";")[0].strip().lower(), charset=charset[1] if charset else None
    )


def is_record(value: JsonValue) -> bool:
    """Say whether an object is data: it holds at least two values, and not all of them are what errors consist of."""
    if not isinstance(value, dict):
        return False
    filled = [key for key, inner in value.items() if inner not in (None, "", [], {})]
    return len(filled) >= _FEWEST_VALUES and any(folded(key) not in ERROR_KEYS for key in filled)


def _seen_parts(page: str) -> Iterator[str]:
    """Give the texts between the tags, in one pass: a page may open a thousand scripts and close none."""
    at, hidden = 0, ""  # the element whose end is waited for
    while (tag := _TAG.search(page, at)) is not None:
        if not hidden:
            yield page[at : tag.start()]
        at = tag.end()
        if tag[0] == "<!--":
            if not hidden:
                end = page.find("-->", at)
                at = len(page) if end < 0 else end + 3
            continue
        name = (tag[1] or "").lower()
        if not hidden and name in _UNSEEN and tag[0][1] != "/" and not tag[0].endswith("/>"):
            hidden = name
        elif hidden == name and tag[0][1] == "/":
            hidden = ""
    if not hidden:
        yield page[at:]


def _rows_of(document: JsonValue) -> int:
    """Count the records in every list of a document, at any depth, and the numbers or texts of long plain lists."""
    rows, waiting = 0, [document]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            rows += sum(is_record(entry) for entry in here)
            waiting.extend(here)
    return rows


def _parse(text: str) -> tuple[tuple[JsonValue, ...], bool]:
    """Parse the documents that follow each other, and say whether they are all that there is."""
    decoder, at = json.JSONDecoder(), 0
    values: list[JsonValue] = []
    text = text.lstrip("\ufeff").removeprefix(")]}',").strip()  # what some put in front against scripts
    while at < len(text) and len(values) < _MOST_DOCUMENTS:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return tuple(values), False
        values.append(value)
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
    return tuple(values), at >= len(text)


def entries(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Give every key with its value, at any depth, without recursion."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield from here.items()
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def pairs_in(text: str) -> Iterator[tuple[str, JsonValue]]:
    """Give what looks like pairs of JSON, its quotes escaped or not, or like elements and attributes of XML."""
    for match in _PAIR.finditer(text) if ":" in text else ():
        yield _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), match[1]), match[2] or match[3]
    if "<" in text:
        for match in (*_ELEMENT.finditer(text), *_ATTRIBUTE.finditer(text)):
            yield match[1].rpartition(":")[2], html.unescape(match[2])
