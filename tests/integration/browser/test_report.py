"""The report in a browser: whether people can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.test_report import pdf_text, sent  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


import base64
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from tests.support import servers
from tests.support.campaigns import run
from tests.support.servers.chromium import Chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with servers.needed("Chromium"), Chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, sent: Path) -> Iterator[Page]:
    """The report in a browser; it fails the test that asks for anything, or complains."""
    run("report", "--html", "a.html", folder=sent)
    context = browser.new_context()
    opened = context.new_page()
    heard: list[str] = []
    opened.on("request", lambda request: heard.append(request.url))
    opened.on("console", lambda message: heard.append(message.text))
    opened.on("dialog", lambda dialog: heard.append(dialog.message))
    opened.goto((sent / "a.html").as_uri())
    yield opened
    context.close()
    assert heard == [(sent / "a.html").as_uri()], "no script ran, and nothing was loaded"


def test_it_is_read_by_its_headings_and_tables(page: Page) -> None:
    heads = page.get_by_role("heading").all_inner_texts()
    assert heads[:3] == ["Proof of sending", "Letters", "council, by fax: delivered"]
    row = page.get_by_role("row", name=re.compile("^ministry fax"))
    assert row.get_by_role("cell").all_inner_texts()[:3] == ["fax", "+12025550102", "held"]
    page.get_by_role("link", name="embassy").click()
    assert page.url.endswith(f"#{page.locator('section').nth(2).get_attribute('id')}")
    assert page.get_by_text('<script>alert(1)</script> " onload=x').count() == 1  # W01, W02


def test_the_first_page_is_shown_dot_for_dot(page: Page, nobody: Path) -> None:
    shown = page.get_by_role("img").first
    assert "first page" in (shown.get_attribute("alt") or "")
    source = (shown.get_attribute("src") or "").removeprefix("data:image/png;base64,")
    picture = Image.open(BytesIO(base64.b64decode(source)))
    kept = [
        Image.open(path).convert("1").tobytes()
        for path in (nobody / "data" / "faxappeal" / "documents").iterdir()
        if path.read_bytes()[:2] == b"II"
    ]
    assert picture.convert("1").tobytes() in kept


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1100])
def test_axe_finds_nothing(browser: Browser, sent: Path, scheme: str, width: int) -> None:
    """In either colour, on a telephone and on a screen. Axe is a script, which the page's own rules
    would stop."""
    run("report", "--html", "a.html", folder=sent)
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True  # type: ignore[arg-type]
    )  # fmt: skip
    opened = context.new_page()
    opened.goto((sent / "a.html").as_uri())
    found = Axe().run(opened)
    assert found.violations_count == 0, found.generate_report()
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_it_prints(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "printed.pdf"
    page.pdf(path=path, format="A4")
    text = pdf_text(path)
    assert "council, by fax: delivered" in text and "What the words mean" in text
