"""The HTML report of findings made for a test, and what of a page can be seen and read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Answered
from prober.report.exchange import exchanges
from prober.report.html.page import render_html
from prober.report.record import record

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from prober.model import Report


WIDE, NARROW = (1280, 800), (360, 740)
ROUTES, SURFACES = ".matrix tr:not(.surface) th[scope=row]", ".matrix .surface th b"


def answered(status: int, body: str = "{}") -> Answered:
    headers = (("content-type", "application/json"), ("www-authenticate", "Bearer"))
    return Answered.of(status=status, headers=headers, body=body.encode(), elapsed_ms=3)


def page_of(report: Report) -> str:
    return render_html(record(report), exchanges(report))


def seen(page: Page, selector: str) -> list[str]:
    """The texts of what one would see, scrolled to or not."""
    return [one.inner_text().strip() for one in page.locator(selector).all() if one.is_visible()]


# What stands behind a text is the nearest background that is not see-through; all of ours are opaque.
UNREADABLE = """() => {
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const behind = node => { for (; node; node = node.parentElement) {
    const colour = parts(getComputedStyle(node).backgroundColor); if (colour.length < 4 || colour[3] > 0) return colour; }
    return [255, 255, 255]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), poor = new Set(); let texts = 0;
  for (let text; text = walker.nextNode();) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility()) continue;
    texts++;
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.add(node.outerHTML.slice(0, 120) + ' ' + ((a + .05) / (b + .05)).toFixed(2));
  }
  return {texts, poor: [...poor]};
}"""
