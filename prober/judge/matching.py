"""Does an answer keep a promise, and if not, which fact is broken? Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from prober.model import JsonValue, Reason
from prober.model.origin import DEFAULT_PORTS, origin_with_port

if TYPE_CHECKING:
    from prober.model import Answer, Answered, JsonFact, LocationFact, Promise, Service

_EMPTY = frozenset({"[]", "{}", "null", '""'})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - a name that servers give themselves


def matching_answer(promise: Promise, answered: Answered, service: Service) -> Answer | None:
    """Give the expected answer that this one is, None when it is another."""
    return next((answer for answer in promise.answers if broken_fact(answer, answered, service) is None), None)


def broken_fact(answer: Answer, answered: Answered, service: Service) -> Reason | None:
    """Name the first fact that the answer does not keep, None when it keeps all."""
    if not answer.allows(answered.status):
        return Reason.WRONG_STATUS
    if answer.location is not None and not _leads_to(answer.location, answered, service):
        return Reason.WRONG_LOCATION
    for name, wanted in answer.headers:
        if not any(key == name and wanted.lower() in value.lower() for key, value in answered.headers):
            return Reason.WRONG_CHALLENGE
    text = answered.text if answer.body or answer.not_body else ""
    if not all(_is_in(wanted, text) for wanted in answer.body) or any(unwanted in text for unwanted in answer.not_body):
        return Reason.WRONG_BODY
    if answer.json and not _holds(answer.json, answered.json):
        return Reason.WRONG_BODY
    return None


def _is_in(wanted: str, text: str) -> bool:
    """Say whether the body holds this text; brackets with nothing in them are the whole body: any list has some."""
    return text.strip() == wanted if wanted in _EMPTY else wanted in text


def target_of(answered: Answered, service: Service, path: str) -> tuple[str, bool] | None:
    """Give where a redirect leads: the URL in full, and whether that is on the service's own origin."""
    location = answered.header("location")
    if location is None or not answered.redirects:
        return None
    try:
        base = origin_with_port(service.scheme, service.host, service.port)
        url = urljoin(base + path if path.startswith("/") else path, location.strip())
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "about:unreadable", False  # it leads somewhere, and nobody can say where
    same_host = parts.hostname == service.host or {parts.hostname, service.host} <= _LOOPBACK
    # A server behind a proxy that ends TLS often names its own port or scheme: only the host says whose it is then.
    on_origin = same_host and (port == service.port or port in DEFAULT_PORTS.values())
    return url, on_origin


def is_at(fact: LocationFact, url: str, service: Service) -> bool:
    """Say whether a URL is on the origin and at the path where an expected redirect leads; its query is not compared.

    A fact without an origin has its path alone: whether the URL is on the service's own is another question.
    """
    parts = urlsplit(url)
    if not fact.origin:
        return parts.path in {fact.path, service.base_path + fact.path}
    return _origin_of(url) == _origin_of(fact.origin) and (not fact.path or parts.path == fact.path)


def _origin_of(url: str) -> tuple[str, str | None, int | None] | None:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None


def _leads_to(fact: LocationFact, answered: Answered, service: Service) -> bool:
    found = target_of(answered, service, "/")
    if found is None or not (found[1] or fact.origin) or not is_at(fact, found[0], service):
        return False
    parts = urlsplit(found[0])
    query = parse_qsl(parts.query, keep_blank_values=True)
    return all(any(key == name and value in {None, got} for name, got in query) for key, value in fact.query)


def _holds(facts: tuple[JsonFact, ...], body: JsonValue | None) -> bool:
    return all(_holds_at(fact.path, fact.value, body) for fact in facts)


def _holds_at(path: tuple[str, ...], wanted: str | None, value: JsonValue | None) -> bool:
    """Say whether the value at this path is the wanted one (as JSON; None: any), of a list's every entry for `*`."""
    for place, key in enumerate(path):
        if isinstance(value, list) and key == "*":
            return bool(value) and all(_holds_at(path[place + 1 :], wanted, entry) for entry in value)
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return False
    return wanted is None or json.dumps(value, sort_keys=True) == wanted
