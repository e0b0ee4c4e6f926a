"""Reports of hostile texts in every format."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.model import Answered, Cause, Reason, Unanswered, Unsent, Verdict
from prober.report.exchange import exchanges
from prober.report.formats import FORMATS
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report

    Say = Callable[[str], Report]


@pytest.fixture(scope="module")
def said(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> Say:
    """Make the report of a deployment that says one thing wherever it can."""

    def make(text: str) -> Report:
        raw = text.encode("utf-8", "replace")
        headers = (
            ("location", f"/{text}"),
            ("set-cookie", f"a={text}; Path=/{text}"),
            ("server", text),
            ("x-own", text),
        )

        def answered(status: int, body: bytes, kind: str = "text/plain") -> Answered:
            return Answered.of(status=status, headers=(("content-type", kind), *headers), body=body, elapsed_ms=3)

        silence = Unanswered(cause=Cause.PROTOCOL, detail=f"x{text}", arrived=True, attempts=3, elapsed_ms=9)
        unsent = Unsent(reason=Reason.EFFECT, detail=f"x{text}")
        told = [
            finding_of(
                detail=f"x{text}", outcome=answered(200, json.dumps({f"k{text}": text}).encode(), "application/json")
            ),
            finding_of(detail=f"x{text}", path="/html", outcome=answered(200, b"<title>" + raw, "text/html")),
            finding_of(Verdict.DRIFT, Reason.BROKEN, f"x{text}", path="/drift", outcome=answered(500, raw)),
            finding_of(Verdict.UNPROVEN, Reason.GATEWAY, f"x{text}", path="/wall", outcome=answered(403, raw)),
            finding_of(Verdict.UNREACHABLE, Reason.PROTOCOL, f"x{text}", path="/none", outcome=silence),
            finding_of(Verdict.SKIPPED, Reason.EFFECT, f"x{text}", path="/skipped", outcome=unsent),
            finding_of(Verdict.LOCKED, Reason.AS_PROMISED, f"x{text}", path="/locked", outcome=answered(401, raw)),
            *(
                finding_of(Verdict.DRIFT, Reason.MISSING, f"x{text}", path=f"/many/{n}", outcome=answered(404, raw))
                for n in range(8)
            ),
        ]
        told[0] = replace(told[0], confirmed=silence)
        gone = finding_of(
            Verdict.UNPROVEN, Reason.GATEWAY, f"x{text}", service="mcp", surface="mcp", outcome=answered(503, raw)
        )
        whole = report_of(*told, gone, notes=(f"x{text}",))
        web, mcp = (replace(entry, service=replace(entry.service, url=f"http://h/{text}")) for entry in whole.services)
        down = replace(mcp, said=f"x{text}", intermediary="a wall")
        return replace(whole, services=(web, down), release=f"x{text}")

    return make


def written(name: str, report: Report, secrets: tuple[str, ...] = ()) -> str:
    return FORMATS[name](record(report, secrets=secrets), lambda: exchanges(report, secrets=secrets))


def told(text: str) -> str:
    """All that can be read of a report, also by who undoes what its format does to a text."""
    unwritten = text.encode().decode("unicode_escape", "replace") if text.isascii() else text
    return "\n".join([text, unwritten, html.unescape(text), re.sub(r"\\(?=\W)", "", text), text.replace("%25", "%")])
