"""The canary's page as a browser shows it: live, without a script, by keyboard, on a phone, in the dark, on paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.report_pages import UNREADABLE
from tests.support.status_browser import NARROW, WIDE, served

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from prober.report.shape import Record

    Open = Callable[..., Page]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TOKEN = "0123456789abcdef-page"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")])
def test_what_is_open_is_seen_without_scrolling(visit: Open, url: str, size: tuple[int, int], scheme: str) -> None:
    page = visit(url, size=size, color_scheme=scheme)
    door = page.locator(".doors li.leak").first
    box = door.bounding_box()
    text = re.sub(r"\s+", " ", door.inner_text())
    assert "keys: GET /api/keys accessible without credentials (and in 1 other way)" in text
    assert "first seen with release 1.0.397 (previous: 1.0.396); for 1 h 30 min" in text
    assert box is not None
    assert box["y"] + box["height"] <= size[1]
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert page.title() == "1 open route"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(visit: Open, url: str, scheme: str) -> None:
    page = visit(url, color_scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    seen = page.evaluate(UNREADABLE)
    assert seen["poor"] == []
    assert seen["texts"] > 80


def test_the_last_ninety_days_are_drawn_to_scale_and_told(visit: Open, url: str) -> None:
    page = visit(url)
    rows = page.locator(".line svg")
    assert [row.get_attribute("aria-label") for row in rows.all()][:2] == ["not monitored: 2 gaps", "5 releases, the newest 1.0.397"]  # fmt: skip
    notes = page.locator(".line", has_text="notes")
    line, bars = notes.locator("svg").bounding_box(), [bar.bounding_box() for bar in notes.locator("rect").all()]
    assert line is not None
    places = sorted((b["x"] - line["x"]) / line["width"] for b in bars if b)
    assert places == pytest.approx([10 / 90, 60 / 90], abs=0.01)
    assert any(b and abs(b["width"] / line["width"] - 9 / 90) < 0.005 for b in bars)
    for row in rows.all():
        place, drawn = row.bounding_box(), [bar.bounding_box() for bar in row.locator("rect").all()]
        assert place is not None
        assert all(b and b["width"] >= 5 for b in drawn)  # also of what was open for minutes
        assert all(
            b and place["x"] <= b["x"] + 1 and b["x"] + b["width"] <= place["x"] + place["width"] + 1 for b in drawn
        )
    assert "leak for 9 d" in notes.inner_html()
    page.get_by_text("what was not locked, and is over (4)").click()
    assert "2026-10-23" in page.get_by_role("region", name="What was not locked, and is over").inner_text()


def test_a_door_leads_to_the_report_of_its_run(visit: Open, url: str) -> None:
    page = visit(url)
    page.locator(".doors li.leak a").click()
    page.wait_for_url("**/runs/*#f0")
    assert page.locator("#f0").is_visible()
    assert page.locator("h1").inner_text().startswith("LEAK")
    assert "curl -q" not in page.content()


def test_it_is_whole_without_scripts(visit: Open, url: str) -> None:
    page = visit(url, java_script_enabled=False)
    assert page.locator(".doors li").count() == 3
    page.check("#only-drift")
    assert [one.inner_text() for one in page.locator(".matrix .surface th b").all() if one.is_visible()] == ["me"]
    page.get_by_role("link", name="2026-11-22 10:00:00").click()
    assert page.locator("h1").inner_text().startswith("LEAK")


def test_everything_is_reached_by_keyboard(visit: Open, url: str) -> None:
    page = visit(url)
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(page.evaluate("(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent || document.activeElement.id).trim()"))  # fmt: skip
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", reached
    assert reached[0] == "skip to what is open"
    assert "keys: GET /api/keys" in reached
    assert "what was not locked, and is over (4)" in reached
    assert "matrix of routes and credentials" in reached
    assert "2026-11-22 10:00:00" in reached
    page.evaluate("document.querySelector('.skip').focus()")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "open"


def test_on_paper_it_is_white_and_whole(visit: Open, url: str) -> None:
    page = visit(url, size=(718, 1000), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") == 718
    assert page.locator(".line svg").first.is_visible()
    assert not page.locator("#surface").is_visible()


def test_a_browser_signs_in_with_the_token_as_its_password(browser: Browser, found: Record, tmp_path: Path) -> None:
    with served(found, tmp_path, token=TOKEN) as url:
        for password, status in ((TOKEN, 200), ("bogus", 401)):
            context = browser.new_context(http_credentials={"username": "me", "password": password})
            answer = context.new_page().goto(url)
            assert answer is not None
            assert answer.status == status
            context.close()
