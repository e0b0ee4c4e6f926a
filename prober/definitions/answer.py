"""Reads an expected answer: a status, a list, a class such as 4xx, or a mapping of facts. Strict; no network."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from prober.definitions.keys.answer import ANSWER_TABLE, NEVER_TABLE, SKIP_TABLE
from prober.definitions.node import words_of
from prober.model import Answer, JsonFact, LocationFact, Never, Promise, Source
from prober.model.intermediary_names import LOCK_KEEPERS, NEVER_A_LOCK

if TYPE_CHECKING:
    from prober.definitions.node import Node

_CLASS = re.compile(r"[1-5]xx")
_ELSEWHERE = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?(?=[/?]|$)", re.IGNORECASE)
_ERRORS = frozenset({"error", "errors"})
_NO_ERROR = frozenset({"null", "false", "[]", "{}", '""', "0"})  # as JSON
_LOWEST, _HIGHEST = 100, 599
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def parse_promise(node: Node) -> Promise:
    """Parse the answers expected of a guard: one, a list of which any will do, or `skip:` with the reason."""
    if node.is_mapping and [name for name, _ in node.pairs(of="an answer")] == list(SKIP_TABLE.names):
        reason = node.fields(SKIP_TABLE)["skip"].word(of="'skip'")
        return Promise(answers=(), skip=reason, source=node.source)
    if node.is_list:
        entries = node.items(of="a list of answers")
        if not any(entry.is_mapping for entry in entries):
            return Promise(answers=(_of_statuses(entries, node.source),), skip=None, source=node.source)
        return Promise(answers=tuple(parse_answer(entry) for entry in entries), skip=None, source=node.source)
    return Promise(answers=(parse_answer(node),), skip=None, source=node.source)


def parse_never(node: Node) -> Never:
    """Parse what no answer may contain: keys of JSON objects (`json`) and texts (`body`)."""
    fields = node.fields(NEVER_TABLE)
    keys = fields["json"].one_or_more(of="'json'") if "json" in fields else []
    texts = fields["body"].one_or_more(of="'body'") if "body" in fields else []
    return Never(
        keys=tuple(key.word(of="a JSON key") for key in keys),
        texts=tuple(text.word(of="a text") for text in texts),
        source=node.source,
    )


def parse_answer(node: Node) -> Answer:
    """Parse one answer: a status, a class of them, or a mapping of facts."""
    if not node.is_mapping:
        return _of_statuses([node], node.source)
    fields = node.fields(ANSWER_TABLE)
    json_facts = _parse_json(fields["json"]) if "json" in fields else ()
    is_error = any(map(_is_an_error, json_facts))
    answer = Answer(
        statuses=tuple(_parse_status(status) for status in fields["status"].one_or_more(of="'status'")),
        location=_parse_location(fields["location"]) if "location" in fields else None,
        headers=_parse_headers(fields["header"]) if "header" in fields else (),
        body=words_of(fields, "body"),
        not_body=words_of(fields, "not-body"),
        json=json_facts,
        is_refusal=fields["refuses"].flag(of="'refuses'") if "refuses" in fields else is_error,
        by=parse_keeper(fields["by"], of="'by'") if "by" in fields else None,
        source=node.source,
    )
    if answer.by and not answer.may_be_kept_in_front:
        what = "'by' names the intermediary that refuses, and this status is not a refusal"
        raise fields["by"].wrong(what, fix="write the status of its refusal, such as 401, 403 or 302, or remove 'by'")
    return answer


def _is_an_error(fact: JsonFact) -> bool:
    """Say whether the body is to hold an error: of JSON-RPC, of GraphQL, or of each entry of a batch."""
    return any(key in _ERRORS for key in fact.path[:2]) and fact.value not in _NO_ERROR


def parse_keeper(node: Node, *, of: str) -> str:
    """Parse who keeps a lock in front of the application: an intermediary's name, or `gateway`."""
    word = node.word(of=of)
    if word in NEVER_A_LOCK:
        what = f"'{word}' is not a lock: it refuses programs or a wrong address, and lets any browser pass"
        raise node.wrong(what, fix=f"remove {of}, and let the prober pass it")
    return node.name(LOCK_KEEPERS, of=of, kind="an intermediary that keeps a lock")


def _of_statuses(nodes: list[Node], source: Source) -> Answer:
    return Answer(statuses=tuple(_parse_status(node) for node in nodes), source=source)


def _parse_status(node: Node) -> range:
    if node.is_list or node.is_mapping:
        raise node.wrong(f"a status must be a number, not {node.shown}", fix="write a number such as 401, or 4xx")
    word = node.word(of="a status")
    if _CLASS.fullmatch(word):
        first = int(word[0]) * 100
        return range(first, first + 100)
    if not word.lstrip("+-").replace("_", "").isdigit():
        raise node.wrong(f"{node.shown} is not a status", fix="write a number such as 401, or a class such as 4xx")
    status = node.integer(of="a status")
    if not _LOWEST <= status <= _HIGHEST:
        raise node.wrong(f"'{status}' is not a status", fix=f"write a number from {_LOWEST} to {_HIGHEST}")
    return range(status, status + 1)


def _parse_location(node: Node) -> LocationFact:
    word = node.word(of="'location'")
    elsewhere = _ELSEWHERE.match(word)
    if elsewhere is None and (not word.startswith("/") or word.startswith("//")):
        fix = "write the path on the service's own origin (/signin), or a URL (https://sso.example.com/authorize)"
        raise node.wrong(f"location {node.shown} is neither a path nor a URL", fix=fix)
    parts = urlsplit(word)
    query = parse_qsl(parts.query, keep_blank_values=True)
    return LocationFact(
        path=parts.path,
        query=tuple((key, value or None) for key, value in query),
        origin=elsewhere[0].lower() if elsewhere else "",
    )


def _parse_headers(node: Node) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    for name, value in node.pairs(of="'header'"):
        if not HEADER_NAME.fullmatch(name):
            raise value.wrong(f"'{name}' is not a header name", fix="use letters, digits and '-'")
        headers.append((name.lower(), "" if value.is_null else value.word(of=f"header '{name}'")))
    return tuple(headers)


def _parse_json(node: Node) -> tuple[JsonFact, ...]:
    """A path without a value must only be there; `$` is the whole body, and its value is required."""
    facts: list[JsonFact] = []
    for path, value in node.pairs(of="'json'"):
        keys = () if path == "$" else tuple(path.split("."))
        if path.startswith("$") and keys:
            fix = f"leave the $ out: {path.removeprefix('$').removeprefix('.') or '$'}"
            raise value.wrong(f"'{path}' can never hold: a path begins with a key", fix=fix)
        if not all(keys):
            raise value.wrong(f"'{path}' is not a JSON path", fix="join keys with single dots, as in error.code")
        anything = value.is_null and keys and value.shown == "nothing"
        facts.append(JsonFact(path=keys, value=None if anything else json.dumps(value.json(), sort_keys=True)))
    return tuple(facts)
