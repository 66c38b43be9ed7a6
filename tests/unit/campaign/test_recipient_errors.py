"""What is wrong with an entry, in words that help, at the line where it is."""

from __future__ import annotations

import pytest

from faxappeal.campaign.recipients import read
from faxappeal.core.finding import Finding

HEAD = """recipients:
  - id: one
    name: Office One
    country: US
    source: letterhead
"""
FAX = '    fax: "+12025550101"\n'
GOOD = HEAD + FAX


def finding_of(text: str) -> Finding:
    [finding] = read(text).findings
    return finding


def test_the_entry_that_is_broken_is_good() -> None:
    assert not read(GOOD).findings


@pytest.mark.parametrize(
    ("key", "line"),
    [("id", "  - id: one\n"), ("name", "    name: Office One\n"), ("country", "    country: US\n"),
     ("source", "    source: letterhead\n")],
    ids=["id", "name", "country", "source"],
)  # fmt: skip
def test_a_missing_key_is_to_be_added_to_its_recipient(key: str, line: str) -> None:
    text = GOOD.replace(line, "") if key != "id" else GOOD.replace("id: one\n    name", "name")
    finding = finding_of(text)
    assert (finding.rule, finding.message) == ("missing-key", f"{key} is missing")
    assert finding.hint == f"add {key}: …" and finding.place.line == 2


@pytest.mark.parametrize(
    ("contact", "key"),
    [("fax: {status: active}", "number"), ("email: {source: call}", "address")],
    ids=["fax", "email"],
)
def test_a_contact_without_its_address(contact: str, key: str) -> None:
    finding = finding_of(f"{HEAD}    {contact}\n")
    assert (finding.rule, finding.message) == ("missing-key", f"{key} is missing")
    assert finding.place.line == 6


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        pytest.param("    stauts: active\n", "did you mean status?", id="of the recipient"),
        pytest.param("    adress: x\n", "did you mean address?", id="an address of the post"),
        pytest.param("    xyzzy: x\n", "", id="like nothing"),
    ],
)
def test_an_unknown_key_is_guessed(line: str, hint: str) -> None:
    finding = finding_of(GOOD + line)
    assert (finding.rule, finding.hint) == ("unknown-key", hint)
    assert (finding.place.line, finding.place.column) == (7, 5)


@pytest.mark.parametrize(
    ("contact", "hint"),
    [
        ("fax:\n      number: '+12025550101'\n      nmber: x", "did you mean number?"),
        ("email:\n      address: a@example.org\n      adress: x", "did you mean address?"),
        ("fax:\n      number: '+12025550101'\n      salutation: x", ""),
    ],
    ids=["of a fax", "of an e-mail", "of a recipient"],
)
def test_an_unknown_key_of_a_contact_is_guessed_among_a_contacts(contact: str, hint: str) -> None:
    finding = finding_of(f"{HEAD}    {contact}\n")
    assert (finding.rule, finding.hint, finding.place.line) == ("unknown-key", hint, 8)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        pytest.param(
            "status: actve", "status must be 'unverified', 'active', 'retired' or 'opted_out'",
            "did you mean active?", id="a misspelt status",
        ),
        pytest.param(
            "method: letter", "method must be 'website', 'call' or 'letterhead'",
            "did you mean letterhead?", id="half a method",
        ),
        pytest.param("role: bcc", "role must be 'to' or 'cc'", "did you mean cc?", id="a role"),
        pytest.param(
            "status: 1", "status must be 'unverified', 'active', 'retired' or 'opted_out'", "",
            id="like no status",
        ),
        pytest.param(
            "last_verified: 1 November", "last_verified is not a date", "write it as 2026-11-01",
            id="a day in words",
        ),
        pytest.param(
            "valid_until: 2026-02-30", "valid_until is not a date", "write it as 2026-11-01",
            id="a day that never comes",
        ),
        pytest.param(
            "last_verified: 2026-11-01T10:30", "last_verified is not a date",
            "write it as 2026-11-01", id="a day with a time",
        ),
        pytest.param(
            "language: English!", "language: not in the right form",
            "a language tag of BCP 47: en or zh-Hans", id="a language",
        ),
        pytest.param("office: [a]", "office must be a text", "", id="a list for a text"),
        pytest.param("email: [a]", "email must be a mapping", "", id="a list for a contact"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_said_with_what_is_right(line: str, message: str, hint: str) -> None:
    text = GOOD + f"    {line}\n"
    found = [each for each in read(text).findings if each.rule != "unquoted-value"]
    [finding] = found
    assert (finding.level, finding.rule) == ("error", "bad-value")
    assert (finding.message, finding.hint) == (message, hint)
    key = line.split(":")[0]
    assert (finding.place.line, finding.place.column) == (7, 5 + len(key) + 2)


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("id: one", "id: One", "id: not in the right form",
         "small letters, digits and hyphens: state-council"),
        ("country: US", "country: usa", "country: not in the right form",
         "two capital letters of ISO 3166-1: CN"),
        ("name: Office One", "name: X", "name: should have at least 2 characters", ""),
        ("source: letterhead", "source: ab", "source: should have at least 3 characters", ""),
        ("Office One", "O" * 201, "name: should have at most 200 characters", ""),
    ],
    ids=["id", "country", "a short name", "a short source", "a long name"],
)  # fmt: skip
def test_a_value_in_the_wrong_form(old: str, new: str, message: str, hint: str) -> None:
    finding = finding_of(GOOD.replace(old, new))
    assert (finding.message, finding.hint) == (message, hint)


def test_a_wrong_status_of_a_contact_is_guessed_from_its_own_words() -> None:
    contact = "    fax:\n      number: '+12025550101'\n      status: retird\n"
    finding = finding_of(HEAD + "    status: active\n" + contact)
    assert finding.hint == "did you mean retired?"
    assert (finding.place.line, finding.place.column) == (9, 15)


def test_an_escape_in_an_unknown_key_reaches_no_terminal() -> None:
    findings = read(GOOD + '    "a\\e[31m": x\n').findings
    assert findings and all("\x1b" not in each.message for each in findings)


def test_a_wrong_number_is_not_hidden_by_a_misspelt_key() -> None:
    text = (
        "recipients:\n  - id: one\n    nmae: Office\n    country: US\n    source: abc\n"
        "    fax: 202 555 0101\n    email:\n      address: nobody\n"
    )
    found = {(each.rule, each.place.line) for each in read(text).findings}
    assert {("unknown-key", 3), ("fax-number", 6), ("email-address", 8)} <= found
