"""The wrong definitions of tests/data/bad: one YAML of cases for each kind, each with the exact message about it.

`<keys of a route>` in a fix stands for the keys of that table, so that a new key changes no case.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from prober.definitions.keys import DOCUMENTS, tables_of

BAD = Path(__file__).parents[1] / "data" / "bad"
KINDS = ("surface", "profile", "deployment", "waivers", "fleet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A wrong definition. Its name begins with its kind, and is the name of its file without `.yaml`."""

    case: str
    text: str
    line: int
    what: str
    fix: str

    @property
    def kind(self) -> str:
        return self.case.partition("-")[0]

    @property
    def message(self) -> str:
        return f"{self.case}.yaml:{self.line}: {self.what}\n  fix: {self.fix}"


KEYS = {
    f"<keys of {table.of}>": ", ".join(table.names)
    for document in DOCUMENTS.values()
    for table in tables_of(document)
    if table.name != "skip"  # it is called an answer too
}


def _with_keys(fix: str) -> str:
    for placeholder, keys in KEYS.items():
        fix = fix.replace(placeholder, keys)
    return fix


def _cases(kind: str) -> list[Mistake]:
    loaded = yaml.safe_load((BAD / f"{kind}.yaml").read_text(encoding="utf-8"))
    return [Mistake(**{**case, "fix": _with_keys(case["fix"])}) for case in loaded]


ALL = {kind: _cases(kind) for kind in KINDS}
MISTAKES = {mistake.case: mistake for cases in ALL.values() for mistake in cases}
