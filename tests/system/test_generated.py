"""What is generated is up to date: `make generate` would change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools import generate
from tools.generate import GENERATED, Generated

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("generated", [pytest.param(one, id=f"{one.path}-{one.part or 'whole'}") for one in GENERATED])
def test_generated_text_is_not_stale(generated: Generated) -> None:
    assert generated.present() == generated.expected(), "run 'make generate'"


def test_only_what_is_between_the_markers_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    page = (
        "before\n<!-- generated: x -->\n{}<!-- /generated -->\nafter\n<!-- generated: y -->\n1\n<!-- /generated -->\n"
    )
    (tmp_path / "page.md").write_text(page.format("old\n"), encoding="utf-8")
    assert Generated(path="page.md", part="x", text=lambda: "new").expected() == page.format("new\n")


def test_a_page_without_the_markers_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    (tmp_path / "page.md").write_text("<!-- generated: x -->\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no '<!-- generated: x -->' with a '<!-- /generated -->' after it"):
        Generated(path="page.md", part="x", text=str).expected()


def test_make_generate_writes_what_is_stale_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "GENERATED", [Generated(path="a.txt", text=lambda: "new\n")])
    generate.main()
    generate.main()
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new\n"
    assert capsys.readouterr().out == "a.txt\n"
