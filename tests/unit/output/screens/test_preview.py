"""Letters as text, and the facts of their pages."""

from __future__ import annotations

from typing import Any

import pytest

from faxappeal.commands.preview import PreviewItem, PreviewResult
from faxappeal.output.screens import preview
from tests.support.shown import Lines


def sheet(**values: Any) -> PreviewItem:
    usual: dict[str, Any] = {
        "recipient": "one",
        "channel": "fax",
        "text": "Dear Sir,\nplease answer.",
        "pages": 1,
        "bytes": 12345,
        "content_sha256": "",
        "pdf_sha256": "",
    }
    return PreviewItem(**(usual | values))


TEXT = ["Dear Sir,", "please answer.", "-" * 72]


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        pytest.param(sheet(), ["one fax: 1 page, 12,345 bytes"], id="a page"),
        pytest.param(
            sheet(used=0.5), ["one fax: 1 page (50% full), 12,345 bytes"], id="half a page"
        ),
        pytest.param(
            sheet(pages=2, used=0.25),
            ["one fax: 2 pages (25% of the last), 12,345 bytes"],
            id="two pages",
        ),
        pytest.param(
            sheet(seconds=42.4, slow_seconds=60.6),
            [
                "one fax: 1 page, 12,345 bytes",
                "    about 42 s on the line at 14,400 bit/s, 61 s at 9,600",
            ],
            id="its time on the line",
        ),
    ],
)
def test_a_page_with_its_facts(lines_of: Lines, item: PreviewItem, lines: list[str]) -> None:
    hint = "To see the pages: faxappeal preview --out FOLDER"
    assert lines_of(preview.draw, PreviewResult((item,))) == [*TEXT, *lines, hint]


def test_files_that_were_written_are_named(lines_of: Lines) -> None:
    item = sheet(files=("out/one.pdf", "out/one.tiff"))
    lines = lines_of(preview.draw, PreviewResult((item,)))
    assert lines[-2:] == ["    out/one.pdf", "    out/one.tiff"]


def test_the_same_text_is_shown_once_and_another_one_below(lines_of: Lines) -> None:
    items = (sheet(), sheet(recipient="two"), sheet(recipient="three", text="Dear Ma\x1bdam"))
    lines = lines_of(preview.draw, PreviewResult(items))
    assert lines.count("Dear Sir,") == 1
    assert lines[lines.index("Dear Ma\\u001bdam") - 1] == ""


def test_a_preview_of_nothing_is_empty(lines_of: Lines) -> None:
    assert lines_of(preview.draw, PreviewResult(())) == []
