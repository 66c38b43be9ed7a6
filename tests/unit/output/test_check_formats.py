"""Reports for editors and CI systems: nothing in a finding acts there, and each has its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from faxappeal.checks import docs
from faxappeal.core.finding import Finding, Level, Location
from faxappeal.output import check_formats
from tests.support.checked import STALE, findings_of


def finding(
    message: str = "verified 181 days ago",
    level: Level = "error",
    rule: str = "stale",
    path: str = "list.yaml",
    hint: str = "",
    line: int = 7,
) -> Finding:
    return Finding(path, Location(line, 10), level, rule, message, hint)


WARNING = finding("the salutation ends with a punctuation mark", "warning", "salutation")


def test_a_finding_on_one_line() -> None:
    assert check_formats.line(finding()) == "list.yaml:7:10: error stale verified 181 days ago"


def test_a_line_begins_no_second_one() -> None:
    shown = check_formats.line(finding("x\n::error::y\x1b[2J\u202e"))
    assert shown.endswith("x\\u000a::error::y\\u001b[2J\\u202e")


@pytest.mark.parametrize(
    ("findings", "recipients", "words"),
    [
        pytest.param([], 0, "0 recipients checked: 0 errors, 0 warnings.", id="nothing"),
        pytest.param([finding()], 1, "1 recipient checked: 1 error, 0 warnings.", id="an error"),
        pytest.param([WARNING], 2, "2 recipients checked: 0 errors, 1 warning.", id="a warning"),
        pytest.param(
            [finding(), WARNING, WARNING],
            3,
            "3 recipients checked: 1 error, 2 warnings.",
            id="of both",
        ),
    ],
)
def test_how_much_was_found(findings: Sequence[Finding], recipients: int, words: str) -> None:
    assert check_formats.summary(findings, recipients) == words


# -- GitHub ----------------------------------------------------------------------------------------


def test_github_gets_a_command_for_each_and_a_summary() -> None:
    lines = check_formats.github([finding(hint="call them"), WARNING], 1).splitlines()
    assert lines == [
        "::error file=list.yaml,line=7,col=10,title=faxappeal stale"
        "::list.yaml:7:10 verified 181 days ago (call them)",
        "::warning file=list.yaml,line=7,col=10,title=faxappeal salutation"
        "::list.yaml:7:10 the salutation ends with a punctuation mark",
        "1 recipient checked: 1 error, 1 warning.",
    ]


def test_a_percent_sign_and_a_line_break_are_escaped() -> None:
    report = check_formats.github([finding("100%\n::error::x\r", path="a,b:c.yaml")], 1)
    [command, _] = report.splitlines()
    assert "file=a%2Cb%3Ac.yaml," in command and "100%25%0A::error::x%0D" in command


@pytest.mark.parametrize(
    ("message", "cell"),
    [
        pytest.param("a | b", "a \\| b", id="a border"),
        pytest.param("a \\| b", "a \\\\\\| b", id="an escaped border"),
        pytest.param("<img src=x>", "&lt;img src=x>", id="a tag"),
        pytest.param("a\nb", "a\\\\u000ab", id="a line break"),
    ],
)
def test_a_cell_of_markdown_stays_a_cell(message: str, cell: str) -> None:
    text = check_formats.markdown([finding(message)], 1)
    assert f"| list.yaml:7:10 | error | stale | {cell} |\n" in text


def test_markdown_without_findings_has_no_table() -> None:
    text = check_formats.markdown([], 3)
    assert text == "### faxappeal check\n\n\n3 recipients checked: 0 errors, 0 warnings.\n"


# -- fingerprints ----------------------------------------------------------------------------------


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    report = json.loads(check_formats.gitlab(findings, 1))
    return [entry["fingerprint"] for entry in report]


def test_a_fingerprint_outlives_lines_above_it() -> None:
    before, after = (fingerprints(findings_of(text)) for text in (STALE, "# a comment\n" + STALE))
    assert before == after and len(before) == 1


def test_two_of_the_same_words_have_two_fingerprints() -> None:
    first, second = fingerprints([finding(), finding(line=17)])
    assert first != second and fingerprints([finding()]) == [first]


@pytest.mark.parametrize(
    "other",
    [finding("another"), finding(rule="aging"), finding(path="other.yaml")],
    ids=["a message", "a rule", "a file"],
)
def test_another_finding_has_another_fingerprint(other: Finding) -> None:
    assert fingerprints([other]) != fingerprints([finding()])


def test_a_text_that_is_no_unicode_has_a_fingerprint() -> None:
    assert len(fingerprints([finding("\ud800")])[0]) == 32


def test_sarif_has_the_fingerprints_of_gitlab() -> None:
    [result] = sarif([finding()])["results"]
    assert result["partialFingerprints"] == {"faxappeal/v1": fingerprints([finding()])[0]}


# -- GitLab, SARIF, JUnit --------------------------------------------------------------------------


def test_gitlab_has_a_severity_and_a_line() -> None:
    error, warning = json.loads(check_formats.gitlab([finding(hint="call them"), WARNING], 1))
    assert error["description"] == "verified 181 days ago (call them)"
    assert error["check_name"] == "faxappeal/stale"
    assert error["location"] == {"path": "list.yaml", "lines": {"begin": 7}}
    assert [error["severity"], warning["severity"]] == ["major", "minor"]


def sarif(findings: Sequence[Finding]) -> Any:
    [run] = json.loads(check_formats.sarif(findings, 1))["runs"]
    return run


def test_sarif_names_each_rule_once_with_its_manual_page() -> None:
    run = sarif([finding(), WARNING, finding(line=17)])
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["salutation", "stale"]
    assert rules[1]["shortDescription"]["text"] == docs.manual("stale").summary
    assert rules[1]["helpUri"].endswith("checks.md#stale")
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == [
        "stale",
        "salutation",
        "stale",
    ]
    assert [each["level"] for each in run["results"]] == ["error", "warning", "error"]


def test_sarif_has_the_place_in_its_text_too() -> None:
    [result] = sarif([finding("x\x1b[2J")])["results"]
    assert result["message"]["text"] == "list.yaml:7:10 x\\u001b[2J"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "list.yaml"
    assert place["region"] == {"startLine": 7, "startColumn": 10}


def test_an_error_is_a_failed_test_and_a_warning_none() -> None:
    report = Xml.fromstring(check_formats.junit([finding("a < b & c"), WARNING], 1))
    [suite] = report
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failed, passed = suite
    assert failed.get("name") == "stale 7:10" and failed.get("file") == "list.yaml"
    assert failed.find("failure") is not None and passed.find("failure") is None
    assert passed.findtext("system-out") == check_formats.line(WARNING)
    assert failed.findtext("failure") == "list.yaml:7:10: error stale a < b & c"


def test_junit_without_findings_has_a_test_that_passed() -> None:
    [suite] = Xml.fromstring(check_formats.junit([], 3))
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
    assert "3 recipients checked" in str(suite.findtext("testcase/system-out"))


@pytest.mark.parametrize("form", list(check_formats.REPORTS))
def test_no_report_has_anything_that_is_invisible(form: str) -> None:
    text = check_formats.REPORTS[form]([finding("a\x1b[2J\u202e\u200bb\x07", hint="\x9b31m")], 1)
    assert not {"\x1b", "\u202e", "\u200b", "\x07", "\x9b"} & set(text)
