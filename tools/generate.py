"""Writes what is generated: `make generate`. Whatever is derived from a table in the code has an entry in GENERATED."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from prober.cli.audit import AUDITS
from prober.cli.fleet import FLEET_COMMANDS
from prober.cli.main import COMMANDS
from prober.definitions.json_schema import json_schema
from prober.definitions.keys import DOCUMENTS
from prober.definitions.reference import reference
from prober.fleet.report_keys import REPORT as FLEET_REPORT
from tools.body_key_table import body_key_table
from tools.pack_pages import pack_sections
from tools.reason_tables import glossary_table, on_call_table, verdict_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.definitions.keys.table import Table

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A generated file; or, with `part`, what is between the markers of that name in a page that people write.

    The markers are `<!-- generated: PART -->` and `<!-- /generated -->`, each on a line of its own.
    """

    path: str
    text: Callable[[], str]
    part: str | None = None

    def present(self) -> str:
        """The whole file as it is."""
        return (ROOT / self.path).read_text(encoding="utf-8")

    def expected(self) -> str:
        """The whole file as it should be."""
        if self.part is None:
            return self.text()
        page = self.present()
        start, end = f"<!-- generated: {self.part} -->\n", "<!-- /generated -->\n"
        before, opening, rest = page.partition(start)
        _, closing, after = rest.partition(end)
        if not opening or not closing:
            message = f"{self.path} has no '{start.strip()}' with a '{end.strip()}' after it"
            raise ValueError(message)
        return f"{before}{start}{self.text()}\n{end}{after}"


def _schema(document: Table) -> str:
    return json.dumps(json_schema(document), indent=2, ensure_ascii=False) + "\n"


def _first_paragraphs() -> str:
    modules = (*COMMANDS.values(), *AUDITS.values(), *FLEET_COMMANDS.values())
    helps = {module: inspect.cleandoc(importlib.import_module(module).command.help) for module in modules}
    return json.dumps({module: text.partition("\n\n")[0] for module, text in helps.items()}, indent=2) + "\n"


GENERATED = (
    Generated(path="prober/cli/first_paragraphs.json", text=_first_paragraphs),
    *(Generated(path=f"prober/schemas/{kind}.json", text=partial(_schema, table)) for kind, table in DOCUMENTS.items()),
    Generated(path="prober/schemas/fleet-report.json", text=partial(_schema, FLEET_REPORT)),
    Generated(path="docs/fleet/report.md", part="keys", text=partial(reference, [FLEET_REPORT])),
    Generated(path="docs/reference.md", part="keys", text=partial(reference, DOCUMENTS.values())),
    Generated(path="docs/glossary.md", part="reasons", text=glossary_table),
    Generated(path="docs/effects.md", part="body-keys", text=body_key_table),
    Generated(path="docs/packs.md", part="packs", text=pack_sections),
    Generated(path="docs/on-call.md", part="reasons", text=on_call_table),
    Generated(path="README.md", part="verdicts", text=verdict_table),
)


def main() -> None:
    """Write each file that is stale, and name it."""
    for generated in GENERATED:
        expected = generated.expected()
        if not (ROOT / generated.path).is_file() or generated.present() != expected:
            (ROOT / generated.path).write_text(expected, encoding="utf-8")
            sys.stdout.write(f"{generated.path}\n")


if __name__ == "__main__":
    main()
