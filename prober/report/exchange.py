"""What was sent and what came back, for the formats that show evidence: its shape, and never the data behind a door."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypedDict

from prober.model import Answered, Unanswered
from prober.report.clean import HIDDEN, clean, forms_of, harmless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Finding, Report, Service
    from prober.model.definition import JsonValue

_SHOWN = 500  # letters of a refusal's body
_MOST = 20  # entries of a list or a mapping, and levels of both
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
_KEPT_WITH_A_NAME = frozenset({"set-cookie", "cookie"})  # of these the name is evidence, and the value is somebody's


class Exchange(TypedDict):
    """One request and its answer, made safe to keep: `body` is a refusal's words, or the shape of what was granted."""

    id: str
    method: str
    url: str
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
    origin = f"{service.scheme}://{service.host}:{service.port}"
    target = request.target if request.target.startswith("/") else f"/ {request.target}"
    return Exchange(
        id=finding.probe.id,
        method=request.method,
        url=_ours(origin + target, hidden),
        request_headers=[(_ours(name, hidden), _ours(value, hidden)) for name, value in request.headers],
        request_body=None if request.content is None else _ours(request.content.decode("utf-8", "replace"), hidden),
        status=answered.status if answered else None,
        response_headers=[(clean(name, hidden), _value(name, value, hidden)) for name, value in answered.headers]
        if answered
        else [],
        body=_shape(answered, hidden) if answered else clean(finding.detail, hidden),
        size=len(answered.body) if answered else 0,
        whole=bool(answered and answered.whole),
        elapsed_ms=met.elapsed_ms,
    )


def _ours(text: str, hidden: tuple[str, ...]) -> str:
    """What we sent is bogus, and must stay to be sent again; what the operator lent is taken out."""
    for secret in hidden:
        text = text.replace(secret, HIDDEN)
    return harmless(text)


def _value(name: str, value: str, hidden: tuple[str, ...]) -> str:
    if name in _KEPT_WITH_A_NAME:
        cookie, _, rest = value.partition("=")
        _, _, attributes = rest.partition(";")
        return clean(f"{cookie}={HIDDEN}" + (f";{attributes}" if attributes else ""), hidden)
    return clean(value, hidden)


def _shape(answered: Answered, hidden: tuple[str, ...]) -> str:
    """A refusal speaks for itself; of what was granted only the shape is kept: no report holds anybody's data."""
    if not answered.succeeded:
        return clean(answered.text[:_SHOWN], hidden)
    value = answered.json
    if value is not None:
        return clean(json.dumps(_masked(value, 0)), hidden)
    title = _TITLE.search(answered.text)
    kind = clean(answered.header("content-type") or "no content type", hidden)
    said = f", titled '{clean(title.group(1).strip(), hidden)}'" if title else ""
    return f"<{len(answered.body)} bytes of {kind}{said}>"


def _masked(value: JsonValue, depth: int) -> JsonValue:
    if isinstance(value, dict):
        if depth >= _MOST:
            return {}
        return {key: _masked(inner, depth + 1) for key, inner in list(value.items())[:_MOST]}
    if isinstance(value, list):
        return [_masked(inner, depth + 1) for inner in value[:1] if depth < _MOST]
    if isinstance(value, str):
        return f"<text of {len(value)}>"
    return value if value is None or isinstance(value, bool) else "<number>"
