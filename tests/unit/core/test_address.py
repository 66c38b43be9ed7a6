"""Fax numbers and e-mail addresses: what may be dialled or written to, and why not."""

from __future__ import annotations

import pytest

from faxappeal.core.address import (
    AddressError,
    email_address,
    fax_number,
    is_mixed,
    number_region,
    own_number,
    parse_number,
    too_many_digits,
)

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


@pytest.mark.parametrize(
    ("raw_address", "reason"),
    [
        pytest.param("\u0664\u0669", "arabic-indic digit four", id="digits of another script"),
        pytest.param("+49\u00a030 23125 012", "no-break space", id="pasted space"),
        pytest.param("\u202a+493023125012", "left-to-right embedding", id="pasted direction"),
        pytest.param("+49 3023125012\x07", "not an international", id="control character"),
        pytest.param("+493023125012 ext 5", "not an international", id="extension"),
        pytest.param("+999 1234567", "not an international", id="unassigned country code"),
        pytest.param("+44 7700 900123", "not exist in the numbering plan", id="no such number"),
        pytest.param("+1 202 555 01011", "not exist in the numbering plan", id="a digit too many"),
        pytest.param("+1 202 555 010", "not exist in the numbering plan", id="a digit too few"),
        pytest.param("+49 (0)30 23125 012", "0 in brackets", id="zero in brackets"),
        pytest.param("+44 7911 123456", "a person would answer", id="mobile"),
        pytest.param("+49 900 1234567", "premium, shared-cost or personal", id="premium"),
        pytest.param("+44 845 123 4567", "premium, shared-cost or personal", id="shared cost"),
        pytest.param("+49 700 12345678", "premium, shared-cost or personal", id="personal"),
    ],
)
def test_a_refused_number_is_refused_with_its_reason(raw_address: str, reason: str) -> None:
    with pytest.raises(AddressError, match=reason) as refused:
        fax_number(raw_address)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("raw_address", "e164"),
    [
        pytest.param("+49 30 23125 012", "+493023125012", id="fixed line"),
        pytest.param("+1 202 555 0101", "+12025550101", id="fixed line or mobile"),
        pytest.param("+49 32 221 001 000", "+4932221001000", id="internet telephony"),
        pytest.param("+1 800 555 0100", "+18005550100", id="freephone"),
        pytest.param("+800 1234 5678", "+80012345678", id="freephone of no country"),
        pytest.param("+39 06 1234 5678", "+390612345678", id="a zero that is dialled"),
    ],
)
def test_a_line_that_may_have_a_fax_is_taken(raw_address: str, e164: str) -> None:
    assert fax_number(raw_address) == e164


ANY_NUMBER = 'write it internationally, from + and the country code: "+49 30 23125 012"'


@pytest.mark.parametrize(
    ("raw_address", "country", "hint"),
    [
        pytest.param("0049 30 23125012", None, 'write "+49 30 23125012"', id="00"),
        pytest.param("(0049)30 23125012", None, 'write "+49 30 23125012"', id="00 in brackets"),
        pytest.param("202 555 0101", "US", 'write "+1 202-555-0101"', id="national"),
        pytest.param("030 23125012", None, ANY_NUMBER, id="national, country not known"),
        pytest.param("030 23125012 ext 5", "DE", ANY_NUMBER, id="letters"),
        pytest.param("030 23125012/013", "DE", ANY_NUMBER, id="two in one"),
        pytest.param("112", "DE", ANY_NUMBER, id="emergency"),
        pytest.param("+999 1234567", None, ANY_NUMBER, id="unassigned country code"),
    ],
)
def test_a_hint_names_a_number_only_where_one_is_meant(
    raw_address: str, country: str | None, hint: str
) -> None:
    with pytest.raises(AddressError) as refused:
        fax_number(raw_address, country)
    assert refused.value.hint == hint


@pytest.mark.parametrize("simulator", ["+999-9999-263", "  +999-9999-0 "])
def test_the_simulator_is_a_number_of_ones_own(simulator: str) -> None:
    assert own_number(simulator) == simulator.strip()


