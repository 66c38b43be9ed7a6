"""Which pels of a page are black: those that surely are, and of the doubtful ones those that make a
letter no worse and the call shorter.

Type drawn in grey has edges of one doubtful pel or two, neither black nor white. A threshold alone
leaves them ragged: single pels that stick out, rows of three pels on top of a round letter. T.6
codes each row by how it differs from the row above, so that every such pel costs bits, and the far
end's printer makes it a speck. Here a doubtful pel follows its neighbours.
"""

from __future__ import annotations

from functools import lru_cache

_ROUNDS = 2  # then hardly a pel changes any more
_BAND = 96  # rows inked at once
_BESIDE = 2 * _ROUNDS  # rows above and below on which a pel's fate can hang


def blackened(levels: bytes, width: int, threshold: int, doubt: int) -> bytes:
    """Black and white, eight pels a byte and white is 1, of the grey levels of a page.

    `width` must be a multiple of 8. Levels within `doubt` of the threshold are in doubt; with 70 a
    page of 10 pt type on the fine grid loses 5 % of its bits and no stroke. A doubtful pel between
    three black ones is black; one that sticks out of an edge of three is white. A pel in a corner
    is black on top of a row and white below one, so that a letter keeps its height. Everywhere
    else, in hairlines and between the dot of an i and its stem, the threshold decides.
    """
    height = len(levels) // width
    bands = []
    for top in range(0, height, _BAND):
        first, last = max(0, top - _BESIDE), min(height, top + _BAND + _BESIDE)
        band = _band(levels[first * width : last * width], width, threshold, doubt)
        start = (top - first) * width // 8
        bands.append(band[start : start + min(_BAND, height - top) * width // 8])
    return b"".join(bands)


@lru_cache(64)  # the lines that the letters of a campaign have in common are inked once
def _band(levels: bytes, width: int, threshold: int, doubt: int) -> bytes:
    """Some rows of a page: one large whole number, a bit a pel, black is 1. A shift by the width
    brings each pel's neighbour above or below to its place."""
    page = _between(levels, width, 0, threshold)
    doubtful = _between(levels, width, threshold - doubt, threshold + doubt)
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
    paper = ~page & (1 << len(levels)) - 1
    return paper.to_bytes(len(levels) // 8, "big")


def _between(levels: bytes, width: int, low: int, high: int) -> int:
    """The pels whose grey is from `low` to less than `high`, as bits."""
    from PIL import Image

    grey = Image.frombuffer("L", (width, len(levels) // width), levels, "raw", "L", 0, 1)
    bits = grey.point([255 if low <= level < high else 0 for level in range(256)], "1")
    return int.from_bytes(bits.tobytes(), "big")
