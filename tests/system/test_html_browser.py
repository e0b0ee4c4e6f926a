"""The HTML report as a browser shows it: the open door at one glance, filters without a script, nothing that acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import Verdict
from tests.support.report_pages import NARROW, ROUTES, SURFACES, UNREADABLE, WIDE, answered, page_of, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from prober.model import Finding, Outcome, Plan, Report, Request

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Open = Callable[..., Page]
    Judged = Callable[[Plan, Callable[[Request], Outcome]], tuple[tuple[Finding, ...], object]]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


# --- at one glance ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")])
def test_an_open_door_is_seen_without_scrolling(
    show: Open, leaking_page: str, size: tuple[int, int], scheme: str
) -> None:
    page = show(leaking_page, size=size, scheme=scheme)
    door = page.locator(".matrix tr.leak:not(.surface)").first
    cell = door.locator("td a.leak").first
    box = cell.bounding_box()
    assert "POST /mcp tools-call" in door.locator("th").inner_text()
    assert box is not None
    assert box["x"] + box["width"] <= size[0]
    assert box["y"] + box["height"] <= size[1]
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_head_of_the_matrix_stays_while_it_is_scrolled(show: Open, leaking_page: str) -> None:
    page = show(leaking_page, size=NARROW)
    page.check("#unfold")
    box = page.locator(".matrix").bounding_box()
    page.locator(".matrix").evaluate("box => box.scrollTo(200, 900)")
    corner = page.locator(".matrix .corner").bounding_box()
    column = page.locator(".matrix thead th").nth(20).bounding_box()
    assert page.locator(".matrix").evaluate("box => [box.scrollLeft, box.scrollTop]") == [200, 900]
    assert box is not None
    assert corner is not None
    assert column is not None
    assert abs(column["y"] - box["y"]) <= 1
    assert abs(corner["x"] - box["x"]) <= 1
    assert abs(corner["y"] - box["y"]) <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(
    show: Open, finding_of: Make, report_of: MakeReport, scheme: str
) -> None:
    """WCAG AA: 4.5 to 1, for small text."""
    findings = [finding_of(verdict, path=f"/{verdict}", surface=verdict, outcome=answered(401)) for verdict in Verdict]
    page = show(page_of(report_of(*findings, notes=("a note",))), scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.check("#unfold")
    found = page.evaluate(UNREADABLE)
    assert found["poor"] == []
    assert found["texts"] > 100
    assert (
        page.evaluate("getComputedStyle(document.body).backgroundColor")
        == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}[scheme]
    )


def test_print_holds_the_whole_matrix_on_white_paper(show: Open, leaking_page: str) -> None:
    page = show(leaking_page, size=(718, 1000), scheme="dark")  # A4 less its margins, in CSS pixels
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") == 718
    assert page.locator(".matrix").evaluate(
        "box => [box.scrollHeight - box.clientHeight, box.scrollWidth - box.clientWidth]"
    ) == [0, 0]
    assert not page.locator("#surface").is_visible()
    assert page.locator(".filters .mark.leak").is_visible()  # the signs are explained on paper too


# --- filters ----------------------------------------------------------------------------------------------------------


def test_page_begins_with_every_surface_and_each_bad_route(show: Open, mixed_page: str) -> None:
    page = show(mixed_page)
    assert seen(page, SURFACES) == ["keys", "me", "mail", "notes"]
    assert seen(page, ROUTES) == ["L GET /api/keys", "D GET /api/me"]


@pytest.mark.parametrize(
    ("kind", "surfaces", "routes", "headings"),
    [
        pytest.param("leak", ["keys"], ["GET /api/keys"], ["L leak keys: GET /api/keys"], id="leak"),
        pytest.param("drift", ["me"], ["GET /api/me"], ["D drift me: GET /api/me"], id="drift"),
        pytest.param("skipped", ["mail"], ["GET /api/mail"], [], id="skipped"),
        pytest.param("locked", ["keys", "notes"], ["GET /api/keys/1", *(f"GET /api/notes/{n}" for n in range(8))], ["keys", "notes"], id="locked"),
    ],
)  # fmt: skip
def test_a_verdict_can_be_looked_at_alone(
    show: Open, mixed_page: str, kind: str, surfaces: list[str], routes: list[str], headings: list[str]
) -> None:
    page = show(mixed_page)
    page.check(f"#only-{kind}")
    assert seen(page, SURFACES) == surfaces
    assert [text[2:] for text in seen(page, ROUTES)] == routes
    assert seen(page, "h3") == headings


def test_a_surface_can_be_looked_at_alone(show: Open, mixed_page: str) -> None:
    page = show(mixed_page)
    page.select_option("#surface", label="me")
    assert seen(page, SURFACES) == ["me"]
    assert len(seen(page, "article")) == 1
    assert not page.locator(".nothing").is_visible()
    page.check("#only-leak")
    assert seen(page, SURFACES) == []
    assert page.locator(".nothing").is_visible()


def test_every_route_unfolds_alone_or_all_at_once(show: Open, mixed_page: str) -> None:
    page = show(mixed_page)
    page.get_by_label("show every route of keys").check()
    assert len(seen(page, ROUTES)) == 3
    page.check("#unfold")
    assert len(seen(page, ROUTES)) == 12
