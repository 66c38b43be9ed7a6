"""What a check has to say: its place, its order, whether it keeps a letter from being sent."""

from __future__ import annotations

import pytest

from faxappeal.core.finding import Finding, FindingList, InvalidCampaign, Location, errors

TEXT = "one\ntwö\n\nfour"


@pytest.mark.parametrize(
    ("index", "line", "column"),
    [
        pytest.param(0, 1, 1, id="first character"),
        pytest.param(2, 1, 3, id="end of the first line"),
        pytest.param(3, 1, 4, id="a line break is of the line it ends"),
        pytest.param(4, 2, 1, id="second line"),
        pytest.param(7, 2, 4, id="columns are characters, not bytes"),
        pytest.param(8, 3, 1, id="empty line"),
        pytest.param(12, 4, 4, id="last character"),
        pytest.param(13, 4, 5, id="behind the last character"),
    ],
)
def test_a_character_stands_in_a_line_and_a_column(index: int, line: int, column: int) -> None:
    assert Location.of(TEXT, index) == Location(line, column)


def test_a_place_that_is_not_known_is_the_beginning() -> None:
    assert Location() == Location(1, 1) and Location(7) == Location(7, 1)


def test_findings_are_sorted_as_a_reader_meets_them() -> None:
    in_order = [
        Finding("letter.j2", Location(9, 1), "error", "letter", "x"),
        Finding("list.yaml", Location(2, 3), "error", "stale", "b"),
        Finding("list.yaml", Location(2, 10), "warning", "aging", "x"),
        Finding("list.yaml", Location(2, 10), "error", "stale", "a"),
        Finding("list.yaml", Location(10, 1), "error", "aging", "x"),
    ]
    made = [in_order[number] for number in (3, 0, 4, 2, 1)]
    assert sorted(made, key=lambda finding: finding.order) == in_order


def test_findings_of_a_file_are_added_in_the_order_they_are_made() -> None:
    first = Finding("list.yaml", Location(), "error", "stale", "old")
    findings = FindingList("letter.j2", [first])
    findings.warning(Location(2, 3), "glyph", "no such letter", "leave it out")
    findings.error(Location(4), "letter", "unknown name")
    assert findings == [
        first,
        Finding("letter.j2", Location(2, 3), "warning", "glyph", "no such letter", "leave it out"),
        Finding("letter.j2", Location(4, 1), "error", "letter", "unknown name", ""),
    ]


def test_only_errors_keep_a_letter_from_being_sent() -> None:
    findings = FindingList("list.yaml")
    findings.warning(Location(1), "aging", "last checked 91 days ago")
    findings.error(Location(2), "stale", "last checked 181 days ago")
    findings.warning(Location(3), "aging", "last checked 91 days ago")
    assert [finding.place.line for finding in errors(findings)] == [2]
    assert errors([]) == []


def test_an_invalid_campaign_says_what_is_wrong_with_it() -> None:
    findings = FindingList("list.yaml")
    findings.error(Location(2), "stale", "last checked 181 days ago")
    with pytest.raises(InvalidCampaign, match="the campaign has errors") as refused:
        raise InvalidCampaign(findings)
    assert refused.value.findings == findings
