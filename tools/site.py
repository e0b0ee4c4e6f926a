"""Lays out the pages of the site: those of docs/, and three of the root of the repository beside them (`make site`)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "build" / "docs"  # `docs_dir` in zensical.toml
FRONT = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")
_TO_FRONT = re.compile(rf"\]\(\.\./({'|'.join(map(re.escape, FRONT))})")


def lay_out(pages: Path) -> None:
    """Copy the pages into a new folder; their links lead to where the pages are in it."""
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(ROOT / "docs", pages, ignore=shutil.ignore_patterns("node_modules", "__pycache__", ".*"))
    for page in pages.glob("*.md"):
        page.write_text(_TO_FRONT.sub(r"](\1", page.read_text(encoding="utf-8")), encoding="utf-8")
    for name in FRONT:
        text = (ROOT / name).read_text(encoding="utf-8")
        (pages / name).write_text(text.replace("](docs/", "]("), encoding="utf-8")


if __name__ == "__main__":
    lay_out(PAGES)
