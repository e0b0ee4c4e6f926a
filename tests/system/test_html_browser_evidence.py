"""The HTML report in a browser: the way to the evidence, by keyboard too, and nothing in it that acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Service, ServiceReport, Verdict
from tests.support.report_pages import SURFACES, answered, page_of, seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from prober.model import Finding, Outcome, Plan, Report, Request

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Open = Callable[..., Page]
    Judged = Callable[[Plan, Callable[[Request], Outcome]], tuple[tuple[Finding, ...], object]]
HOSTILE = (
    "</style></script></td></table></details><script>alert(1)</script><img src=https://evil.test/x onerror=alert(2)>"
    '" autofocus onfocus="alert(3)" x="\' onmouseover=\'alert(4) javascript:alert(5) <svg/onload=alert(6)>'
    "<iframe src=https://evil.test></iframe><meta http-equiv=refresh content=0;url=https://evil.test>"
)


# --- evidence ---------------------------------------------------------------------------------------------------------


def lead(page: Page, selector: str) -> str:
    """Follow a link of the matrix; give the evidence that one then sees."""
    page.locator(selector).first.click()
    page.wait_for_function("document.querySelector(':target')?.checkVisibility()")
    target = page.locator(":target")
    box = target.bounding_box()
    assert box is not None
    assert -1 <= box["y"] < page.evaluate("innerHeight")
    return target.inner_text()


def test_an_open_door_leads_to_its_evidence(show: Open, mixed_page: str) -> None:
    said = lead(show(mixed_page), ".matrix tr:not(.surface) a.mark.leak")
    assert "curl -qgsSi" in said
    assert "GET http://127.0.0.1:3000/api/keys" in said
    assert "200" in said


def test_one_exchange_of_each_open_door_stands_open(show: Open, mixed_page: str) -> None:
    page = show(mixed_page)
    assert [text.split("/")[-1] for text in seen(page, ".curl")] == ["keys", "me"]
    assert len(seen(page, "pre")) == 4


def test_what_is_folded_opens_when_it_is_led_to(show: Open, mixed_page: str) -> None:
    page = show(mixed_page)
    assert not page.get_by_text("/api/notes/7'").is_visible()
    page.check("#unfold")
    assert "/api/notes/7" in lead(page, ".matrix tr:last-child a.mark.locked >> nth=-1")


def test_the_first_line_leads_to_the_evidence(show: Open, mixed_page: str) -> None:
    assert "curl -qgsSi" in lead(show(mixed_page), "header a")


# --- by keyboard ------------------------------------------------------------------------------------------------------

FOCUS = "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"


def test_filters_and_evidence_are_reached_by_keyboard(show: Open, mixed_page: str) -> None:
    page = show(mixed_page)
    stops = []
    for _ in range(8):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUS))
    assert stops == ["skip", "A", "only-all", "surface", "unfold", "matrix", "fold", "A"]
    page.focus("#only-all")
    page.keyboard.press("ArrowDown")
    assert seen(page, SURFACES) == ["keys"]
    page.focus(".skip")
    assert page.locator(".skip").is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


def test_where_the_keyboard_is_can_be_seen(show: Open, mixed_page: str) -> None:
    page = show(mixed_page)
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


# --- whatever a deployment said ---------------------------------------------------------------------------------------


def test_a_hostile_deployment_does_nothing(show: Open, finding_of: Make, report_of: MakeReport) -> None:
    findings = [
        finding_of(verdict, detail=HOSTILE, path=f"/{verdict}", surface=verdict, outcome=answered(401, HOSTILE), why=HOSTILE, fix=HOSTILE)
        for verdict in Verdict
    ]  # fmt: skip
    service = Service(name="web", url=HOSTILE, scheme="http", host="h", port=1, base_path="")
    web = ServiceReport(service=service, alive=True, blanket=False, intermediary=None, said=HOSTILE)
    page = show(page_of(report_of(*findings, services=[web], notes=(HOSTILE,))))
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.check("#unfold")
    for one in page.locator(".lead dd, .facts dd, .curl, pre").all():
        one.hover()
    assert page.get_by_text("alert(1)").first.is_visible()
    assert page.locator("script, img, svg, iframe, [onload], [onfocus], [onmouseover]").count() == 0
    assert page.locator("body > :not(a, header, main)").count() == 0


def test_markup_that_came_in_even_so_would_be_forbidden(browser: Browser, tmp_path: Path, mixed_page: str) -> None:
    """The policy is the second wall: were there a hole in the first one, nothing would run or load."""
    path = tmp_path / "report.html"
    hole = "<script>document.title = 'ran'</script><img src='https://evil.test/x'><p style='display:none'>x</p>"
    path.write_text(mixed_page.replace("<main>", f"<main>{hole}"), encoding="utf-8")
    page = browser.new_page()
    heard: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.title().startswith("LEAK")
    assert page.locator("main > p").first.is_visible()
    assert asked == [path.as_uri()]
    assert len([text for text in heard if "Content Security Policy" in text]) == 3
    page.close()
