"""YAML in which every value stays the text that a person typed."""

from __future__ import annotations

from typing import Any

import pytest

from faxappeal.campaign.yaml_reader import MAX_BYTES, YamlText, nodes, read
from faxappeal.core.finding import Finding, Location


def found(text: str) -> YamlText:
    return read(text, "list.yaml")


def refused(text: str) -> Finding:
    """What is wrong with a text of which nothing is read."""
    made = found(text)
    assert made.data is None
    [finding] = made.findings
    assert (finding.path, finding.level) == ("list.yaml", "error")
    return finding


def at(finding: Finding) -> tuple[int, int]:
    return (finding.place.line, finding.place.column)


# -- what is read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        *(
            "+493023125012",
            "00861065292345",
            "1_000",
            "0x1F",
            "1e3",
            "22:00",
            "1.5",
            ".inf",
            ".nan",
        ),
        *("NO", "yes", "on", "True", "null", "~", "y"),
    ],
)
def test_a_value_that_other_readers_would_change_stays_text_and_is_warned_of(value: str) -> None:
    made = found(f"key: {value}\n")
    assert made.data == {"key": value}
    [finding] = made.findings
    assert (finding.level, finding.rule) == ("warning", "unquoted-value")
    assert at(finding) == (1, 6) and value in finding.message


@pytest.mark.parametrize(
    "value", ["+49 30 23125 012", "2026-11-01", "Norway", "yes please", "1-2", "1.2.3", "07:00 h"]
)
def test_a_value_that_every_reader_takes_for_text(value: str) -> None:
    made = found(f"key: {value}\n")
    assert made.data == {"key": value} and not made.findings


@pytest.mark.parametrize("written", ['"+4930"', "'+4930'", "|\n  +4930", ">-\n  +4930"])
def test_a_number_that_is_marked_as_text_is_no_reason_to_warn(written: str) -> None:
    made = found(f"key: {written}\n")
    assert made.data["key"].strip() == "+4930" and not made.findings


@pytest.mark.parametrize(
    ("text", "data"),
    [
        pytest.param("a: b\nc: [d, {e: f}]\n", {"a": "b", "c": ["d", {"e": "f"}]}, id="nested"),
        pytest.param("- a\n- b\n", ["a", "b"], id="a list"),
        pytest.param("word", "word", id="a word"),
        pytest.param("a:\n", {"a": ""}, id="nothing behind a key"),
        pytest.param("a: |\n  b\n  c\n", {"a": "b\nc\n"}, id="a text of lines"),
        pytest.param("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}, id="line ends of Windows"),
        pytest.param("a: 'it''s'\n", {"a": "it's"}, id="an apostrophe"),
        pytest.param("a: b & c * d\n", {"a": "b & c * d"}, id="signs that only look like an alias"),
        pytest.param("---\na: b\n...\n", {"a": "b"}, id="one document with its marks"),
    ],
)
def test_what_a_text_says(text: str, data: Any) -> None:
    made = found(text)
    assert made.data == data and not made.findings


# -- places ------------------------------------------------------------------------------------------

NESTED = "list:\n  - id: one\n    names: [a, b]\n"


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ((), Location(1, 1)),
        (("list",), Location(2, 3)),
        (("list", 0), Location(2, 5)),
        (("list", 0, "id"), Location(2, 9)),
        (("list", 0, "names", 1), Location(3, 16)),
        (("list", 0, "nowhere"), Location(2, 5)),
        (("list", 7, "id"), Location(2, 3)),
    ],
)
def test_each_value_has_its_place_or_that_of_what_is_around_it(
    key: tuple[str | int, ...], place: Location
) -> None:
    assert found(NESTED).place(*key) == place


def test_a_key_has_a_place_of_its_own() -> None:
    made = found(NESTED)
    assert made.key_place("list", 0, "names") == Location(3, 5)
    assert made.key_place("list", 0, "nowhere") == Location(2, 5), "what is around it"


def test_lines_count_from_where_the_text_begins_in_its_file() -> None:
    assert read("a: b\nc: d\n", "letter.j2", first_line=2).place("c") == Location(3, 4)
    [finding] = read("a: b\nc: [\n", "letter.j2", first_line=2).findings
    assert finding.place.line >= 3
    [finding] = read("a\nb\x07\n", "letter.j2", first_line=2).findings
    assert finding.place.line == 3


