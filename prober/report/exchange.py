"""Requests and responses for the formats that show evidence: of a granted body only its structure, never its data."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypedDict

from prober.model import Answered, Unanswered, Verdict
from prober.model.origin import origin_with_port
from prober.report.held_secret_answers import detail_of
from prober.report.redact import HIDDEN, Forms, clean, forms_of, harmless, without_encodings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prober.model import Finding, Report, Service
    from prober.model.definition import JsonValue

_MAX_ENTRIES = 20  # entries of a list or a mapping, and levels of both
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
_THROTTLED = 429
_LONGEST = 4000  # characters of a location that are read; fewer are shown

# A header is shown if it is of the protocol or identifies a server; of any other, which may be data, only its length.
_SHOWN_HEADERS = frozenset({
    "accept-ranges", "age", "allow", "alt-svc", "cache-control", "clear-site-data", "connection", "content-encoding",
    "content-language", "content-length", "content-type", "date", "etag", "expires", "keep-alive", "last-modified",
    "pragma", "referrer-policy", "retry-after", "server", "strict-transport-security", "trailer", "transfer-encoding",
    "upgrade", "vary", "via", "warning", "www-authenticate", "x-content-type-options", "x-frame-options",
    "x-powered-by", "x-aspnet-version", "x-runtime", "x-cache", "x-cache-hits", "x-served-by", "x-proxy-cache",
    "x-request-id", "x-correlation-id", "x-envoy-upstream-service-time", "x-iinfo", "x-cdn", "server-timing",
})  # fmt: skip
_SHOWN_PREFIXES = (
    "access-control-", "cf-", "fly-", "ratelimit-", "sec-websocket-", "x-akamai-", "x-amz-cf-", "x-amzn-",
    "x-azure-", "x-goog-", "x-matched-path", "x-middleware-", "x-nextjs-", "x-rate-limit-", "x-ratelimit-", "x-vercel-",
)  # fmt: skip
# Query parameters of a redirect that identify a sign-in page; the value of any other parameter may be private.
_SHOWN_PARAMETERS = frozenset({
    "callbackurl", "client_id", "error", "from", "lang", "locale", "next", "prompt", "rd", "redirect", "redirect_to",
    "redirect_uri", "redirecturl", "response_mode", "response_type", "return", "return_to", "returnto", "returnurl",
    "rm", "scope",
})  # fmt: skip
_QUERY = re.compile(r"([?&#;])([^=?&#;]{0,200})=([^&#;]*)")
_SECRET_KEY = re.compile(
    r"token|secret|key|password|passwd|credential|cookie|session|nonce|jwt|signature|otp|pin$", re.IGNORECASE
)
_FIELD_NAME = re.compile(r"[A-Za-z_$@-][A-Za-z_$:-]{0,39}\d{0,2}[A-Za-z_]{0,20}")  # a field's name, not an id


class Exchange(TypedDict):
    """One request and its response, redacted: `body` is the text of a refusal, or the structure of a granted body.

    `sent_otherwise` notes what the URL cannot express: a unix socket, or a request target that is not a path.
    """

    id: str
    method: str
    url: str
    sent_otherwise: str | None
    request_headers: list[tuple[str, str]]
    request_body: str | None
    status: int | None
    response_headers: list[tuple[str, str]]
    body: str
    size: int
    whole: bool
    elapsed_ms: int


def exchanges(report: Report, *, secrets: Iterable[str] = ()) -> Iterator[Exchange]:
    """Give the exchange of every finding with a single request, in the order of the findings, one at a time.

    All of them at once would be the largest thing in memory: some 10 KiB each.
    """
    hidden = forms_of(secrets)
    services = {entry.service.name: entry.service for entry in report.services}
    for finding in report.findings:
        if isinstance(finding.outcome, (Answered, Unanswered)) and finding.probe.procedure is None:
            yield _exchange(finding, finding.outcome, services[finding.probe.request.service], hidden)


def _exchange(finding: Finding, outcome: Answered | Unanswered, service: Service, hidden: Forms) -> Exchange:
    request = finding.probe.request
    answered = outcome if isinstance(outcome, Answered) else None
    secret = finding.probe.credential.secret
    hidden_forms = forms_of([secret]) + hidden if secret else hidden  # also if the caller did not pass it
    url, note = _url_and_note(request.target, service)
    return Exchange(
        id=finding.probe.id,
        method=request.method,
        url=_sent_text(url, hidden_forms),
        sent_otherwise=None if note is None else _sent_text(note, hidden_forms),
        request_headers=[
            (_sent_text(name, hidden_forms), _sent_text(value, hidden_forms)) for name, value in request.headers
        ],
        request_body=None
        if request.content is None
        else _sent_text(request.content.decode("utf-8", "replace"), hidden_forms),
        status=answered.status if answered else None,
        response_headers=[
            (clean(name, hidden_forms), _value(name, value, hidden_forms))
            if not finding.probe.carries_secret
            else (name if name in _SHOWN_HEADERS else f"<name of {len(name)}>", f"<text of {len(value)}>")
            for name, value in answered.headers
        ]
        if answered
        else [],
        body=_body_text(finding, answered, hidden_forms) if answered else clean(detail_of(finding), hidden_forms),
        size=len(answered.body) if answered else 0,
        whole=bool(answered and answered.whole),
        elapsed_ms=outcome.elapsed_ms,
    )


def _url_and_note(target: str, service: Service) -> tuple[str, str | None]:
    """Give the URL, and a note of the socket and of a request target that is not a path (a whole URL, or `*`)."""
    origin = origin_with_port(service.scheme, service.host, service.port)
    notes = [f"over the socket {service.socket}"] if service.socket else []
    if target.startswith("/"):
        return origin + target, notes[0] if notes else None
    return f"{origin}/", ", ".join([f"with the request target {target}", *notes])


def _sent_text(text: str, hidden: Forms) -> str:
    """Redact the provided secrets in text that the prober sent; bogus credentials stay, to be sent again."""
    return harmless(without_encodings(text, hidden))


def _value(name: str, value: str, hidden: Forms) -> str:
    """Give the part of a response header that may be shown; of a cookie its name and its attributes."""
    if name == "set-cookie":
        cookie, _, rest = value.partition("=")
        _, _, attributes = rest.partition(";")
        return clean(f"{cookie}={HIDDEN}" + (f";{attributes}" if attributes else ""), hidden)
    if name in {"location", "content-location"}:
        return clean(_QUERY.sub(_redact_query, value[:_LONGEST]), hidden)
    if name in _SHOWN_HEADERS or name.startswith(_SHOWN_PREFIXES):
        return clean(value, hidden)
    return f"<text of {len(value)}>"


def _redact_query(match: re.Match[str]) -> str:
    before, name, value = match.groups()
    return f"{before}{name}={value if name.lower() in _SHOWN_PARAMETERS or not value else HIDDEN}"


def _body_text(finding: Finding, answered: Answered, hidden: Forms) -> str:
    """Give the text of a refusal; of a body that was granted, or of an error, only the structure: no report holds data.

    A refusal may leak too (`disclosed`), and an error's text may hold a query, a path or an environment.
    """
    if not answered.body:
        return ""
    if finding.probe.carries_secret:
        return f"<{len(answered.body)} bytes: a held secret was sent, so that nothing of the answer is shown>"
    leaks = finding.verdict is Verdict.LEAK or (finding.waived is not None and finding.waived.verdict is Verdict.LEAK)
    is_refusal = not leaks and (answered.refused or answered.status == _THROTTLED)
    value = answered.json
    if value is not None:
        return clean(json.dumps(_masked(value, 0, keep_text=is_refusal)), hidden)
    if is_refusal and "<" not in answered.text[:1000]:
        return clean(answered.text, hidden)
    title = None if leaks else _TITLE.search(answered.text)
    title_note = f", titled '{clean(title.group(1).strip(), hidden)}'" if title else ""
    kind = clean(answered.header("content-type") or "no content type", hidden)
    return f"<{len(answered.body)} bytes of {kind}{title_note}>"


def _masked(value: JsonValue, depth: int, *, keep_text: bool) -> JsonValue:
    """Keep the structure, and with `keep_text` the values too, except those that are secrets by their key."""
    if isinstance(value, dict):
        return _mapping(value, depth, keep_text=keep_text)
    if isinstance(value, list):
        rest = [f"<{len(value) - 1} more>"] if len(value) > 1 else []
        return [*(_masked(inner, depth + 1, keep_text=keep_text) for inner in value[:1] if depth < _MAX_ENTRIES), *rest]
    if value is None or keep_text:
        return value
    if isinstance(value, bool):
        return "<true or false>"
    return f"<text of {len(value)}>" if isinstance(value, str) else "<number>"


def _mapping(value: Mapping[str, JsonValue], depth: int, *, keep_text: bool) -> JsonValue:
    if depth >= _MAX_ENTRIES:
        return {}
    is_keyed_by_data = not keep_text and _is_keyed_by_data(value)
    masked: dict[str, JsonValue] = {}
    for key, inner in list(value.items())[: 1 if is_keyed_by_data else _MAX_ENTRIES]:
        keep_key = keep_text or (not is_keyed_by_data and _FIELD_NAME.fullmatch(key))
        keep_value = keep_text and not _SECRET_KEY.search(key)
        masked[key if keep_key else f"<key of {len(key)}>"] = _masked(inner, depth + 1, keep_text=keep_value)
    omitted = len(value) - len(masked)
    return {**masked, "…": f"<{omitted} more>"} if omitted else masked


def _is_keyed_by_data(value: Mapping[str, JsonValue]) -> bool:
    """Say whether the keys are probably data, such as ids: their values are mappings with the same fields."""
    inner = [frozenset(entry) if isinstance(entry, dict) else None for entry in value.values()]
    return len(inner) > 1 and None not in inner and len(set(inner)) == 1
