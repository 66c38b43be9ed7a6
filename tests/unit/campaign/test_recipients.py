"""recipients.yaml: what is read, and what is refused at which line and column."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxappeal.campaign.recipients import Recipients, read
from faxappeal.core.finding import Location
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


def test_what_a_recipient_is_can_be_read_back() -> None:
    [recipient] = read(
        HEAD.replace("Ministry of Justice", '" Ministry of Justice "')
        + "    office: Department of Petitions\n    care_of: Embassy\n    timezone: Asia/Shanghai\n"
        + "    salutation: Your Excellency\n    language: zh-Hans\n    role: cc\n    copy_of: other\n"
        + "    note: for us\n    email: office@EXAMPLE.org\n"
        + "    address: |\n      1 Example Street\n\n        Example City  \n"
    )
    assert recipient.name == "Ministry of Justice"
    assert (recipient.office, recipient.care_of) == ("Department of Petitions", "Embassy")
    assert recipient.address == ("1 Example Street", "Example City")
    assert (recipient.timezone, recipient.language) == ("Asia/Shanghai", "zh-Hans")
    assert (recipient.salutation, recipient.note) == ("Your Excellency", "for us")
    assert (recipient.role, recipient.copy_of) == ("cc", "other")
    [email] = recipient.contacts
    assert (email.channel, email.raw_address) == ("email", "office@EXAMPLE.org")
    assert email.address == "office@example.org"


def test_the_fax_comes_before_the_email() -> None:
    [recipient] = read(GOOD.replace("    fax", "    email: office@example.org\n    fax"))
    assert [contact.channel for contact in recipient.contacts] == ["fax", "email"]


def test_the_status_of_a_contact_is_the_stricter_of_two() -> None:
    [recipient] = read(
        HEAD + '    status: opted_out\n    fax: {number: "+86 10 6520 6722", status: active}\n'
    )
    assert recipient.fax and recipient.fax.status == "opted_out"


def test_what_a_contact_does_not_say_of_itself_the_office_says() -> None:
    [recipient] = read(
        HEAD
        + "    last_verified: 2026-11-01\n    verified_by: A\n    method: call\n"
        + "    valid_until: 2027-01-01\n"
        + '    fax: {number: "+86 10 6520 6722", verified_by: B, last_verified: 2026-10-01}\n'
    )
    fax = recipient.fax
    assert fax and (fax.verified_by, fax.last_verified) == ("B", date(2026, 10, 1))
    assert (fax.method, fax.valid_until) == ("call", date(2027, 1, 1))
    assert fax.source == "appeal of 2003"


# -- the list as a whole -----------------------------------------------------------------------

LINE = """  - id: {id}
    name: Ministry of Justice
    country: US
    source: letterhead
    fax: "+1 202 555 01{number}"
"""
LINES = [LINE.format(id=id, number=n) for id, n in (("first", 11), ("second", 12), ("copy", 13))]
THREE = "recipients:\n" + "".join(LINES) + "    role: cc\n"


def test_a_list_is_in_the_files_order_and_knows_each_by_its_id() -> None:
    recipients = read(THREE, "offices.yaml")
    assert [each.id for each in recipients] == ["first", "second", "copy"]
    found = recipients.get("copy")
    assert found and found.role == "cc" and [*recipients.copies] == [found]
    assert recipients.get("other") is None
    assert recipients.path == "offices.yaml"


def test_an_office_with_two_lines_is_one_addressee_and_its_copy_another() -> None:
    recipients = read(THREE)
    first, second, copy = recipients
    assert recipients.desk(first) == recipients.desk(second) == [first, second]
    assert recipients.desk(copy) == [copy]


def test_a_value_has_its_place_and_what_is_not_there_that_of_the_recipient() -> None:
    recipients = read(THREE)
    _, second, _ = recipients
    assert recipients.place(second, "name") == Location(8, 11)
    assert recipients.place(second, "timezone") == Location(7, 5)
    assert recipients.place(second) == Location(7, 5)


def test_the_others_are_read_where_one_is_broken() -> None:
    recipients = read(THREE.replace("+1 202 555 0112", "0112"))
    assert [each.id for each in recipients] == ["first", "copy"]
    assert [each["id"] for each in recipients.unread] == ["second"]
    copy = recipients.get("copy")
    assert copy and recipients.place(copy, "id") == Location(12, 9)


def test_of_two_with_one_id_the_first_counts() -> None:
    recipients = read(GOOD + GOOD.removeprefix("recipients:\n").replace("Justice", "Health"))
    assert [each.name for each in recipients] == ["Ministry of Justice"]
    [finding] = recipients.findings
    assert finding.message == "id cn-justice is used already on line 2"


@pytest.mark.parametrize(
    ("text", "line", "column", "rule", "words"),
    [
        pytest.param("- id: one\n", 1, 1, "bad-value", "must be a mapping", id="a list"),
        pytest.param(
            "{}\n", 1, 1, "bad-value", "at least one recipient", id="a mapping of nothing"
        ),
        pytest.param("recipients: one\n", 1, 13, "bad-value", "must be a list", id="a word"),
        pytest.param("recipients: {}\n", 1, 13, "bad-value", "must be a list", id="a mapping"),
        pytest.param("recipients:\n", 1, 12, "bad-value", "must be a list", id="nothing"),
        pytest.param("", 1, 1, "yaml-syntax", "the file is empty", id="an empty file"),
        pytest.param("# a note\n", 1, 1, "yaml-syntax", "the file is empty", id="a comment"),
    ],
)
def test_a_file_that_is_no_list(text: str, line: int, column: int, rule: str, words: str) -> None:
    recipients = read(text)
    assert not list(recipients)
    [finding] = recipients.findings
    assert (finding.place.line, finding.place.column, finding.rule) == (line, column, rule)
    assert words in finding.message


def test_a_key_beside_the_list_is_unknown() -> None:
    recipients = read("sender: x\n" + GOOD)
    [finding] = recipients.findings
    assert (finding.rule, finding.place) == ("unknown-key", Location(1, 1))
    assert "sender" in finding.message and len(list(recipients)) == 1


@pytest.mark.parametrize(
    "text",
    ["recipients:\n  - one\n", "recipients:\n  - [a]\n", "recipients:\n  -\n"],
    ids=["a word", "a list", "nothing"],
)
def test_an_entry_that_is_no_mapping(text: str) -> None:
    recipients = read(text)
    [finding] = recipients.findings
    assert finding.message == "a recipient must be a mapping" and finding.place.line == 2
    assert not recipients.unread


def test_a_number_is_compared_with_the_recipients_country_for_its_hint() -> None:
    text = GOOD.replace("+86 10 6520 6722", "010 6520 6722")
    assert [each.hint for each in read(text).findings] == ['write "+86 10 6520 6722"']
    unknown = text.replace("CN", "China")
    assert 'write "' not in "".join(
        f.hint for f in read(unknown).findings if f.rule == "fax-number"
    )


# -- what is refused -------------------------------------------------------------------------


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
