"""Which pels are black: what is in doubt, and what is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faxappeal.documents.fax.threshold import binarize

WIDTH, THRESHOLD, DOUBT = 16, 150, 70
WHITE, BLACK, DARK, LIGHT = 255, 0, 100, 200
LEVELS = {" ": WHITE, "#": BLACK, "d": DARK, "l": LIGHT}


def printed_drawing(*rows: str) -> tuple[str, ...]:
    """A drawing of black, white, dark and light pels as it is printed."""
    levels = bytes(LEVELS[mark] for row in rows for mark in row.ljust(WIDTH))
    printed = printed_pels(levels)
    return tuple(
        "".join(" " if pel else "#" for pel in printed[at : at + WIDTH]).rstrip()
        for at in range(0, len(printed), WIDTH)
    )


def printed_pels(levels: bytes, doubt: int = DOUBT) -> bytes:
    """What is printed, a byte a pel."""
    printed = binarize(levels, WIDTH, THRESHOLD, doubt)
    size = (WIDTH, len(levels) // WIDTH)
    return Image.frombytes("1", size, printed).convert("L").tobytes()


def test_an_edge_becomes_smooth() -> None:
    assert printed_drawing(
        "  ###  ",
        "  ###d ",
        "  ###  ",
        "  ##l  ",
        "  ###  ",
    ) == ("  ###", "  ###", "  ###", "  ###", "  ###")


def test_the_top_of_a_round_letter_is_as_wide_as_what_is_below() -> None:
    assert printed_drawing("  l###l  ", "  #####  ", "  #####  ")[0] == "  #####"


def test_the_dot_of_an_i_stays_apart_from_its_stem() -> None:
    assert printed_drawing("  ##  ", "  ll  ", "  ##  ", "  ##  ")[1] == ""


def test_the_edge_of_the_page_is_no_edge_of_the_white() -> None:
    top = printed_drawing("  #d## ", "  #### ", "  #### ")
    assert top == printed_drawing("       ", "  #d## ", "  #### ", "  #### ")[1:]


def test_hairlines_stay_whole() -> None:
    level = printed_drawing("       ", " ddddd ", "       ")
    steep = printed_drawing("  d  ", "  d  ", "   d ", "   d ", "    d", "    d")
    slanted = printed_drawing(" d   ", "  d  ", "   d ", "    d")
    assert level[1] == " #####"
    assert steep == ("  #", "  #", "   #", "   #", "    #", "    #")
    assert slanted == (" #", "  #", "   #", "    #")


def test_a_speck_on_an_edge_goes() -> None:
    assert printed_drawing("   d   ", " ##### ", " ##### ")[0] == ""


@given(st.binary(min_size=16 * 12, max_size=16 * 12))
def test_what_is_black_or_white_beyond_doubt_stays_so(levels: bytes) -> None:
    for level, pel in zip(levels, printed_pels(levels), strict=True):
        if level < THRESHOLD - DOUBT:
            assert pel == BLACK
        if level >= THRESHOLD + DOUBT:
            assert pel == WHITE


@given(st.binary(min_size=16 * 12, max_size=16 * 12))
def test_without_doubt_the_threshold_decides(levels: bytes) -> None:
    assert printed_pels(levels, 0) == bytes(
        WHITE if level >= THRESHOLD else BLACK for level in levels
    )


@given(st.binary(min_size=16 * 3, max_size=16 * 3), st.integers(1, 9))
def test_a_line_is_inked_alike_wherever_it_stands(line: bytes, blank: int) -> None:
    paper = bytes([WHITE] * WIDTH * blank)
    assert printed_pels(line + paper + line + paper) == (printed_pels(line) + paper) * 2