def test_the_places_of_nodes_are_those_of_the_text() -> None:
    root = nodes("a: b\n")
    [(name, value)] = root.value
    assert (name.value, value.start_mark.column) == ("a", 3)


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        pytest.param("a: &b c\n", 1, 4, "anchors (&) are not allowed", id="an anchor"),
        pytest.param("a: b\nc: *d\n", 2, 4, "aliases (*) are not allowed", id="an alias"),
        pytest.param("a: !!int 1\n", 1, 4, "tags (!) are not allowed", id="a tag"),
        pytest.param("a: !own b\n", 1, 4, "tags (!) are not allowed", id="a tag of ones own"),
        pytest.param("a: b\n---\na: c\n", 2, 1, "only one document is allowed", id="two documents"),
        pytest.param(
            "a: b\n...\n---\nc: d\n", 3, 1, "only one document is allowed", id="one ended"
        ),
        pytest.param("a: " + "[" * 21 + "]" * 21, 1, 23, "nested too deeply", id="brackets"),
        pytest.param("[" + "a," * 100_001 + "]", 1, 199_998, "too many values", id="many values"),
        pytest.param("", 1, 1, "the file is empty", id="nothing"),
        pytest.param("# a note\n", 1, 1, "the file is empty", id="a comment alone"),
        pytest.param("#" * (MAX_BYTES + 1), 1, 1, "the file is larger than 1 MB", id="too large"),
        pytest.param(
            "ä" * (MAX_BYTES // 2 + 1), 1, 1, "the file is larger than 1 MB", id="in bytes"
        ),
    ],
)
def test_what_could_hide_something_is_refused_at_its_place(
    text: str, line: int, column: int, message: str
) -> None:
    finding = refused(text)
    assert (finding.rule, finding.message) == ("yaml-syntax", message)
    assert at(finding) == (line, column)


@pytest.mark.parametrize(
    ("text", "line", "column", "named"),
    [
        ("a: b\x07\n", 1, 5, "U+0007"),
        ("a: b\nc: \x1b[31m\n", 2, 4, "U+001B"),
        ("a: b\rc: d\n", 1, 5, "U+000D"),
        ("a: b\x85c: d\n", 1, 5, "U+0085"),
        ("a: \u2028b\n", 1, 4, "U+2028"),
        ("a: \ud800\n", 1, 4, "U+D800"),
        ("a: \ufffe\n", 1, 4, "U+FFFE"),
    ],
)
def test_a_control_character_is_refused_before_anything_is_read(
    text: str, line: int, column: int, named: str
) -> None:
    finding = refused(text)
    assert (finding.rule, finding.message) == ("invisible-character", f"control character {named}")
    assert at(finding) == (line, column)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("a: b: c\n", 'a text with ": " in it stands in quotes', id="two colons"),
        pytest.param(
            "a: [b] c\n", "a text that begins with a sign", id="brackets at the beginning"
        ),
        pytest.param("a: [b\nc: d\n", "a text that begins with [", id="an open bracket"),
        pytest.param("a: {b\nc: d\n", "a text that begins with {", id="an open brace"),
        pytest.param("a:\n\t- b\n", "indent with spaces", id="a tab"),
        pytest.param("a: @b\n", "quote what begins with @", id="an at sign"),
        pytest.param("a: b\nc\nd: e\n", "each line is a key, a colon and a space", id="no colon"),
        pytest.param('a: "b\n', "a quote is opened and not closed", id="an open quote"),
    ],
)
def test_a_slip_is_said_with_what_helps(text: str, hint: str) -> None:
    finding = refused(text)
    assert finding.rule == "yaml-syntax" and hint in finding.hint


@pytest.mark.parametrize(
    ("text", "line", "column", "rule", "message"),
    [
        pytest.param(
            'a: "b\\e[31m"\n',
            1,
            4,
            "invisible-character",
            "control character U+001B",
            id="an escape",
        ),
        pytest.param(
            "a: b\u200bc\n", 1, 4, "invisible-character", "control character U+200B", id="no width"
        ),
        pytest.param(
            "a: b\nc: d\na: e\n", 3, 1, "duplicate-key", "a again (first on line 1)", id="twice"
        ),
        pytest.param("[a]: b\n", 1, 1, "yaml-syntax", "a key must be a plain word", id="a list"),
        pytest.param(
            "a: b\n? {c: d}\n: e\n",
            2,
            3,
            "yaml-syntax",
            "a key must be a plain word",
            id="a mapping",
        ),
    ],
)
def test_what_is_wrong_with_one_value_leaves_the_others(
    text: str, line: int, column: int, rule: str, message: str
) -> None:
    made = found(text)
    assert isinstance(made.data, dict)
    [finding] = made.findings
    assert (finding.level, finding.rule) == ("error", rule)
    assert message in finding.message and at(finding) == (line, column)


def test_of_two_equal_keys_the_first_counts() -> None:
    assert found("a: b\na: c\n").data == {"a": "b"}


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a: Ministry #2 of Justice\n", 13),
        ("a: Ministry   #2\n", 15),
        ("a: b # a comment\n", None),
        ("a: b ## a heading\n", None),
        ("a: b #\n", None),
        ('a: "b" #c\n', None),
        ("a: b#c\n", None),
    ],
)
def test_a_comment_that_looks_like_a_part_of_the_value(text: str, column: int | None) -> None:
    findings = found(text).findings
    places = [each.place.column for each in findings if each.rule == "comment-in-value"]
    assert places == ([] if column is None else [column])
