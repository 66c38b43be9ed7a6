"""Which pels of a page are black: those that surely are, and of the doubtful ones those that make a
letter no worse and the call shorter.

Type drawn in grey has edges of one doubtful pel or two, neither black nor white. A threshold alone
leaves them ragged: specks that stick out, rows of three pels on top of a round letter, edges that
step aside and back. T.6 codes each row by how it differs from the row above, so that all of this
costs bits, and the far end prints it. Here doubtful pels, and only those, are turned over so that
the rows of a stroke differ less:

* straight: an edge that steps aside for a few rows and comes back goes straight on;
* dropped: a first or last row that is all in doubt goes, if the row next to it reaches further;
* squared: any other first or last row becomes as long as the row next to it.

What holds for black strokes on white holds for the white inside letters, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

_PALE = 230  # a grey level paler than this is paper, whatever the threshold
_EDGE = 2  # pels from what is surely black in which an edge may be in doubt
_ASIDE = 5  # rows for which an edge may step aside
_NEAR = 3  # pels to either side in which a stroke would have to go on, else it ends


def binarize(levels: bytes, width: int, threshold: int, doubt: int) -> bytes:
    """Black and white, eight pels a byte and white is 1, of the grey levels of a page.

    `width` must be a multiple of 8. Levels within `doubt` of the threshold are in doubt; with 80 a
    page of 10 pt type on the fine grid loses 15 % of its bits, and no stroke or dot.
    """
    paper = b"\xff" * width
    rows = (levels[at : at + width] for at in range(0, len(levels), width))
    done = []
    for blank, group in groupby(rows, paper.__eq__):
        if blank:
            done += [paper[: width // 8] for _ in group]
        else:
            done.append(_line(b"".join(group), width, threshold, doubt))
    return b"".join(done)


@lru_cache(256)  # a line that the letters of a campaign have in common is inked once
def _line(levels: bytes, width: int, threshold: int, doubt: int) -> bytes:
    """Rows that blank rows part from the others: a line of text, mostly."""
    levels = b"".join((b"\xff" * width, levels, b"\xff" * width))  # the white goes on
    everything = (1 << len(levels)) - 1
    black = _darker(levels, width, threshold)
    pale = max(threshold, min(threshold + doubt, _PALE))
    surely = _darker(levels, width, threshold - doubt)
    doubtful = surely ^ _darker(levels, width, pale)
    # a hairline that is nowhere surely black must not be taken for the edge of a stroke
    edges = surely
    for _ in range(_EDGE):
        edges |= edges << 1 | edges >> 1 | edges << width | edges >> width
    doubtful &= edges
    rows = _Rows(width, doubtful, everything ^ doubtful)
    white = everything ^ black
    for colour in (0, everything):  # black on white, then white on black
        turned = rows.straight(black ^ colour, white ^ colour)
        black, white = black ^ turned, white ^ turned
    for step in (rows.dropped, rows.squared):
        for colour in (0, everything):
            for down in (width, -width):
                turned = step(black ^ colour, white ^ colour, down)
                black, white = black ^ turned, white ^ turned
    row = width // 8
    return white.to_bytes(len(levels) // 8, "big")[row:-row]


def _darker(levels: bytes, width: int, level: int) -> int:
    """The pels that are darker than a grey level, as bits."""
    from PIL import Image

    grey = Image.frombuffer("L", (width, len(levels) // width), levels, "raw", "L", 0, 1)
    bits = grey.point([255 if each < level else 0 for each in range(256)], "1")
    return int.from_bytes(bits.tobytes(), "big")


@dataclass(frozen=True)
class _Rows:
    """Some rows of a page as large whole numbers, a bit a pel: a shift by one brings each pel's
    neighbour in its row to its place, a shift by the width the one above or below.

    Each step gives the pels to turn over, where `ink` is one colour and `paper` the other. `down`
    is the width for the first rows of strokes, and its negative for their last ones. There is no
    `~` in it: Python is slow with large negative numbers.
    """

    width: int
    doubtful: int
    sure: int

    def straight(self, ink: int, paper: int) -> int:
        """Paper where an edge of ink steps aside for a few rows, and notches of one pel."""
        left, right = ink >> 1, ink << 1
        above, below = ink >> self.width, ink << self.width
        side = left ^ right
        room, firm = self.doubtful & paper, ink & self.sure
        # beside ink that is in doubt, too, it may be the gap between an i and its dot
        edge = room & side & (firm >> 1 | firm << 1)
        goes_on = ink & side
        # the edge has to go on at one end at least, or else dots would grow
        aside = self._between(edge, goes_on, ink) | self._between(edge, ink, goes_on)
        return aside | room & left & right & (above | below)

    def _between(self, edge: int, first: int, last: int) -> int:
        """Runs of `edge` down a column, below a pel of `first` and above one of `last`."""
        width = self.width
        aside = edge & first >> width
        for _ in range(_ASIDE - 1):
            aside |= edge & aside >> width
        aside &= last << width
        for _ in range(_ASIDE - 1):
            aside |= edge & aside << width
        return aside

    def dropped(self, ink: int, paper: int, down: int) -> int:
        """First rows of strokes that are all in doubt, over a row that reaches further."""
        first = _starts(ink, down)
        weak = first ^ _near(first & self.sure, first)
        wider = _moved(ink, -down) & paper
        return _near(weak & (wider << 1 | wider >> 1), weak)

    def squared(self, ink: int, paper: int, down: int) -> int:
        """Paper beside first rows, up to two pels on each side, that makes them as long as the
        next."""
        first = _starts(ink, down)
        room = self.doubtful & paper & _moved(ink, -down)
        room ^= room & _starts(paper, -down)  # that is the tip of another stroke
        more = (first << 1 | first >> 1) & room
        return more | (more << 1 | more >> 1) & room


def _starts(ink: int, down: int) -> int:
    """Ink with none above it or near there; none below it, where `down` is negative."""
    return ink ^ _near(ink & _moved(ink, down), ink)


def _near(pels: int, room: int) -> int:
    """The pels, and those that are near them along their row within the room."""
    for _ in range(_NEAR):
        pels |= (pels << 1 | pels >> 1) & room
    return pels


def _moved(pels: int, by: int) -> int:
    return pels >> by if by > 0 else pels << -by
