"""Rules on a list: what each takes for doubtful, and what it leaves alone."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from faxappeal.campaign import recipients
from faxappeal.campaign.contact import Channel
from faxappeal.checks.rules.recipients import contacts
from tests.support.campaigns import RECIPIENT
from tests.support.checked import GOOD, TODAY, found_by, one

EMAIL = "email: office@example.org"


def with_country(number: str, country: str) -> str:
    return one(f'fax: "{number}"').replace("country: US", f"country: {country}")


def with_zone(number: str, zone: str | None) -> str:
    line = f"    timezone: {zone}\n" if zone else ""
    return one(f'fax: "{number}"').replace("    timezone: America/New_York\n", line)


def verified(days_ago: int, *more: str, status: str = "active") -> str:
    day = TODAY - timedelta(days=days_ago)
    text = one('fax: "+12025550101"', *more).replace("2026-11-01", str(day))
    return text.replace("status: active", f"status: {status}")


def two(first: str, second: str) -> str:
    return (
        "recipients:\n"
        + RECIPIENT.format(id="one", contact=first)
        + RECIPIENT.format(id="two", contact=second)
    )


@pytest.mark.parametrize(
    ("channel", "found"),
    [
        pytest.param(None, [("fax", 7), ("email", 8)], id="each of them"),
        pytest.param("fax", [("fax", 7)], id="faxes alone"),
        pytest.param("email", [("email", 8)], id="e-mails alone"),
    ],
)
def test_the_contacts_of_a_channel_with_their_places(
    channel: Channel | None, found: list[tuple[str, int]]
) -> None:
    text = one('fax: "+12025550101"\n    email: office@example.org')
    listed = contacts(recipients.read(text), channel)
    assert [(contact.channel, place.line) for _, contact, place in listed] == found


@pytest.mark.parametrize(
    ("first", "second", "is_found"),
    [
        pytest.param('fax: "+12025550101"', 'fax: "+1 202-555-0101"', True, id="in two ways"),
        pytest.param(EMAIL, "email: office@EXAMPLE.org", True, id="a domain in capitals"),
        pytest.param('fax: "+12025550101"', 'fax: "+12025550102"', False, id="two numbers"),
        pytest.param('fax: "+12025550101"', EMAIL, False, id="two channels"),
    ],
)
def test_an_address_stands_in_the_list_once(first: str, second: str, is_found: bool) -> None:
    found = found_by("duplicate-address", two(first, second))
    assert [(each.place.line, each.level) for each in found] == [(18, "error")] * is_found
    if found:
        assert "of one" in found[0].message


def test_the_third_is_compared_with_the_first() -> None:
    third = RECIPIENT.format(id="three", contact=EMAIL)
    found = found_by("duplicate-address", two(EMAIL, EMAIL) + third)
    assert [each.message for each in found] == [
        "office@example.org is already the email of one"
    ] * 2


@pytest.mark.parametrize(
    ("number", "country", "message"),
    [
        pytest.param("+493023125012", "DE", "", id="the same"),
        pytest.param(
            "+493023125012",
            "CN",
            "+493023125012 is a number of DE, the country is CN",
            id="another",
        ),
        pytest.param(
            "+14165550101", "US", "+14165550101 is a number of CA, the country is US", id="one code"
        ),
    ],
)
def test_a_number_of_another_country_is_doubted(number: str, country: str, message: str) -> None:
    found = found_by("number-country", with_country(number, country))
    assert [each.message for each in found] == [message] * bool(message)


def test_an_address_has_no_country() -> None:
    assert not found_by("number-country", one(EMAIL).replace("country: US", "country: CN"))


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param(["verified_by"], "an active fax needs verified_by", id="by"),
        pytest.param(
            ["last_verified", "method"], "an active fax needs last_verified, method", id="two"
        ),
        pytest.param(
            ["last_verified", "verified_by", "method"],
            "an active fax needs last_verified, verified_by, method",
            id="all",
        ),
    ],
)
def test_an_active_contact_says_who_checked_it_when_and_how(
    missing: list[str], said: str | None
) -> None:
    lines = [line for line in GOOD.splitlines() if line.strip().split(":")[0] not in missing]
    found = found_by("active-evidence", "\n".join(lines))
    assert [each.message for each in found] == ([said] if said else [])


def test_an_unverified_contact_needs_no_evidence() -> None:
    lines = [line for line in GOOD.splitlines() if "verified" not in line and "method" not in line]
    text = "\n".join(lines).replace("status: active", "status: unverified")
    assert not found_by("active-evidence", text)


@pytest.mark.parametrize(
    ("day", "is_found"), [(TODAY, False), (TODAY + timedelta(days=1), True)], ids=str
)
def test_no_contact_was_checked_tomorrow(day: date, is_found: bool) -> None:
    text = GOOD.replace("2026-11-01", str(day))
    assert len(found_by("verified-in-future", text)) == is_found


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        pytest.param(verified(90), None, "", id="90 days"),
        pytest.param(verified(91), "aging", "in 89 days it counts as stale", id="91 days"),
        pytest.param(verified(180), "aging", "in 0 days it counts as stale", id="180 days"),
        pytest.param(
            verified(181), "stale", "verified 181 days ago, the limit is 180", id="181 days"
        ),
        pytest.param(verified(400, status="retired"), None, "", id="retired"),
        pytest.param(verified(400, status="unverified"), None, "", id="unverified"),
        pytest.param(
            verified(9, "valid_until: 2026-11-23"),
            "stale",
            "valid only until 2026-11-23",
            id="expired yesterday",
        ),
        pytest.param(verified(9, "valid_until: 2026-11-24"), None, "", id="expires today"),
        pytest.param(
            verified(9).replace("    last_verified: 2026-11-15\n", ""), None, "", id="never checked"
        ),
    ],
)
def test_what_a_check_long_ago_is_worth(text: str, rule: str | None, message: str) -> None:
    found = [each for name in ("aging", "stale") for each in found_by(name, text)]
    assert [each.rule for each in found] == ([rule] if rule else [])
    if rule:
        level = "error" if rule == "stale" else "warning"
        assert message in found[0].message and found[0].level == level
        assert found[0].hint == "check it again with the office"


@pytest.mark.parametrize(
    ("number", "is_found"),
    [
        pytest.param("+493023125012", False, id="usual"),
        pytest.param("+4930231250120123", True, id="an ending twice"),
        pytest.param("+12025550101", False, id="a country of one length"),
    ],
)
def test_a_number_with_too_many_digits_is_doubted(number: str, is_found: bool) -> None:
    found = found_by("number-length", with_country(number, "DE"))
    assert len(found) == is_found
    if found:
        assert number in found[0].message and "digit by digit" in found[0].hint


@pytest.mark.parametrize(
    ("key", "words", "mixed"),
    [
        pytest.param("name", "\u041effice one", "\u041effice", id="a Cyrillic letter in a name"),
        pytest.param("office", "De\u0440artment", "De\u0440artment", id="in an office"),
        pytest.param("care_of", "E. \u039custermann", "\u039custermann", id="a Greek letter"),
        pytest.param("name", "Office \u041c\u0418\u0414", None, id="each word in one alphabet"),
        pytest.param("office", "\u5916\u4ea4\u90e8 Beijing", None, id="Chinese beside Latin"),
    ],
)
def test_a_word_of_two_alphabets_is_shown(key: str, words: str, mixed: str | None) -> None:
    text = one(EMAIL, f"{key}: {words}") if key != "name" else GOOD.replace("Office one", words)
    found = found_by("look-alike", text)
    said = [f"{key}: {mixed} mixes letters of two alphabets"] if mixed else []
    assert [each.message for each in found] == said


@pytest.mark.parametrize(
    ("salutation", "is_found"),
    [
        pytest.param("Your Excellency", False, id="none"),
        pytest.param('"Your Excellency,"', True, id="a comma"),
        pytest.param('"Dear Sir:"', True, id="a colon"),
        pytest.param('"Dear Sir! "', True, id="an exclamation mark before a space"),
        pytest.param("Dear Ms. M.", False, id="a full stop of a name"),
    ],
)
def test_the_letter_writes_the_mark_behind_a_salutation(salutation: str, is_found: bool) -> None:
    text = GOOD.replace("salutation: Dear Madam or Sir", f"salutation: {salutation}")
    assert len(found_by("salutation", text)) == is_found


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param(with_zone("+12025550101", "America/New_York"), None, "", id="it agrees"),
        pytest.param(with_zone("+493023125012", None), None, "", id="the number says it"),
        pytest.param(
            with_zone("+493023125012", "Asia/Shanghai"),
            r"\+493023125012 is in Europe/Berlin, not in Asia/Shanghai: on 2026-11-24, at 08:00 "
            r"in Asia/Shanghai, it is 01:00 there",
            "remove timezone",
            id="it contradicts the number",
        ),
        pytest.param(
            with_zone("+18005550100", "Asia/Shanghai"),
            "is in .*, not in Asia/Shanghai",
            "write one of America/",
            id="it contradicts a number of several zones",
        ),
        pytest.param(
            with_zone("+12085550101", "Asia/Shanghai"),
            "is in .*, not in Asia/Shanghai",
            "write one of America/Los_Angeles, America/Boise",
            id="it contradicts a number of two zones",
        ),
        pytest.param(
            with_zone("+18005550100", None),
            "may be in several time zones",
            "add timezone: Area/City",
            id="a toll-free number",
        ),
        pytest.param(
            with_zone("+80012345678", None),
            "may be anywhere: it has no time zone of its own",
            "add timezone: Area/City",
            id="a freephone number of no country",
        ),
        pytest.param(
            with_zone("+12025550101", "America/New_Yorck"),
            "is not the name of a place",
            "did you mean America/New_York?",
            id="misspelt",
        ),
        pytest.param(
            with_zone("+12025550101", "localtime"),
            "is not the name of a place",
            "write it as Asia/Shanghai",
            id="no place",
        ),
        pytest.param(
            one(EMAIL).replace("America/New_York", "Nowhere"),
            "is not the name of a place",
            "write it as Asia/Shanghai",
            id="no place, of an e-mail",
        ),
        pytest.param(
            one(EMAIL).replace("    timezone: America/New_York\n", ""), None, "", id="an e-mail"
        ),
    ],
)
def test_a_fax_has_one_time_zone(text: str, message: str | None, hint: str) -> None:
    found = found_by("time-zone", text)
    assert len(found) == bool(message)
    if message:
        assert found[0].level == "error" and hint in found[0].hint
        assert re.search(message, found[0].message)


@pytest.mark.parametrize(("lines", "is_found"), [(5, False), (6, True)])
def test_an_address_with_the_name_has_six_lines(lines: int, is_found: bool) -> None:
    address = "\\n".join(f"line {number}" for number in range(lines))
    text = one(EMAIL, f'address: "{address}"')
    assert len(found_by("address-length", text)) == is_found


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(["role: cc", "copy_of: one"], None, id="of a letter"),
        pytest.param(["role: cc"], None, id="of any letter"),
        pytest.param(
            ["role: cc", "copy_of: two"],
            "copy_of names no recipient with role to: two",
            id="of itself",
        ),
        pytest.param(
            ["role: cc", "copy_of: on"],
            "copy_of names no recipient with role to: on",
            id="misspelt",
        ),
    ],
)
def test_a_copy_is_of_a_letter_that_goes(more: list[str], message: str | None) -> None:
    text = two('fax: "+12025550101"', EMAIL) + "".join(f"    {line}\n" for line in more)
    assert [each.message for each in found_by("copy-of", text)] == ([message] if message else [])


def test_copies_alone_are_of_nothing() -> None:
    [found] = found_by("copy-of", one(EMAIL, "role: cc"))
    assert found.message.startswith("a copy, but ") and found.place.line == 13


def test_a_letter_that_cannot_be_read_may_be_the_one_that_is_copied() -> None:
    text = two('fax: "+1 202"', EMAIL) + "    role: cc\n    copy_of: one\n"
    assert not found_by("copy-of", text)
