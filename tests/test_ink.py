"""Which pels are black: what is in doubt, and what is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faxappeal.documents.ink import blackened

THRESHOLD, DOUBT = 150, 70
WHITE, BLACK, DARK, LIGHT = 255, 0, 100, 200
LEVELS = {" ": WHITE, "#": BLACK, "d": DARK, "l": LIGHT}


def inked(*rows: str) -> tuple[str, ...]:
    """A drawing of black, white, dark and light pels as it is printed."""
    width = 16
    grey = Image.new("L", (width, len(rows)), WHITE)
    for y, row in enumerate(rows):
        for x, mark in enumerate(row):
            grey.putpixel((x, y), LEVELS[mark])
    printed = blackened(grey, THRESHOLD, DOUBT)
    return tuple(
        "".join(" " if printed.getpixel((x, y)) else "#" for x in range(width)).rstrip()
        for y in range(len(rows))
    )


def test_an_edge_becomes_smooth() -> None:
    assert inked(
        "  ###  ",
        "  ###d ",
        "  ###  ",
        "  ##l  ",
        "  ###  ",
    ) == ("  ###", "  ###", "  ###", "  ###", "  ###")


def test_the_top_of_a_round_letter_is_as_wide_as_what_is_below() -> None:
    assert inked("  l###l  ", "  #####  ", "  #####  ")[0] == "  #####"


def test_the_dot_of_an_i_stays_apart_from_its_stem() -> None:
    assert inked("  ##  ", "  ll  ", "  ##  ", "  ##  ")[1] == ""


def test_hairlines_stay_whole() -> None:
    level = inked("       ", " ddddd ", "       ")
    steep = inked("  d  ", "  d  ", "   d ", "   d ", "    d", "    d")
    slanted = inked(" d   ", "  d  ", "   d ", "    d")
    assert level[1] == " #####"
    assert steep == ("  #", "  #", "   #", "   #", "    #", "    #")
    assert slanted == (" #", "  #", "   #", "    #")


def test_a_speck_on_an_edge_goes() -> None:
    assert inked("   d   ", " ##### ", " ##### ")[0] == ""


@given(st.binary(min_size=16 * 12, max_size=16 * 12))
def test_what_is_black_or_white_beyond_doubt_stays_so(levels: bytes) -> None:
    grey = Image.frombytes("L", (16, 12), levels)
    printed = blackened(grey, THRESHOLD, DOUBT).convert("L").tobytes()
    for level, pel in zip(levels, printed, strict=True):
        if level < THRESHOLD - DOUBT:
            assert pel == BLACK
        if level >= THRESHOLD + DOUBT:
            assert pel == WHITE


@given(st.binary(min_size=16 * 12, max_size=16 * 12))
def test_without_doubt_the_threshold_decides(levels: bytes) -> None:
    grey = Image.frombytes("L", (16, 12), levels)
    plain = grey.point([255 if level >= THRESHOLD else 0 for level in range(256)], "1")
    assert blackened(grey, THRESHOLD, 0).tobytes() == plain.tobytes()
