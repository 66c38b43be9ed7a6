"""Comments that silence a warning: with a reason, in their line or the next, and no error."""

from __future__ import annotations

import pytest

from faxappeal.checks import suppressions
from faxappeal.core.finding import Finding, Level, Location
from tests.support.checked import GOOD, WARNED, findings_of

PATH = "recipients.yaml"
LINE = '    fax: "+14165550101"'


def finding(line: int = 2, rule: str = "aging", level: Level = "warning") -> Finding:
    return Finding(PATH, Location(line, 1), level, rule, "doubtful")


def kept(
    text: str, *findings: Finding, path: str = PATH, skipped: tuple[str, ...] = ()
) -> list[tuple[str, str, int]]:
    """What is left, by rule, level and line."""
    found = suppressions.apply(findings, path, text, skipped)
    return [(each.rule, each.level, each.place.line) for each in found]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("one\ntwo  # faxappeal: ignore aging: I called them", id="in the line"),
        pytest.param("# faxappeal: ignore aging: I called them\ntwo", id="alone in the line above"),
        pytest.param("  # faxappeal: ignore aging: I called them\ntwo", id="farther in"),
        pytest.param("{# faxappeal: ignore aging: I called them #}\ntwo", id="in a letter"),
        pytest.param("one\ntwo  #faxappeal:ignore aging : I called", id="with other spaces"),
    ],
)
def test_a_warning_is_silenced_with_a_reason(text: str) -> None:
    assert kept(text, finding()) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("one  # faxappeal: ignore aging: I called\ntwo", id="behind the line above"),
        pytest.param("one\n# faxappeal: ignore aging: I called\nthree", id="alone above the next"),
        pytest.param("one\ntwo  # faxappeal: ignore stale: I called", id="of another rule"),
    ],
)
def test_a_comment_for_something_else_silences_nothing_and_is_too_much(text: str) -> None:
    left = kept(text, finding())
    assert ("aging", "warning", 2) in left
    assert [(rule, level) for rule, level, _ in left if rule == "ignore"] == [("ignore", "warning")]


@pytest.mark.parametrize("end", ["", ":", ": "])
def test_a_comment_without_a_reason_silences_nothing_and_is_wrong(end: str) -> None:
    text = f"one\ntwo  # faxappeal: ignore aging{end}"
    assert kept(text, finding()) == [("aging", "warning", 2), ("ignore", "error", 2)]


def test_an_error_is_not_silenced_and_its_comment_is_used() -> None:
    text = "one\ntwo  # faxappeal: ignore aging: I know"
    assert kept(text, finding(level="error")) == [("aging", "error", 2)]


def test_one_comment_silences_all_findings_of_its_rule_in_the_line() -> None:
    text = "one\ntwo  # faxappeal: ignore aging: I called"
    assert kept(text, finding(), finding(), finding(rule="stale")) == [("stale", "warning", 2)]


def test_a_comment_speaks_for_its_own_file() -> None:
    text = "one\ntwo  # faxappeal: ignore aging: I called"
    left = kept(text, finding(), path="letter.j2")
    assert ("aging", "warning", 2) in left


def test_a_comment_for_what_was_not_asked_is_left_alone() -> None:
    text = "one  # faxappeal: ignore mail-domain: they are moving"
    assert kept(text, skipped=("mail-domain",)) == []
    assert kept(text) == [("ignore", "warning", 1)]


def test_the_place_of_a_comment_is_its_sign() -> None:
    [left] = suppressions.apply([], PATH, "one\ntwo  # faxappeal: ignore aging", ())
    assert left.place == Location(2, 6) and left.hint.startswith("# faxappeal: ignore aging: ")


# -- in a list -------------------------------------------------------------------------------------


@pytest.mark.parametrize("alone", [True, False])
def test_a_warning_of_a_list_is_silenced(alone: bool) -> None:
    comment = "# faxappeal: ignore number-country: their office in Toronto"
    text = WARNED.replace(LINE, f"    {comment}\n{LINE}" if alone else f"{LINE}  {comment}")
    assert text != WARNED and not findings_of(text)


def test_an_ignore_needs_a_reason_and_something_to_silence() -> None:
    bare = WARNED.replace(LINE, f"{LINE}  # faxappeal: ignore number-country")
    assert [(each.rule, each.level) for each in findings_of(bare)] == [
        ("number-country", "warning"),
        ("ignore", "error"),
    ]
    wrong = WARNED.replace(LINE, f"{LINE}  # faxappeal: ignore stale: no")
    assert {each.rule for each in findings_of(wrong)} == {"number-country", "ignore"}


def test_an_error_of_a_list_cannot_be_silenced() -> None:
    text = GOOD.replace('"+12025550101"', '"202 555"  # faxappeal: ignore fax-number: I know')
    assert "fax-number" in {each.rule for each in findings_of(text)}


def test_an_ignore_of_a_domain_that_was_not_asked_for_is_left_alone() -> None:
    mail = GOOD.replace('fax: "+12025550101"', "email: office@nowhere.example.org")
    comment = "  # faxappeal: ignore mail-domain: they are moving"
    assert not findings_of(mail.replace("nowhere.example.org", "nowhere.example.org" + comment))