@pytest.mark.parametrize(
    "written",
    ["+999-9999-", "+999-9999-1234567", "+999-9998-263", "+9999999263", "+44 7911 123456", ""],
)
def test_any_other_number_of_ones_own_is_one_that_may_be_dialled(written: str) -> None:
    assert own_number("+49 30 23125 012") == "+493023125012"
    with pytest.raises(AddressError):
        own_number(written)


@pytest.mark.parametrize(
    ("text", "country", "understood"),
    [
        pytest.param("+493023125012", None, 49, id="international"),
        pytest.param("030 23125012", "DE", 49, id="national"),
        pytest.param("030 23125012", None, None, id="national, country not known"),
        pytest.param("office", "DE", None, id="a word"),
        pytest.param("", None, None, id="nothing"),
    ],
)
def test_a_text_is_understood_as_a_number_or_not(
    text: str, country: str | None, understood: int | None
) -> None:
    number = parse_number(text, country)
    assert (number.country_code if number else None) == understood


@pytest.mark.parametrize(
    ("number", "region"),
    [
        pytest.param("+12025550101", "US", id="Washington"),
        pytest.param("+16135550100", "CA", id="Ottawa has the same country code"),
        pytest.param("+493023125012", "DE", id="Berlin"),
        pytest.param("+80012345678", "001", id="no country"),
        pytest.param("+999-9999-263", None, id="simulator"),
        pytest.param("+10005550101", None, id="unassigned area"),
    ],
)
def test_a_number_belongs_to_one_country(number: str, region: str | None) -> None:
    assert number_region(number) == region


@pytest.mark.parametrize(
    ("number", "usual"),
    [
        pytest.param("+493023125012", None, id="usual"),
        pytest.param("+4930231250123", None, id="three more may be an extension"),
        pytest.param("+49302312501234", 8, id="four more"),
        pytest.param("+80012345678", None, id="no country to compare with"),
        pytest.param("+10005550101", None, id="unassigned area"),
    ],
)
def test_far_too_many_digits_are_noticed(number: str, usual: int | None) -> None:
    assert too_many_digits(number) == usual


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


@pytest.mark.parametrize(
    ("raw_address", "reason"),
    [
        pytest.param("office\u200b@example.org", "an invisible character", id="invisible"),
        pytest.param("=?utf-8?q?office?=@example.org", "not a usable", id="encoded word"),
        pytest.param("office%home@example.org", "not a usable", id="routed"),
        pytest.param("-f@example.org", "not a usable", id="an option of a program"),
        pytest.param("office", "must have an @-sign", id="no at sign"),
        pytest.param("office@example..org", "two periods in a row", id="two periods"),
        pytest.param("office@example.org ", "invalid characters: SPACE", id="space"),
        pytest.param("b\u00fcro@example.org", "the part before @ must be ASCII", id="umlaut"),
        pytest.param("a@ex\u0430mple.org", "letters of two alphabets", id="two alphabets"),
    ],
)
def test_a_refused_address_is_refused_with_its_reason(raw_address: str, reason: str) -> None:
    with pytest.raises(AddressError, match=reason) as refused:
        email_address(raw_address)
    assert refused.value.hint and not str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("label", "mixed"),
    [
        pytest.param("example", False, id="Latin"),
        pytest.param("\u043f\u043e\u0447\u0442\u0430", False, id="Cyrillic"),
        pytest.param("ex\u0430mple", True, id="Latin and Cyrillic"),
        pytest.param("\u03b1bc", True, id="Latin and Greek"),
        pytest.param("\u0570ayb", True, id="Latin and Armenian"),
        pytest.param("\u65e5\u672c\u3042ab", False, id="Japanese and Latin"),
        pytest.param("abc-123", False, id="digits and a hyphen"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_letters_of_two_alphabets_that_look_alike_are_noticed(label: str, mixed: bool) -> None:
    assert is_mixed(label) is mixed
