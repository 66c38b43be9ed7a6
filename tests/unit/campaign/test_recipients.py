"""recipients.yaml: what is read, and what is refused at which line and column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxappeal.campaign.recipients import Recipients, read
from faxappeal.core.address import AddressError, email_address, fax_number
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


# -- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw_address", "e164"),
    [
        pytest.param("+86 10 6529 2345", "+861065292345", id="F01"),
        pytest.param("+86 10 6520 6722", "+861065206722", id="F02"),
        pytest.param("+49 30 2758 8221", "+493027588221", id="F03"),
        pytest.param("+49-30-23125-012", "+493023125012", id="hyphens"),
        pytest.param("+1 (202) 555.0101", "+12025550101", id="brackets"),
        pytest.param("+1 613 555 0100", "+16135550100", id="F21"),
        pytest.param("+49 30 2758 82210000", "+4930275882210000", id="F24"),
    ],
)
def test_a_number_in_its_normal_form(raw_address: str, e164: str) -> None:
    assert fax_number(raw_address) == e164


@pytest.mark.parametrize(
    "raw_address",
    [
        pytest.param("(0086) 10 6529 2345", id="F04"),
        pytest.param("030 2758 8221", id="F05"),
        pytest.param("+49 30 2758 8221,,5", id="F09"),
        pytest.param("+49 30 2758 8221 / 8222", id="two-in-one"),
        pytest.param("+49 30 2758 8221 ext 5", id="extension"),
        pytest.param("+1-800-FLOWERS", id="letters"),
        pytest.param("+\u0664\u0669\u0663\u0660\u0662\u0667\u0665\u0668", id="F11"),
        pytest.param("\uff0b\uff14\uff19\uff13\uff10\uff12\uff17\uff15", id="F12"),
        pytest.param("112", id="F13"),
        pytest.param("+49 112", id="F14"),
        pytest.param("+1 911", id="F15"),
        pytest.param("+49 900 1234567", id="premium"),
        pytest.param("+49 137 1234567", id="F17"),
        pytest.param("+49 171 3920012", id="F19"),
        pytest.param("+86 10 6529 23456", id="F23"),
        pytest.param("+49 30 27588221\r\nX", id="F25"),
        pytest.param("+49 30 27588221?foo=bar", id="F26"),
        pytest.param("+", id="F29"),
        pytest.param("+" + "4" * 60, id="F31"),
        pytest.param("+49 (0)30 2758 8221", id="trunk-zero"),
        pytest.param("", id="empty"),
    ],
)
def test_a_number_that_would_ring_elsewhere_is_refused(raw_address: str) -> None:
    with pytest.raises(AddressError):
        fax_number(raw_address)


@pytest.mark.parametrize(
    ("raw_address", "country", "hint"),
    [
        ("(0086) 10 6529 2345", "CN", 'write "+86 10 6529 2345"'),
        ("030 2758 8221", "DE", 'write "+49 30 27588221"'),
        ("+49 (0)30 2758 8221", "DE", 'write "+49 30 27588221"'),
    ],
)
def test_the_hint_is_the_number_to_write(raw_address: str, country: str, hint: str) -> None:
    with pytest.raises(AddressError) as refused:
        fax_number(raw_address, country)
    assert refused.value.hint == hint


# -- e-mail ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw_address", "address"),
    [
        pytest.param("botschaft.china@debitel.net", "botschaft.china@debitel.net", id="E01"),
        pytest.param("a@m\u00fcnchen.de", "a@xn--mnchen-3ya.de", id="E09"),
        pytest.param("Office@EXAMPLE.org", "Office@example.org", id="case"),
        pytest.param("a@почта.рф", "a@xn--80a1acny.xn--p1ai", id="one alphabet"),
    ],
)
def test_an_address_in_ascii(raw_address: str, address: str) -> None:
    assert email_address(raw_address) == address


@pytest.mark.parametrize(
    "raw_address",
    [
        pytest.param("a@x.de\r\nBcc: v@y.z", id="E02"),
        pytest.param("a@x.de, b@y.z", id="E03"),
        pytest.param('"a b"@x.de', id="E06"),
        pytest.param("a@[127.0.0.1]", id="E07"),
        pytest.param("a@localhost", id="E08"),
        pytest.param("a@x.d\u0435", id="E11"),
        pytest.param("a@x.xn--d-jtb", id="the same in ASCII"),
        pytest.param("=?utf-8?q?a=0D=0A?=@x.de", id="E12"),
        pytest.param("a@x.de\u200b", id="E13"),
        pytest.param("a@x.invalid", id="E16"),
        pytest.param("-oQ/tmp@x.de", id="E17"),
        pytest.param("a%b@x.de", id="percent"),
        pytest.param("\u00fc@x.de", id="non-ascii local part"),
        pytest.param("Name <a@x.de>", id="display name"),
        pytest.param("a" * 65 + "@x.de", id="long local part"),
    ],
)
def test_an_address_that_mail_software_would_mistake_is_refused(raw_address: str) -> None:
    with pytest.raises(AddressError):
        email_address(raw_address)


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
