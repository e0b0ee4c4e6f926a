"""The site of docs/: each page is in its navigation, and each link leads somewhere once the pages are laid out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tools.site import FRONT, lay_out

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "docs"
    lay_out(folder)
    return folder


def test_each_page_is_in_the_navigation_once(pages: Path) -> None:
    sections = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    listed = [page for section in sections for entries in section.values() for page in entries]
    assert sorted(listed) == sorted(path.relative_to(pages).as_posix() for path in pages.rglob("*.md"))
    assert set(FRONT) < set(listed)


def test_each_link_leads_to_a_file_of_the_site(pages: Path) -> None:
    links = [
        (page.parent / target).resolve()
        for page in pages.rglob("*.md")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 100
    assert [link for link in links if not link.exists() or not link.is_relative_to(pages.resolve())] == []


def test_laying_out_again_leaves_nothing_of_the_last_time(pages: Path) -> None:
    (pages / "gone.md").write_text("# Gone\n", encoding="utf-8")
    lay_out(pages)
    assert not (pages / "gone.md").exists()
