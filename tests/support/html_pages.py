"""Reports as HTML pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Answered
from prober.report.exchange import exchanges
from prober.report.html.page import render_html
from prober.report.record import record

if TYPE_CHECKING:
    from prober.model import Report


def page_of(report: Report, *, secrets: tuple[str, ...] = ()) -> str:
    return render_html(record(report, secrets=secrets), exchanges(report, secrets=secrets))


def answered(status: int, body: str = "", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=body.encode("utf-8", "replace"), elapsed_ms=3)
