"""The formats of a report, one entry each: a function from the record, and the exchanges if needed, to text.

A format's module is imported when it is rendered: a run needs one or two of them, and all cost 35 ms.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from prober.report.exchange import Exchange
    from prober.report.shape import Record

    Exchanges = Callable[[], Iterable[Exchange]]  # made on demand: most formats do not need them
    Render = Callable[[Record, Exchanges], str]


def _of_record(module: str) -> Render:
    """Give the format that this module of the report renders from the record alone."""

    def render(record: Record, _: Exchanges) -> str:
        function: Callable[[Record], str] = getattr(_imported(module), _name_in(module))
        return function(record)

    return render


def _of_exchanges(module: str) -> Render:
    """Give the format that shows requests and responses too."""

    def render(record: Record, exchanges: Exchanges) -> str:
        function: Callable[[Record, Iterable[Exchange]], str] = getattr(_imported(module), _name_in(module))
        return function(record, exchanges())

    return render


def _imported(module: str) -> ModuleType:
    return importlib.import_module(f"prober.report.{module}")


def _name_in(module: str) -> str:
    return f"render_{module.partition('.')[0].removesuffix('_format')}"


FORMATS: dict[str, Render] = {
    "table": _of_record("table"),
    "json": _of_record("json_format"),
    "ndjson": _of_record("ndjson"),
    "junit": _of_record("junit"),
    "sarif": _of_record("sarif"),
    "markdown": _of_record("markdown"),
    "github": _of_record("github"),
    "prometheus": _of_record("prometheus"),
    "html": _of_exchanges("html.page"),
    "har": _of_exchanges("har"),
}
