"""The HTML report as a browser shows it: the open door at one glance, filters without a script, nothing that acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import Answered, Reason, Service, ServiceReport, Unsent, Verdict
from prober.report.exchange import exchanges
from prober.report.html.page import render_html
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from prober.model import Finding, Outcome, Plan, Report, Request

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Open = Callable[..., Page]
    Judged = Callable[[Plan, Callable[[Request], Outcome]], tuple[tuple[Finding, ...], object]]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE, NARROW = (1280, 800), (360, 740)
HOSTILE = (
    "</style></script></td></table></details><script>alert(1)</script><img src=https://evil.test/x onerror=alert(2)>"
    '" autofocus onfocus="alert(3)" x="\' onmouseover=\'alert(4) javascript:alert(5) <svg/onload=alert(6)>'
    "<iframe src=https://evil.test></iframe><meta http-equiv=refresh content=0;url=https://evil.test>"
)


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a page from its file, and hold it to saying, asking and loading nothing until the test is over."""
    contexts, heard = [], []

    def open_(page: str, *, size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        path = tmp_path / "report.html"
        path.write_text(page, encoding="utf-8")
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        shown = context.new_page()
        shown.on("console", lambda message: heard.append(f"console: {message.text}"))
        shown.on("pageerror", lambda error: heard.append(f"error: {error}"))
        shown.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        shown.on("dialog", lambda dialog: dialog.dismiss())
        shown.on("request", lambda asked: heard.append(f"request: {asked.url}"))
        shown.goto(path.as_uri())
        heard.remove(f"request: {path.as_uri()}")
        return shown

    yield open_
    for context in contexts:
        context.close()
    assert heard == []


def answered(status: int, body: str = "{}") -> Answered:
    headers = (("content-type", "application/json"), ("www-authenticate", "Bearer"))
    return Answered.of(status=status, headers=headers, body=body.encode(), elapsed_ms=3)


def page_of(report: Report) -> str:
    return render_html(record(report), exchanges(report))


@pytest.fixture(scope="module")
def leaking(plan_of: Callable[..., Plan], judged_of: Judged, report_of: MakeReport) -> str:
    """The shipped plan against a deployment that refuses all but a bearer at the MCP server's door."""

    def reply(request: Request) -> Answered:
        bearer = any(name == "Authorization" and value.startswith("Bearer ") for name, value in request.headers)
        if request.service == "mcp" and bearer and request.method == "POST":
            return answered(200, '{"result": {"tools": []}}')
        return answered(401)

    findings, _ = judged_of(plan_of(), reply)
    return page_of(report_of(*findings))


@pytest.fixture(scope="module")
def mixed(finding_of: Make, report_of: MakeReport) -> str:
    """A small page that has a route of each verdict, and many that are locked."""
    unsent = Unsent(reason=Reason.EFFECT, detail="an open door would act")
    locked = [
        finding_of(Verdict.LOCKED, path=f"/api/notes/{n}", surface="notes", outcome=answered(401)) for n in range(8)
    ]
    return page_of(
        report_of(
            finding_of(path="/api/keys", surface="keys", outcome=answered(200)),
            finding_of(Verdict.LOCKED, path="/api/keys/1", surface="keys", outcome=answered(401)),
            finding_of(Verdict.DRIFT, path="/api/me", surface="me", outcome=answered(500)),
            finding_of(Verdict.SKIPPED, path="/api/mail", surface="mail", outcome=unsent),
            *locked,
        )
    )


def seen(page: Page, selector: str) -> list[str]:
    """The texts of what one would see, scrolled to or not."""
    return [one.inner_text().strip() for one in page.locator(selector).all() if one.is_visible()]


ROUTES, SURFACES = ".matrix tr:not(.surface) th[scope=row]", ".matrix .surface th b"

# --- at one glance ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")])
def test_an_open_door_is_seen_without_scrolling(show: Open, leaking: str, size: tuple[int, int], scheme: str) -> None:
    page = show(leaking, size=size, scheme=scheme)
    door = page.locator(".matrix tr.leak:not(.surface)").first
    cell = door.locator("td a.leak").first
    box = cell.bounding_box()
    assert "POST /mcp tools-call" in door.locator("th").inner_text()
    assert box is not None
    assert box["x"] + box["width"] <= size[0]
    assert box["y"] + box["height"] <= size[1]
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_head_of_the_matrix_stays_while_it_is_scrolled(show: Open, leaking: str) -> None:
    page = show(leaking, size=NARROW)
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
    show: Open, finding_of: Make, report_of: MakeReport, scheme: str, unreadable: str
) -> None:
    """WCAG AA: 4.5 to 1, for small text."""
    findings = [finding_of(verdict, path=f"/{verdict}", surface=verdict, outcome=answered(401)) for verdict in Verdict]
    page = show(page_of(report_of(*findings, notes=("a note",))), scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.check("#unfold")
    found = page.evaluate(unreadable)
    assert found["poor"] == []
    assert found["texts"] > 100
    assert (
        page.evaluate("getComputedStyle(document.body).backgroundColor")
        == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}[scheme]
    )


