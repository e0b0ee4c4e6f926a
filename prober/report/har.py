"""The exchanges as HTTP Archive 1.2, for the network tab of a browser; the exchanges are already redacted."""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.report.exchange import Exchange
    from prober.report.shape import FindingRecord, Record

HTTP = "HTTP/1.1"


def render_har(record: Record, exchanges: Iterable[Exchange]) -> str:
    """Write an entry for each exchange, with its verdict as the comment; only their text is held, never all at once."""
    findings = {finding["id"]: finding for finding in record["findings"]}
    entries = ",".join(
        "\n" + indent(json.dumps(_entry(exchange, findings[exchange["id"]], record["started_at"]), indent=1), "   ")
        for exchange in exchanges
    )
    log = {
        "version": "1.2",
        "creator": record["tool"],
        "pages": [],
        "entries": [],
        "comment": f"run {record['run']}: {record['verdict']}; of granted bodies only the structure is shown",
    }
    before, empty, after = json.dumps({"log": log}, indent=1).partition('"entries": []')
    listed = f'"entries": [{entries}\n  ]' if entries else empty
    return f"{before}{listed}{after}\n"


def _entry(exchange: Exchange, finding: FindingRecord, started_at: str) -> dict[str, object]:
    since = f" since {finding['since']}" if finding["since"] else ""
    return {
        "startedDateTime": started_at,  # of the run: the time of each request is not recorded
        "time": exchange["elapsed_ms"],
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": exchange["elapsed_ms"], "receive": 0},
        "comment": f"{exchange['id']}: {finding['verdict']}{since}: {finding['reason']}: {finding['detail']}",
    }


def _request(exchange: Exchange) -> dict[str, object]:
    body = exchange["request_body"]
    headers = exchange["request_headers"]
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    request: dict[str, object] = {
        "method": exchange["method"],
        "url": exchange["url"],
        "httpVersion": HTTP,
        "cookies": [],  # they are in the headers, as sent
        "headers": _pairs(headers),
        "queryString": _pairs(parse_qsl(urlsplit(exchange["url"]).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": 0 if body is None else len(body.encode()),
    }
    if body is not None:
        request["postData"] = {"mimeType": kind, "params": [], "text": body}
    if exchange["sent_otherwise"]:
        request["comment"] = exchange["sent_otherwise"]
    return request


def _response(exchange: Exchange) -> dict[str, object]:
    headers = exchange["response_headers"]
    answered = exchange["status"] is not None
    named = dict(reversed(headers))
    response: dict[str, object] = {
        "status": exchange["status"] or 0,
        "statusText": "",
        "httpVersion": HTTP if answered else "",
        "cookies": [],
        "headers": _pairs(headers),
        "content": {
            "size": exchange["size"],
            "mimeType": named.get("content-type", ""),
            "text": exchange["body"] if answered else "",
            **({} if exchange["whole"] or not answered else {"comment": "only its beginning was read"}),
        },
        "redirectURL": named.get("location", ""),
        "headersSize": -1,
        "bodySize": exchange["size"] if answered else -1,
    }
    if not answered:
        response["_error"] = exchange["body"]
    return response


def _pairs(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
