"""What was sent and what came back, for the formats that show evidence: its shape, and never the data behind a door."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypedDict

from prober.model import Answered, Unanswered, Verdict
from prober.report.redact import HIDDEN, clean, forms_of, harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Finding, Report, Service
    from prober.model.definition import JsonValue

_MOST = 20  # entries of a list or a mapping, and levels of both
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
_THROTTLED = 429
_LONGEST = 4000  # letters of a location that are looked at; fewer are shown

# A header is shown where it is of the protocol or says who answers; of any other, which may be data, only its length.
_SHOWN = frozenset({
    "accept-ranges", "age", "allow", "alt-svc", "cache-control", "clear-site-data", "connection", "content-encoding",
    "content-language", "content-length", "content-type", "date", "etag", "expires", "keep-alive", "last-modified",
    "pragma", "referrer-policy", "retry-after", "server", "strict-transport-security", "trailer", "transfer-encoding",
    "upgrade", "vary", "via", "warning", "www-authenticate", "x-content-type-options", "x-frame-options",
    "x-powered-by", "x-aspnet-version", "x-runtime", "x-cache", "x-cache-hits", "x-served-by", "x-proxy-cache",
    "x-request-id", "x-correlation-id", "x-envoy-upstream-service-time", "x-iinfo", "x-cdn", "server-timing",
})  # fmt: skip
_SHOWN_KIN = (
    "access-control-", "cf-", "fly-", "ratelimit-", "sec-websocket-", "x-akamai-", "x-amz-cf-", "x-amzn-",
    "x-azure-", "x-goog-", "x-matched-path", "x-middleware-", "x-nextjs-", "x-rate-limit-", "x-ratelimit-", "x-vercel-",
)  # fmt: skip
# In a redirect, the words by which sign-in pages are told apart; any other value of its query may be somebody's.
_LEADS = frozenset({
    "callbackurl", "client_id", "error", "from", "lang", "locale", "next", "prompt", "rd", "redirect", "redirect_to",
    "redirect_uri", "redirecturl", "response_mode", "response_type", "return", "return_to", "returnto", "returnurl",
    "rm", "scope",
})  # fmt: skip
_QUERY = re.compile(r"([?&#;])([^=?&#;]{0,200})=([^&#;]*)")
_SECRET_KEY = re.compile(
    r"token|secret|key|password|passwd|credential|cookie|session|nonce|jwt|signature|otp|pin$", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z_$@-][A-Za-z_$:-]{0,39}\d{0,2}[A-Za-z_]{0,20}")  # a field's name, and nobody's id


class Exchange(TypedDict):
    """One request and its answer, made safe to keep: `body` is a refusal's words, or the shape of what was granted.

    `sent_otherwise` says what of the way there no URL can say.
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


def exchanges(report: Report, *, secrets: Iterable[str] = ()) -> list[Exchange]:
    """Give the exchange of every finding that was one, in the order of the findings."""
    hidden = forms_of(secrets)
    services = {entry.service.name: entry.service for entry in report.services}
    return [
        _exchange(finding, finding.outcome, services[finding.probe.request.service], hidden)
        for finding in report.findings
        if isinstance(finding.outcome, (Answered, Unanswered)) and finding.probe.procedure is None
    ]


def _exchange(finding: Finding, met: Answered | Unanswered, service: Service, hidden: tuple[str, ...]) -> Exchange:
    request = finding.probe.request
    answered = met if isinstance(met, Answered) else None
    held = finding.probe.credential.secret
    lent = (*forms_of([held]), *hidden) if held else hidden  # whether or not the caller named it
    url, otherwise = _where(request.target, service)
    return Exchange(
        id=finding.probe.id,
        method=request.method,
        url=_ours(url, lent),
        sent_otherwise=None if otherwise is None else _ours(otherwise, lent),
        request_headers=[(_ours(name, lent), _ours(value, lent)) for name, value in request.headers],
        request_body=None if request.content is None else _ours(request.content.decode("utf-8", "replace"), lent),
        status=answered.status if answered else None,
        response_headers=[(clean(name, lent), _value(name, value, lent)) for name, value in answered.headers]
        if answered
        else [],
        body=_said(finding, answered, lent) if answered else clean(finding.detail, lent),
        size=len(answered.body) if answered else 0,
        whole=bool(answered and answered.whole),
        elapsed_ms=met.elapsed_ms,
    )


