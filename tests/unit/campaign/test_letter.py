"""letter.j2: its front matter, and what stands behind it."""

from __future__ import annotations

import pytest

from faxappeal.campaign.letter import Letter, is_right_to_left, read
from faxappeal.core.finding import Location
from tests.support.letter_sources import HEAD, source


def test_the_front_matter_names_the_subject_the_language_and_the_files() -> None:
    made = source(
        "Dear all\n",
        "---\nsubject: Please answer\nlanguage: zh-Hans\nattachments:\n  - facts.pdf\n  - sub/a.png\n---\n",
    )
    assert made.subject == ("Please answer",)
    assert made.language == "zh-Hans"
    assert made.attachments == ("facts.pdf", "sub/a.png")
    assert made.attachments_line == 5
    assert (made.body, made.first_line) == ("Dear all\n", 8)


def test_the_subject_may_have_lines() -> None:
    made = source("x", "---\nsubject:\n  - One\n  - Two\n---\n")
    assert made.subject == ("One", "Two")


def test_a_letter_is_in_english_and_brings_no_files_unless_it_says_so() -> None:
    made = source("x")
    assert (made.language, made.attachments) == ("en", ())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff---\nsubject: a\n---\nb\n", id="a byte order mark"),
        pytest.param("---\r\nsubject: a\r\n---\r\nb\r\n", id="line ends of Windows"),
        pytest.param("---  \nsubject: a\n---\t\nb\n", id="blanks behind the dashes"),
    ],
)
def test_a_letter_as_editors_write_it(text: str) -> None:
    letter, findings = read(text)
    assert not findings and letter
    assert (letter.subject, letter.body) == (("a",), "b\n")


def test_a_second_line_of_dashes_is_the_letters_own() -> None:
    assert source("one\n\n---\n\ntwo\n").body == "one\n\n---\n\ntwo\n"


def test_a_subject_is_one_visible_line() -> None:
    made = source("x", '---\nsubject: " Please \\t answer "\n---\n')
    assert made.subject == ("Please answer",)


@pytest.mark.parametrize(
    ("front", "rule", "line", "words"),
    [
        pytest.param("language: en", "missing-key", 2, "subject is missing", id="no subject"),
        pytest.param("- subject", "bad-value", 2, "must be a mapping", id="a list"),
        pytest.param("subject", "bad-value", 2, "must be a mapping", id="a word"),
        pytest.param("subject: [", "yaml-syntax", 3, "", id="no YAML"),
        pytest.param("subject: a\nsubjekt: b", "unknown-key", 3, "subjekt", id="an unknown key"),
        pytest.param('subject: ""', "bad-value", 2, "a text, or a list", id="an empty subject"),
        pytest.param("subject: []", "bad-value", 2, "a text, or a list", id="no lines"),
        pytest.param(
            "subject: [a, [b]]", "bad-value", 2, "a text, or a list", id="a list in a list"
        ),
        pytest.param("subject: {a: b}", "bad-value", 2, "a text, or a list", id="a mapping"),
        pytest.param('subject: [a, ""]', "bad-value", 2, "a text, or a list", id="an empty line"),
        pytest.param(
            "subject: =?utf-8?q?a=0D=0ABcc:_v@x.y?=", "bad-value", 2, "a text", id="an encoded word"
        ),
        pytest.param(
            f"subject: {'a' * 901}", "bad-value", 2, "a text", id="longer than a header can be"
        ),
        pytest.param(
            'subject: "a\\r\\nBcc: x"', "invisible-character", 2, "000D", id="line breaks"
        ),
        pytest.param("subject: a\nlanguage: English", "bad-value", 3, "BCP 47", id="no language"),
        pytest.param("subject: a\nlanguage: [en]", "bad-value", 3, "BCP 47", id="languages"),
        pytest.param("subject: a\nattachments: x", "bad-value", 3, "a list", id="one file"),
    ],
)
def test_front_matter_that_is_refused(front: str, rule: str, line: int, words: str) -> None:
    letter, findings = read(f"---\n{front}\n---\nx")
    assert letter is None
    [finding] = findings
    assert (finding.level, finding.rule, finding.place.line) == ("error", rule, line)
    assert words in finding.message


def test_a_misspelt_key_is_guessed() -> None:
    _letter, [finding] = read("---\nsubject: a\nattachment: [b.pdf]\n---\nx")
    assert finding.hint == "did you mean attachments?"


@pytest.mark.parametrize(
    "text", ["no front matter", "", "---\nsubject: a\n", "\n---\nsubject: a\n---\nx"]
)
def test_a_letter_without_front_matter_says_how_to_begin(text: str) -> None:
    letter, [finding] = read(text)
    assert letter is None
    assert (finding.rule, finding.message) == ("letter-front-matter", "no subject")
    assert "---, subject: …, ---" in finding.hint


@pytest.mark.parametrize(
    "name",
    [
        *("/etc/passwd", "../x.pdf", ".bashrc", "sub/.env", "-rf.pdf", "C:x.pdf", "a\\\\b.pdf"),
        *("a//b.pdf", "x?.pdf", "a\\u202efdp.exe", "x" * 121),
    ],
)
def test_an_attachment_is_a_visible_file_of_the_folder(name: str) -> None:
    _letter, findings = read(f'---\nsubject: a\nattachments: ["{name}"]\n---\nx')
    assert "attachment" in {finding.rule for finding in findings}


def test_an_attachment_forges_no_header() -> None:
    letter, findings = read('---\nsubject: a\nattachments: ["a\\r\\nX-Evil: 1.pdf"]\n---\nx')
    assert letter is None and findings


@pytest.mark.parametrize(
    ("body", "line", "column", "named"),
    [
        ("a\n\nb\x07", 6, 2, "U+0007"),
        ("abc \u202edef", 4, 5, "U+202E"),
        ("a\u200bb", 4, 2, "U+200B"),
        ("a\x00", 4, 2, "U+0000"),
    ],
)
def test_what_no_editor_shows_is_refused(body: str, line: int, column: int, named: str) -> None:
    _letter, [finding] = read(HEAD + body)
    assert (finding.place.line, finding.place.column) == (line, column)
    assert finding.rule == "invisible-character" and named in finding.message


def test_marks_that_writing_needs_are_none_of_it() -> None:
    assert source("\u0645\u06cc\u200c\u0634\u0648\u062f \u200f+1\u200e co\u00adoperate")


@pytest.mark.parametrize(
    ("text", "line"), [("one", 4), ("two", 6), ("ree", 6), ("nowhere", 4)], ids=str
)
def test_the_line_of_a_text_is_the_files_own(text: str, line: int) -> None:
    assert source("one\n\ntwo three\n").line_of(text) == line


def test_an_error_names_the_file_and_the_place() -> None:
    error = source("x").error(Location(7, 3), "letter", "it is empty", "fill it")
    assert str(error) == "it is empty"
    assert (error.finding.path, error.finding.place) == ("letter.j2", Location(7, 3))
    assert (error.finding.level, error.finding.hint) == ("error", "fill it")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        *(("ar", True), ("he", True), ("fa-IR", True), ("UG", True), ("ug-Arab-CN", True)),
        *(("en", False), ("zh-Hans", False), ("de-AR", False), ("arn", False)),
    ],
)
def test_some_languages_are_written_from_right_to_left(language: str, expected: bool) -> None:
    assert is_right_to_left(language) is expected
    assert Letter((), language, ()).right_to_left is expected
