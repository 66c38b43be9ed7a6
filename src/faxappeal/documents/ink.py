"""Which pels of a page are black: those that surely are, and of the doubtful ones those that make a
letter no worse and the call shorter.

Type drawn in grey has edges of one doubtful pel or two, neither black nor white. A threshold alone
leaves them ragged: single pels that stick out, rows of three pels on top of a round letter. T.6
codes each row by how it differs from the row above, so that every such pel costs bits, and the far
end's printer makes it a speck. Here a doubtful pel follows its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_ROUNDS = 2  # then hardly a pel changes any more


def blackened(grey: Image, threshold: int, doubt: int) -> Image:
    """A page in grey (mode `L`, its width a multiple of 8) as black and white (mode `1`).

    Levels within `doubt` of the threshold are in doubt; with 70 a page of 10 pt type on the fine
    grid loses 5 % of its bits and no stroke. A doubtful pel between three black ones is black; one
    that sticks out of an edge of three is white. A pel in a corner is black on top of a row and
    white below one, so that a letter keeps its height. Everywhere else, in hairlines and between
    the dot of an i and its stem, the threshold decides.

    The page is one large whole number here, a bit a pel, black is 1: a shift by the page's width
    brings each pel's neighbour above or below to its place.
    """
    from PIL import Image as Images

    width = grey.width
    page = _between(grey, 0, threshold)
    doubtful = _between(grey, threshold - doubt, threshold + doubt)
    black = page & ~doubtful
    for _ in range(_ROUNDS):
        above, below, left, right = page >> width, page << width, page >> 1, page << 1
        column, row = above & below, left & right
        upright, level = above | below, left | right
        most = column & level | row & upright
        corner = (above ^ below) & (left ^ right)
        edge_below = below & below >> 1 & below << 1 & ~(above | level)
        edge_above = above & above >> 1 & above << 1 & ~(below | level)
        edge_left = left & left >> width & left << width & ~(right | upright)
        edge_right = right & right >> width & right << width & ~(left | upright)
        sharp = edge_below | edge_above | edge_left | edge_right
        white = corner & above | sharp
        page = black | doubtful & (most | corner & below | page & ~white)
    paper = ~page & (1 << width * grey.height) - 1
    return Images.frombytes("1", grey.size, paper.to_bytes(width * grey.height // 8, "big"))


def _between(grey: Image, low: int, high: int) -> int:
    """The pels whose grey is from `low` to less than `high`, as bits."""
    bits = grey.point([255 if low <= level < high else 0 for level in range(256)], "1")
    return int.from_bytes(bits.tobytes(), "big")
