"""The line of a finding, with a caret below its character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size

from faxappeal.core.finding import Location
from faxappeal.core.text import invisible, show
from faxappeal.output.snippet import excerpt


@given(st.text(max_size=300), st.integers(0, 301), st.integers(20, 120))
def test_the_caret_is_below_its_character_and_fits(line: str, at: int, width: int) -> None:
    line = line.replace("\n", "").rstrip("\r")
    shown, caret = excerpt(line, Location(1, min(at, len(line)) + 1), width)
    assert cell_len(shown) <= width and len(caret) <= width
    assert not invisible(shown)
    before = set_cell_size(shown, len(caret) - 1)
    start = show(line[at].replace("\t", " "))[0] if at < len(line) else ""
    assert shown[len(before) :].startswith((start, "…")) or start.isspace()


def test_the_place_behind_the_last_line_has_no_excerpt() -> None:
    assert excerpt("one\n", Location(3, 1), 80) == ()


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        pytest.param("name: x", 7, "    2 | name: x", 14, id="a short line"),
        pytest.param("name: x\r", 7, "    2 | name: x", 14, id="of Windows"),
        pytest.param("name:\tx", 7, "    2 | name: x", 14, id="with a tab"),
        pytest.param("北京: x", 5, "    2 | 北京: x", 14, id="with wide letters"),
        pytest.param("a\u202eb: x", 6, "    2 | a\\u202eb: x", 18, id="with what is invisible"),
        pytest.param("x" * 50, 1, "    2 | " + "x" * 20 + "…", 8, id="cut at its end"),
        pytest.param("x" * 50 + "y", 51, "    2 | …" + "x" * 13 + "y", 22, id="cut at its start"),
        pytest.param("name", 5, "    2 | name", 12, id="at the end of the line"),
    ],
)
def test_an_excerpt(line: str, column: int, shown: str, caret: int) -> None:
    assert excerpt(f"one\n{line}\nthree", Location(2, column), 30) == (shown, " " * caret + "^")
