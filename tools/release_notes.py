"""`python -m tools.release_notes FILE`: the changelog's section of this version, for the page of its release."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from prober import __version__

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"


def notes_of(version: str, changelog: str) -> str:
    """Give the section's text without its heading; `Unreleased` where the version has none yet."""
    sections = dict(
        re.findall(r"^## \[?([\w.]+)\]?[^\n]*\n(.*?)(?=^## |\Z)", changelog, flags=re.MULTILINE | re.DOTALL)
    )
    return str(sections.get(version) or sections["Unreleased"]).strip() + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(notes_of(__version__, CHANGELOG.read_text(encoding="utf-8")), encoding="utf-8")
