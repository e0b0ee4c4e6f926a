"""A file is written whole or not at all, for its owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from prober.app.whole_file import write_whole

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("content", ["open: /admin to é\n", b"\x1f\x8bpacked"])
def test_text_and_bytes_replace_what_was_there_and_are_for_the_owner_alone(
    content: str | bytes, tmp_path: Path
) -> None:
    (tmp_path / "r").write_text("an earlier run's, which was longer than this one")
    before = os.umask(0)
    try:
        write_whole(tmp_path / "r", content)
    finally:
        os.umask(before)
    assert (tmp_path / "r").read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert (tmp_path / "r").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_take_its_place_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "r", "text")
    assert [entry.name for entry in tmp_path.iterdir()] == ["r"]
