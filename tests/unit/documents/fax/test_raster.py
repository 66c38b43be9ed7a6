"""The page on the grid of a fax, and its header line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents import page
from faxappeal.documents.fax import raster
from tests.support.appeal import (
    HEADER,
    content_for,
    ink,
    rich,
    rich_again,
)
from tests.support.clock import MORNING


@pytest.mark.parametrize(
    ("paper", "resolution", "rows"),
    [("a4", "fine", 2292), ("a4", "standard", 1146), ("letter", "fine", 2156), ("letter", "standard", 1078)],
)  # fmt: skip
def test_the_grid_of_the_far_end(
    appeal: LoadedCampaign, paper: Any, resolution: Any, rows: int
) -> None:
    pdf = page.pdf(content_for(appeal, "state-council"), paper)
    sheet = raster.stamp(raster.render(pdf, paper, resolution), MORNING, HEADER)
    for image in sheet.pages:
        assert (image.mode, image.size) == ("1", (1728, rows))
        assert ink(image.crop((0, 0, 1728, 30 * rows // 2292))) == 0, "the top 4 mm are white"
        assert ink(image.crop((0, rows - 8, 1728, rows))) == 0, "the last rows are white"
        assert 0.01 < ink(image) / (1728 * rows) < 0.15


def test_the_header_line_names_time_sender_number_and_page(sheet: raster.Fax) -> None:
    seen = HEADER.translate(dict.fromkeys(map(ord, "\u2066\u2068\u2069")))
    assert seen == "2026-11-24 09:00 +0100   Example Human Rights Group   +49 30 23125 012"
    assert ink(sheet.pages[0].crop((0, 30, 1728, 80))) > 500


def test_a_header_line_that_is_too_long_is_cut_and_not_printed_over_the_page_number(
    sheet: raster.Fax,
) -> None:
    blank = raster.Fax((Image.new("1", (1728, 2292), 255),), "fine")
    [long] = raster.stamp(blank, MORNING, "x" * 500).pages
    [short] = raster.stamp(blank, MORNING, "").pages
    right = (1500, 0, 1728, 90)
    assert ink(short.crop(right)) <= ink(long.crop(right)) < ink(short.crop(right)) + 2000
    assert ink(long) > ink(short)


def test_a_photograph_is_dots_and_a_signature_is_not(tmp_path: Path) -> None:
    sheet = raster.render(page.pdf(rich(tmp_path), "a4"), "a4", "fine")
    [image] = sheet.pages
    share = ink(image) / (1728 * 2292)
    assert 0.02 < share < 0.2
    standard = raster.render(page.pdf(rich_again(tmp_path), "a4"), "a4", "standard")
    assert abs(ink(standard.pages[0]) / (1728 * 1146) - share) < 0.03
    assert len(sheet.tiff()) < 40_000, "scattered dots would take three times as much"
