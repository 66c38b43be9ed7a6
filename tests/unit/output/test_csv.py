"""Tables for a spreadsheet, which must not work out what stands in them."""

from __future__ import annotations

import csv
import io

import pytest

from faxappeal.output.csv import as_csv


@pytest.mark.parametrize(
    ("given", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="C01"),
        pytest.param("+49 30 23125 012", "'+49 30 23125 012", id="C03"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="C04"),
        pytest.param("\t=1+1", "'\t=1+1", id="C05"),
        pytest.param("\uff1d1+1", "'\uff1d1+1", id="C08"),
        pytest.param('a"b\nc', 'a"b\nc', id="C09"),
        pytest.param("\u00a0-2+3", "'\u00a0-2+3", id="behind a space"),
        pytest.param("\x1b[2Jred\u202e", r"\u001b[2Jred\u202e", id="to a terminal"),
        pytest.param(-3, "-3", id="a number of ours"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_a_cell(given: object, cell: str) -> None:
    text = as_csv(("name",), [{"name": given}])
    assert text.startswith('"name"\r\n"') and text.endswith('"\r\n')
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["name"] == cell


def test_the_columns_are_in_the_order_that_was_asked_for() -> None:
    rows: list[dict[str, object]] = [{"b": 2, "a": 1, "c": 3}, {"a": "x", "b": None, "c": 0}]
    assert as_csv(("a", "b"), rows) == '"a","b"\r\n"1","2"\r\n"x",""\r\n'


def test_a_table_of_nothing_has_its_head() -> None:
    assert as_csv(("a", "b"), []) == '"a","b"\r\n'