def test_print_holds_the_whole_matrix_on_white_paper(show: Open, leaking: str) -> None:
    page = show(leaking, size=(718, 1000), scheme="dark")  # A4 less its margins, in CSS pixels
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") == 718
    assert page.locator(".matrix").evaluate(
        "box => [box.scrollHeight - box.clientHeight, box.scrollWidth - box.clientWidth]"
    ) == [0, 0]
    assert not page.locator("#surface").is_visible()
    assert page.locator(".filters .mark.leak").is_visible()  # the signs are explained on paper too


# --- filters ----------------------------------------------------------------------------------------------------------


def test_page_begins_with_every_surface_and_each_bad_route(show: Open, mixed: str) -> None:
    page = show(mixed)
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
    show: Open, mixed: str, kind: str, surfaces: list[str], routes: list[str], headings: list[str]
) -> None:
    page = show(mixed)
    page.check(f"#only-{kind}")
    assert seen(page, SURFACES) == surfaces
    assert [text[2:] for text in seen(page, ROUTES)] == routes
    assert seen(page, "h3") == headings


def test_a_surface_can_be_looked_at_alone(show: Open, mixed: str) -> None:
    page = show(mixed)
    page.select_option("#surface", label="me")
    assert seen(page, SURFACES) == ["me"]
    assert len(seen(page, "article")) == 1
    assert not page.locator(".nothing").is_visible()
    page.check("#only-leak")
    assert seen(page, SURFACES) == []
    assert page.locator(".nothing").is_visible()


def test_every_route_unfolds_alone_or_all_at_once(show: Open, mixed: str) -> None:
    page = show(mixed)
    page.get_by_label("show every route of keys").check()
    assert len(seen(page, ROUTES)) == 3
    page.check("#unfold")
    assert len(seen(page, ROUTES)) == 12


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


def test_an_open_door_leads_to_its_evidence(show: Open, mixed: str) -> None:
    said = lead(show(mixed), ".matrix tr:not(.surface) a.mark.leak")
    assert "curl -qgsSi" in said
    assert "GET http://127.0.0.1:3000/api/keys" in said
    assert "200" in said


def test_one_exchange_of_each_open_door_stands_open(show: Open, mixed: str) -> None:
    page = show(mixed)
    assert [text.split("/")[-1] for text in seen(page, ".curl")] == ["keys", "me"]
    assert len(seen(page, "pre")) == 4


def test_what_is_folded_opens_when_it_is_led_to(show: Open, mixed: str) -> None:
    page = show(mixed)
    assert not page.get_by_text("/api/notes/7'").is_visible()
    page.check("#unfold")
    assert "/api/notes/7" in lead(page, ".matrix tr:last-child a.mark.locked >> nth=-1")


def test_the_first_line_leads_to_the_evidence(show: Open, mixed: str) -> None:
    assert "curl -qgsSi" in lead(show(mixed), "header a")


# --- by keyboard ------------------------------------------------------------------------------------------------------

FOCUS = "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"


def test_filters_and_evidence_are_reached_by_keyboard(show: Open, mixed: str) -> None:
    page = show(mixed)
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


def test_where_the_keyboard_is_can_be_seen(show: Open, mixed: str) -> None:
    page = show(mixed)
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


def test_markup_that_came_in_even_so_would_be_forbidden(browser: Browser, tmp_path: Path, mixed: str) -> None:
    """The policy is the second wall: were there a hole in the first one, nothing would run or load."""
    path = tmp_path / "report.html"
    hole = "<script>document.title = 'ran'</script><img src='https://evil.test/x'><p style='display:none'>x</p>"
    path.write_text(mixed.replace("<main>", f"<main>{hole}"), encoding="utf-8")
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
