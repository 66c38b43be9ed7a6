"""The line of a file that a finding is about, with a caret: on a terminal alone, never in a log."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from ..core.finding import Location
from ..core.text import show

_MORE = "…"


def excerpt(text: str, place: Location, width: int) -> tuple[str, ...]:
    """The line of `text` at `place` and a caret below its column, in `width` cells; or nothing
    where the place is behind the last line."""
    lines = text.split("\n")
    if place.line > len(lines):
        return ()
    line = lines[place.line - 1].rstrip("\r").replace("\t", " ")
    before, after = show(line[: place.column - 1]), show(line[place.column - 1 :])
    gutter = f"{place.line:>5} | "
    room = width - len(gutter) - 1
    before = _end_of(before, room * 2 // 3)
    caret = " " * (len(gutter) + cell_len(before)) + "^"
    return gutter + _start_of(before + after, room), caret


def _start_of(text: str, cells: int) -> str:
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 1)).rstrip() + _MORE


def _end_of(text: str, cells: int) -> str:
    if cell_len(text) <= cells:
        return text
    while text and cell_len(text) >= cells:
        text = text[1:]
    return _MORE + text
