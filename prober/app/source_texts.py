"""Reads the source of an application in a folder, to a bound: what only names are looked for in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prober.bounded_read import read_bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

# By one of these a folder is an application's, and not, say, somebody's home.
_MANIFESTS = (
    "package.json", "pyproject.toml", "requirements.txt", "manage.py", "Gemfile", "composer.json", "go.mod",
)  # fmt: skip
_SUFFIXES = frozenset({".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".py", ".rb", ".php", ".go"})
_SKIPPED = frozenset({
    "node_modules", ".next", ".git", "dist", "build", ".venv", "venv", "__pycache__", "test", "tests", "__tests__",
    "spec", "vendor",
})  # fmt: skip
_MOST_FILES, _MOST_BYTES = 2000, 256 * 1024


def source_texts(home: Path) -> Iterator[str]:
    """Give the text of each source file of the application in this folder; none where nothing says that it is one."""
    if not any((home / name).is_file() for name in _MANIFESTS):
        return
    for path in _files(home):
        try:
            text = read_bounded(path, _MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        yield text


def _files(home: Path) -> Iterator[Path]:
    number = 0
    for folder, folders, names in os.walk(home):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in sorted(names):
            if Path(name).suffix in _SUFFIXES:
                number += 1
                if number > _MOST_FILES:
                    return
                yield Path(folder) / name
