"""Places that a new campaign leaves to be filled in."""

from __future__ import annotations

import pytest

from faxappeal.checks import placeholders
from faxappeal.core.finding import Finding, Location


@pytest.mark.parametrize(
    ("path", "line", "column", "wanted"),
    [
        pytest.param(
            "recipients.yaml", 'name: "FILL IN: their name."', 8, "their name", id="value"
        ),
        pytest.param("recipients.yaml", "name: FILL IN", 7, "", id="no words"),
        pytest.param("faxappeal.toml", 'name = "FILL IN: you"  # you', 9, "you", id="settings"),
        pytest.param("letter.j2", "# FILL IN: a heading", 3, "a heading", id="a heading"),
        pytest.param("faxappeal.toml", '"#" = "FILL IN: x"', 8, "x", id="a quoted sign"),
        pytest.param("recipients.yaml", "# FILL IN: what it means", None, "", id="a comment"),
        pytest.param("faxappeal.toml", "id = 1 # FILL IN: x", None, "", id="behind a value"),
        pytest.param("recipients.yaml", "name: fill in", None, "", id="small letters"),
    ],
)
def test_a_marked_place(path: str, line: str, column: int | None, wanted: str) -> None:
    found = list(placeholders.marks(f"one\n{line}\n", path))
    assert found == ([(Location(2, column), wanted)] if column else [])


def test_a_marked_line_has_one_finding_whatever_else_is_wrong_in_it() -> None:
    text = 'one\nname: "FILL IN: their name"\nthree'
    others = [
        Finding("recipients.yaml", Location(line, 7), "error", "bad-value", "wrong")
        for line in (2, 3)
    ]
    elsewhere = Finding("letter.j2", Location(2, 7), "error", "letter", "wrong")
    kept = placeholders.apply([*others, elsewhere], "recipients.yaml", text)
    assert [(each.path, each.rule, each.place.line, each.hint) for each in kept] == [
        ("recipients.yaml", "bad-value", 3, ""),
        ("letter.j2", "letter", 2, ""),
        ("recipients.yaml", "fill-in", 2, "write their name"),
    ]


def test_a_mark_without_words_asks_for_ones_own() -> None:
    [found] = placeholders.apply([], "letter.j2", "FILL IN")
    assert found.hint == "write your own words over it" and found.level == "error"