def _where(target: str, service: Service) -> tuple[str, str | None]:
    """Give the URL that was connected to; a target that is no path (a whole URL, or `*`) is told beside it."""
    host = f"[{service.host}]" if ":" in service.host else service.host
    origin = f"{service.scheme}://{host}:{service.port}"
    told = [f"over the socket {service.socket}"] if service.socket else []
    if target.startswith("/"):
        return origin + target, told[0] if told else None
    return f"{origin}/", ", ".join([f"with the request target {target}", *told])


def _ours(text: str, hidden: tuple[str, ...]) -> str:
    """What we sent is bogus, and must stay to be sent again; what the operator lent is taken out."""
    for secret in hidden:
        text = text.replace(secret, HIDDEN)
    return harmless(text)


def _value(name: str, value: str, hidden: tuple[str, ...]) -> str:
    """Give what may be told of a response header; of a cookie its name and manners are evidence."""
    if name == "set-cookie":
        cookie, _, rest = value.partition("=")
        _, _, attributes = rest.partition(";")
        return clean(f"{cookie}={HIDDEN}" + (f";{attributes}" if attributes else ""), hidden)
    if name in {"location", "content-location"}:
        return clean(_QUERY.sub(_query, value[:_LONGEST]), hidden)
    if name in _SHOWN or name.startswith(_SHOWN_KIN):
        return clean(value, hidden)
    return f"<text of {len(value)}>"


def _query(found: re.Match[str]) -> str:
    before, name, value = found.groups()
    return f"{before}{name}={value if name.lower() in _LEADS or not value else HIDDEN}"


def _said(finding: Finding, answered: Answered, hidden: tuple[str, ...]) -> str:
    """A refusal speaks for itself; of what was granted, or failed, only the shape is kept: no report holds data.

    A leak may be in a refusal too (`disclosed`), and an error's text may hold a query, a path or an environment.
    """
    if not answered.body:
        return ""
    leaks = finding.verdict is Verdict.LEAK or (finding.waived is not None and finding.waived.verdict is Verdict.LEAK)
    open_words = not leaks and (answered.refused or answered.status == _THROTTLED)
    value = answered.json
    if value is not None:
        return clean(json.dumps(_masked(value, 0, words=open_words)), hidden)
    if open_words and "<" not in answered.text[:1000]:
        return clean(answered.text, hidden)
    title = None if leaks else _TITLE.search(answered.text)
    said = f", titled '{clean(title.group(1).strip(), hidden)}'" if title else ""
    kind = clean(answered.header("content-type") or "no content type", hidden)
    return f"<{len(answered.body)} bytes of {kind}{said}>"


def _masked(value: JsonValue, depth: int, *, words: bool) -> JsonValue:
    """Keep the shape; and the words where a refusal may show them, but for what is a secret by its key."""
    if isinstance(value, dict):
        return _mapping(value, depth, words=words)
    if isinstance(value, list):
        rest = [f"<{len(value) - 1} more>"] if len(value) > 1 else []
        return [*(_masked(inner, depth + 1, words=words) for inner in value[:1] if depth < _MOST), *rest]
    if value is None or words:
        return value
    if isinstance(value, bool):
        return "<true or false>"
    return f"<text of {len(value)}>" if isinstance(value, str) else "<number>"


def _mapping(value: Mapping[str, JsonValue], depth: int, *, words: bool) -> JsonValue:
    if depth >= _MOST:
        return {}
    by_data = not words and _keyed_by_data(value)
    shown: dict[str, JsonValue] = {}
    for key, inner in list(value.items())[: 1 if by_data else _MOST]:
        named = words or (not by_data and _WORD.fullmatch(key))
        own = words and not _SECRET_KEY.search(key)
        shown[key if named else f"<key of {len(key)}>"] = _masked(inner, depth + 1, words=own)
    left = len(value) - len(shown)
    return {**shown, "…": f"<{left} more>"} if left else shown


def _keyed_by_data(value: Mapping[str, JsonValue]) -> bool:
    """Say whether the keys are likely somebody's names: all they lead to are mappings of the same fields."""
    inner = [frozenset(entry) if isinstance(entry, dict) else None for entry in value.values()]
    return len(inner) > 1 and None not in inner and len(set(inner)) == 1
