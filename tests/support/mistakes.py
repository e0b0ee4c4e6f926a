"""The wrong definitions of tests/data/bad: one YAML of cases for each kind, each with the exact message about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

BAD = Path(__file__).parents[1] / "data" / "bad"
KINDS = ("surface", "profile", "deployment", "waivers")


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


def _cases(kind: str) -> list[Mistake]:
    loaded = yaml.safe_load((BAD / f"{kind}.yaml").read_text(encoding="utf-8"))
    return [Mistake(**case) for case in loaded]


ALL = {kind: _cases(kind) for kind in KINDS}
MISTAKES = {mistake.case: mistake for cases in ALL.values() for mistake in cases}
