"""Texts of a letter as the page takes them."""

from __future__ import annotations

from typing import Any

import pytest

from faxappeal.documents.parts import parts, with_parts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("no number", "no number", id="none"),
        pytest.param("", "", id="nothing"),
        pytest.param(
            "call +49 30 23125 012 now", ["call ", "+49 30 23125 012", " now"], id="one"
        ),
        pytest.param(
            "+12025550101, +12025550102",
            ["", "+12025550101", ", ", "+12025550102", ""],
            id="two",
        ),
        pytest.param("+1 202", "+1 202", id="too short to be a number"),
        pytest.param("1 202 555 0101", "1 202 555 0101", id="without its country"),
    ],
)  # fmt: skip
def test_every_second_part_is_a_number(text: str, found: str | list[str]) -> None:
    assert parts(text) == found


@pytest.mark.parametrize(("kind", "longest"), [("paragraph", 39), ("cell", 13)])
def test_a_word_that_would_run_off_may_be_broken_anywhere(kind: str, longest: int) -> None:
    short, long = "x" * longest, "x" * (longest + 1)
    node: dict[str, Any] = {"kind": kind, "children": [{"kind": "text", "text": f"{short} {long}"}]}
    broken = "\u200b".join(long)
    assert with_parts(node)["children"][0]["text"] == f"{short} {broken}"


def test_what_is_not_printed_stays_as_it_is() -> None:
    link = {"kind": "link", "target": "tel:+12025550101", "text": ""}
    image = {"kind": "image", "text": "+1 202 555 0101", "target": "x" * 50}
    assert with_parts([link, image, 3, None]) == [link, image, 3, None]
