"""recipients.yaml: what is read, and what is refused at which line and column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxappeal.campaign.recipients import Recipients, read
from tests.support.examples import examples

HEAD = """recipients:
  - id: cn-justice
    name: Ministry of Justice
    country: CN
    source: "appeal of 2003"
"""
GOOD = HEAD + '    fax: "+86 10 6520 6722"\n'


def found(recipients: Recipients) -> list[tuple[int, int, str, str]]:
    return [(f.place.line, f.place.column, f.level, f.rule) for f in recipients.findings]


def test_a_good_file_says_who_and_where() -> None:
    [recipient] = read(GOOD)
    assert recipient.id == "cn-justice" and recipient.role == "to"
    assert recipient.fax and recipient.fax.address == "+861065206722"
    assert recipient.fax.status == "unverified"
    assert recipient.fax.source == "appeal of 2003"


def test_a_contact_may_have_evidence_of_its_own() -> None:
    [recipient] = read(
        HEAD
        + "    status: active\n    last_verified: 2026-11-01\n    method: call\n"
        + '    fax: {number: "+86 10 6520 6722", status: retired, source: letterhead of 2025}\n'
        + "    email: office@example.org\n"
    )
    assert recipient.fax and recipient.email
    assert (recipient.fax.status, recipient.email.status) == ("retired", "active")
    assert recipient.fax.source == "letterhead of 2025"


@pytest.mark.parametrize(
    ("text", "line", "column", "rule"),
    [
        pytest.param(HEAD + "    fax: 00861065292345\n", 6, 10, "fax-number", id="R01"),
        pytest.param(HEAD + "    fax: 4930_27588221\n", 6, 10, "fax-number", id="R03"),
        pytest.param(GOOD + '    fax: "+86 10 6529 2345"\n', 7, 5, "duplicate-key", id="R06"),
        pytest.param(GOOD + "    stauts: active\n", 7, 5, "unknown-key", id="R09"),
        pytest.param(HEAD, 2, 5, "missing-key", id="R10"),
        pytest.param(GOOD + "    last_verified: 2026-02-30\n", 7, 20, "bad-value", id="R12"),
        pytest.param("recipients:\n\t- id: x\n", 2, 1, "yaml-syntax", id="R18"),
        pytest.param("recipients: !!python/object:os.system [x]\n", 1, 13, "yaml-syntax", id="R21"),
        pytest.param("base: &b {country: CN}\nrecipients:\n  - <<: *b\n", 1, 7, "yaml-syntax", id="R22"),
        pytest.param("hello", 1, 1, "bad-value", id="R26"),
        pytest.param("recipients:\n  - id: x\n    name: \x1b[31mred\n", 3, 11, "invisible-character", id="R28"),
        pytest.param(GOOD.replace("Ministry of", '"Ministry \\e[31mof').replace("Justice", 'Justice"'), 3, 11, "invisible-character", id="R29"),
        pytest.param("\ufeffrecipients: []\n", 1, 13, "bad-value", id="R32"),
        pytest.param("#" * 1_100_000, 1, 1, "yaml-syntax", id="R34"),
        pytest.param("%YAML 1.1\n---\nrecipients: []\n", 3, 13, "bad-value", id="R35"),
        pytest.param(GOOD + "---\n" + GOOD, 7, 1, "yaml-syntax", id="second-document"),
        pytest.param(GOOD + GOOD.removeprefix("recipients:\n"), 7, 9, "duplicate-id", id="same-id"),
        pytest.param(GOOD + "    country: Atlantis\n".replace("country", "language"), 7, 15, "bad-value", id="language"),
    ],
)  # fmt: skip
def test_refused_at_its_place(text: str, line: int, column: int, rule: str) -> None:
    assert (line, column, "error", rule) in found(read(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 5000 + "]" * 5000, id="R24"),
        pytest.param("- " * 5000 + "x", id="dashes"),
        pytest.param("recipients:\n  - id: " + "[" * 30 + "]" * 30, id="not so deeply"),
    ],
)
def test_nested_too_deeply(text: str) -> None:
    [finding] = read(text).findings
    assert (finding.rule, finding.message) == ("yaml-syntax", "nested too deeply")


def test_a_misspelt_key_is_guessed() -> None:
    [finding] = read(GOOD + "    stauts: active\n").findings
    assert finding.hint == "did you mean status?"


def test_a_wrong_number_is_not_hidden_by_a_misspelt_key() -> None:
    text = (
        "recipients:\n  - id: one\n    nmae: Office\n    country: US\n    source: abc\n"
        "    fax: 202 555 0101\n    email:\n      address: nobody\n"
    )
    told = {(each.rule, each.place.line) for each in read(text).findings}
    assert {("unknown-key", 3), ("fax-number", 6), ("email-address", 8)} <= told


def test_a_second_key_names_the_first_line() -> None:
    [finding] = read(GOOD + '    fax: "+86 10 6529 2345"\n').findings
    assert "line 6" in finding.message


@pytest.mark.parametrize(
    ("raw_address", "text"),
    [("+8610 65206722", "+8610 65206722"), ("+861065206722", "+861065206722")],
)
def test_an_unquoted_number_stays_text(raw_address: str, text: str) -> None:
    recipients = read(HEAD + f"    fax: {raw_address}\n")
    [recipient] = recipients
    assert recipient.fax and recipient.fax.raw_address == text
    levels = {level for _, _, level, _ in found(recipients)}
    assert levels <= {"warning"}


def test_norway_is_a_country() -> None:
    recipients = read(GOOD.replace("CN", "NO"))
    assert [r.country for r in recipients] == ["NO"]
    assert (4, 14, "warning", "unquoted-value") in found(recipients)


def test_several_mistakes_are_told_at_once() -> None:
    recipients = read(
        HEAD.replace("CN", "China") + "    fax: 030 2758 8221\n" + "    email: a@b.c, d@e.f\n"
        "    stauts: active\n"
    )
    assert len(recipients.findings) >= 2


@given(st.text(max_size=300))
@settings(max_examples=examples(300), deadline=None)
def test_no_text_breaks_the_reader(text: str) -> None:
    recipients = read(text)
    lines = text.count("\n") + text.count("\r") + 2
    assert all(1 <= finding.place.line <= lines + 1 for finding in recipients.findings)
    assert recipients.recipients == () or not recipients.findings


@given(st.lists(st.sampled_from(GOOD.splitlines(keepends=True)), max_size=14))
@settings(max_examples=examples(200), deadline=None)
def test_no_mixed_up_file_breaks_the_reader(lines: list[str]) -> None:
    read("".join(lines))
