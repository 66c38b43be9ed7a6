"""The page on the grid of a fax, and its header line."""

from __future__ import annotations

import random
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


# -- what the line and the paper allow -------------------------------------------------------------


def blank(pages: int = 1, resolution: Any = "fine") -> raster.Fax:
    return raster.Fax((Image.new("1", (1728, 2292), 255),) * pages, resolution)


def noise(seed: int) -> raster.Fax:
    dots = random.Random(seed).randbytes(216 * 2292)
    return raster.Fax((Image.frombytes("1", (1728, 2292), dots),), "fine")


def set_at(x: str, pages: int = 1) -> bytes:
    """Pages with a word each, the last one's so far from the left edge of the paper."""
    import typst

    places = ["100mm"] * (pages - 1) + [x]
    words = [f"#place(top + left, dx: {place}, dy: 100mm)[word]\n" for place in places]
    source = "#set page(margin: 0pt)\n" + "#pagebreak()\n".join(words)
    return bytes(typst.compile(source.encode(), format="pdf"))


@pytest.mark.parametrize(
    ("place", "pages", "number"),
    [("0mm", 1, 1), ("203mm", 1, 1), ("0mm", 3, 3)],
    ids=["left", "right", "on the third page"],
)
def test_what_runs_off_the_paper_is_refused_by_its_page(
    place: str, pages: int, number: int
) -> None:
    with pytest.raises(page.PageError) as refused:
        raster.render(set_at(place, pages), "a4", "fine")
    assert str(refused.value) == f"on page {number} something is wider than the paper"


def test_what_stays_inside_the_margins_is_not_refused() -> None:
    assert len(raster.render(set_at("100mm", 2), "a4", "fine").pages) == 2


@pytest.mark.parametrize(("resolution", "dpi"), [("fine", (204, 196)), ("standard", (204, 98))])
def test_a_fax_knows_how_its_pels_lie(resolution: Any, dpi: tuple[int, int]) -> None:
    assert blank(resolution=resolution).dpi == dpi


def test_a_call_takes_longer_for_more_ink_more_pages_and_a_slower_line() -> None:
    empty, full = blank().seconds(), noise(1).seconds()
    assert 16 < empty < 17 and full > 100
    assert blank(2).seconds() == pytest.approx(empty + 3.2, abs=0.2)
    assert noise(1).seconds(9_600) > 1.4 * full
    fastest = 10**9  # each further block of 64 kB costs its time there, too
    assert noise(1).seconds(fastest) - blank().seconds(fastest) > 10


def test_a_fax_is_known_by_its_pels_alone() -> None:
    assert blank().sha256 == blank(resolution="standard").sha256, "whatever file they are in"
    marked = blank().pages[0].copy()
    marked.putpixel((800, 1000), 0)
    others = [raster.Fax((marked,), "fine"), blank(2), noise(1), noise(2)]
    assert len({each.sha256 for each in (blank(), *others)}) == 5
    wide, high = (Image.new("1", size, 255) for size in ((16, 8), (8, 16)))
    assert raster.Fax((wide,), "fine").sha256 != raster.Fax((high,), "fine").sha256


def test_the_letters_own_pages_do_not_change_by_the_header_line() -> None:
    fax = blank(2)
    before = fax.sha256
    stamped = raster.stamp(fax, MORNING, HEADER)
    assert fax.sha256 == before != stamped.sha256
    for old, new in zip(fax.pages, stamped.pages, strict=True):
        below = (0, 90, 1728, 2292)
        assert old.crop(below).tobytes() == new.crop(below).tobytes()


def test_each_page_has_its_own_number() -> None:
    first, second = raster.stamp(blank(2), MORNING, HEADER).pages
    assert first.tobytes() != second.tobytes()


@pytest.mark.parametrize(
    ("name", "number"), [("Example Group", "+49 30 23125 012"), ("مجموعة", "+12025550101")]
)
def test_a_name_of_any_direction_leaves_the_number_as_it_is(name: str, number: str) -> None:
    line = raster.header(MORNING, name, number)
    assert f"\u2068{name}\u2069" in line and line.endswith(f"\u2066{number}\u2069")
