"""What in a JSON document is data, and what an error consists of. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.json_values import values_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import JsonValue

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
    "kind", "state", "errno", "errmsg", "errcode", "errormsg", "result", "data", "user", "session", "body", "headers",
    "multivalueheaders", "isbase64encoded",
})  # fmt: skip
# One of them is in every entry of a list of errors.
_WORDS_OF_AN_ERROR = frozenset({
    "error", "message", "msg", "code", "status", "detail", "details", "description", "reason", "errorcode",
    "errormessage", "errordescription", "expected", "received", "hint", "severity",
})  # fmt: skip
_FEWEST_VALUES = 2  # of a row: an object with one value beside its error words may be one of them that we do not know


def folded(key: str) -> str:
    """Give a key without its case and without what joins its words: `api_key`, `api-key` and `apiKey` are one."""
    return key.lower().replace("_", "").replace("-", "").replace(".", "")


def is_record(value: JsonValue) -> bool:
    """Say whether an object is data: it holds at least two values, and not all of them are what errors consist of."""
    if not isinstance(value, dict):
        return False
    filled = [key for key, inner in value.items() if inner not in (None, "", [], {})]
    if set(filled) == {"type", "text"} and value["type"] == "text":
        return False  # a part of a message in MCP and its like: a sentence; what JSON is in it is read by itself
    return len(filled) >= _FEWEST_VALUES and any(folded(key) not in ERROR_KEYS for key in filled)


def rows_of(document: JsonValue) -> int:
    """Count the records in every list of a document, at any depth."""
    return sum(1 for _ in records_in(document))


def records_in(document: JsonValue) -> Iterator[JsonValue]:
    """Give the records in every list of a document, at any depth: objects, and rows of a table without their names."""
    for entry in _listed(document):
        if is_record(entry) or _is_table_row(entry):
            yield entry


def entries_without_words(document: JsonValue) -> Iterator[JsonValue]:
    """Give the entries of lists that say nothing of an error: texts of several words, addresses, numbers, objects.

    Each may be data or not: only how many there are, and that no other refusal has them, tells.
    """
    for entry in _listed(document):
        if isinstance(entry, str):
            if " " in entry.strip() or "@" in entry:
                yield entry
        elif isinstance(entry, (int, float)) and not isinstance(entry, bool):
            yield entry
        elif isinstance(entry, dict):
            names = {folded(key) for key, inner in entry.items() if inner not in (None, "", [], {})}
            if len(names) >= _FEWEST_VALUES and not names & _WORDS_OF_AN_ERROR:
                yield entry


def entries(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Give every key with its value, at any depth, without recursion."""
    for _, here in values_in([value]):
        if isinstance(here, dict):
            yield from here.items()


def names_something(value: JsonValue) -> bool:
    """Say whether an object identifies a thing or a person: an id, a name and more, and no word of an error."""
    if not isinstance(value, dict):
        return False
    names = {folded(key) for key, inner in value.items() if inner not in (None, "", [], {})}
    return {"id", "name"} < names and not names & _WORDS_OF_AN_ERROR


def _listed(document: JsonValue) -> Iterator[JsonValue]:
    for _, here in values_in([document]):
        if isinstance(here, list):
            yield from here


def _is_table_row(entry: JsonValue) -> bool:
    """Say whether a list is a row: texts and numbers side by side, and nothing else."""
    if not isinstance(entry, list) or not all(isinstance(cell, (str, int, float)) for cell in entry):
        return False
    numbers = sum(isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in entry)
    return 0 < numbers < len(entry)
