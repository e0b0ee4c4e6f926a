"""The live status page in a browser."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.canary import PROBER, deployed, environment, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.support.canary import Deployment

    Open = Callable[..., Page]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@contextmanager
def watched(folder: Path) -> Iterator[tuple[Deployment, str]]:
    """Run the demo and a watch of it, and give where its page is."""
    port = free_port()
    with deployed() as (here, words):
        command = [PROBER, "watch", "--every", "1s", "--listen", f"127.0.0.1:{port}", "--release", "1.0.397", *words]
        with subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr is not None
                assert any("the page is at" in line for line in process.stderr)
                yield here, f"http://127.0.0.1:{port}/"
            finally:
                process.kill()


def test_a_door_that_opens_is_seen_at_once_and_the_reader_is_not_disturbed(visit: Open, tmp_path: Path) -> None:
    with watched(tmp_path) as (here, url):
        page = visit(url)
        expect(page.locator("h1")).to_contain_text("LOCKED: ", timeout=20_000)
        assert "Nothing is open." in page.inner_text("#open")
        page.check("#unfold")
        page.select_option("#surface", label="members")
        page.locator("#surface").focus()
        here.app = here.opened
        page.wait_for_selector(".doors li.leak", timeout=20_000)
        assert "members: GET /api/org/members" in page.inner_text(".doors")
        assert page.title() == "1 open route"
        assert page.inner_text("#live").startswith("LEAK: ")
        assert page.is_checked("#unfold")
        assert page.evaluate("[document.activeElement.id, document.activeElement.value]") == ["surface", "members"]
        here.app = here.locked
        page.wait_for_selector(".doors", state="detached", timeout=20_000)
        expect(page.locator("#live")).to_contain_text("LOCKED: ", timeout=20_000)
        assert "members" in page.inner_html(".lines")


def test_a_canary_that_has_gone_is_told_of(browser: Browser, tmp_path: Path) -> None:
    with watched(tmp_path) as (_, url):
        page = browser.new_context().new_page()
        page.goto(url)
        expect(page.locator("h1")).to_contain_text("LOCKED: ", timeout=20_000)
    expect(page.locator("#live")).to_contain_text("The canary does not answer", timeout=20_000)
    page.context.close()
