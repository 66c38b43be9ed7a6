"""A check of a contact, written into the list: only its own lines change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxappeal.campaign import recipients
from faxappeal.campaign.contact import Channel, Contact
from faxappeal.campaign.recipients_editor import Verification, verified
from faxappeal.core.errors import UsageError
from tests.support.examples import examples

CHECK = Verification(
    date(2026, 11, 24), 'E. "Eri" Mustermann', "call", "https://www.example.org/#fax"
)
LIST = """\
# who answers for it
recipients:
  - id: one  # the first
    name: "Office #1"
    country: US
    source: letterhead of 2020   # old
    fax: "+1 202 555 0101"       # third floor
    status: unverified
    # a remark
  - id: two
    name: Office Two
    country: US
    source: abc
    fax:
      number: '+1 202 555 0102'  # by day
      status: retired
    email: office@example.org
  - {id: three, name: Three, country: US, source: abc, email: three@example.org}
  - id: four
    name: Four
    country: US
    source: >-
      a long
      story
    timezone: America/New_York
    fax: {number: "+1 202 555 0104", status: unverified}
    email: four@example.org
    note: |
      one line
      another
"""


def contact(text: str, id: str, channel: Channel) -> Contact:
    read = recipients.read(text)
    assert not read.findings
    person = read.get(id)
    assert person
    return next(each for each in person.contacts if each.channel == channel)


def test_the_only_contact_has_its_evidence_beside_it() -> None:
    after = verified(LIST, "one", "fax", CHECK)
    head, mark, tail = after.partition("  - id: two")
    assert (
        head
        == """\
# who answers for it
recipients:
  - id: one  # the first
    name: "Office #1"
    country: US
    source: "https://www.example.org/#fax"   # old
    fax: "+1 202 555 0101"       # third floor
    status: active
    last_verified: 2026-11-24
    verified_by: "E. \\"Eri\\" Mustermann"
    method: call
    # a remark
"""
    )
    assert LIST.endswith(mark + tail)
    found = contact(after, "one", "fax")
    assert (found.status, found.verified_by) == ("active", 'E. "Eri" Mustermann')


def test_a_contact_with_evidence_of_its_own_keeps_it_there() -> None:
    after = verified(LIST, "two", "fax", CHECK)
    assert contact(after, "two", "fax").last_verified == CHECK.day
    assert contact(after, "two", "email").status == "unverified"
    assert "number: '+1 202 555 0102'  # by day" in after


def test_one_of_two_contacts_gets_evidence_of_its_own() -> None:
    after = verified(LIST, "two", "email", CHECK)
    assert "    email:\n      address: office@example.org\n      source:" in after
    assert contact(after, "two", "fax").status == "retired"
    assert contact(after, "two", "email").status == "active"


def test_a_contact_in_braces_stays_on_its_line() -> None:
    after = verified(LIST, "four", "fax", CHECK)
    assert contact(after, "four", "fax").method == "call"
    assert len(after.splitlines()) == len(LIST.splitlines())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_line_ends_stay_as_they_are(newline: str, end: str) -> None:
    text = "\ufeff" + LIST.partition("  - id: two")[0].rstrip() + end
    after = verified(text.replace("\n", newline), "one", "fax", CHECK)
    assert after.startswith("\ufeff#") and ("\r\n" in after) == (newline == "\r\n")
    assert "\n" not in after.replace(newline, "")


def test_a_recipient_on_one_line_is_left_to_a_person() -> None:
    with pytest.raises(UsageError) as refused:
        verified(LIST, "three", "email", CHECK)
    assert refused.value.message == "three is written on one line"
    assert "a line of its own" in refused.value.hint


def test_a_recipient_on_one_line_may_have_a_contact_in_braces() -> None:
    text = (
        "recipients:\n  - {id: one, name: One, country: US, source: abc,"
        ' fax: {number: "+12025550101", status: unverified, valid_until: 2027-03-31}}\n'
    )
    found = contact(verified(text, "one", "fax", CHECK), "one", "fax")
    assert (found.status, found.last_verified) == ("active", CHECK.day)
    assert found.valid_until == date(2027, 3, 31), "what was not checked stays"


def test_a_check_without_a_source_leaves_the_files_own() -> None:
    found = contact(verified(LIST, "one", "fax", replace(CHECK, source=None)), "one", "fax")
    assert (found.source, found.method) == ("letterhead of 2020", "call")


def test_new_keys_stand_behind_the_contact_where_there_is_no_status() -> None:
    text = LIST.partition("  - id: two")[0].replace("    status: unverified\n", "")
    lines = verified(text, "one", "fax", CHECK).splitlines()
    at = next(number for number, line in enumerate(lines) if "fax:" in line)
    assert [line.split(":")[0].strip() for line in lines[at + 1 : at + 5]] == [
        "status", "last_verified", "verified_by", "method",
    ]  # fmt: skip


def test_a_check_that_is_made_again_writes_over_the_last_one() -> None:
    once = verified(LIST, "one", "fax", CHECK)
    later = replace(CHECK, day=date(2027, 3, 1), by="A. Person", method="letterhead")
    twice = verified(once, "one", "fax", later)
    found = contact(twice, "one", "fax")
    assert (found.last_verified, found.verified_by) == (later.day, "A. Person")
    assert found.method == "letterhead"
    assert len(twice.splitlines()) == len(once.splitlines())


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(">-\n      a long\n      story", id="a folded text"),
        pytest.param("|\n      one line\n      another", id="a text of lines"),
        pytest.param("plain\n      over two lines", id="plain, over two lines"),
        pytest.param("'single'", id="in quotes"),
    ],
)
def test_a_source_of_several_lines_is_replaced_whole(source: str) -> None:
    text = LIST.replace("letterhead of 2020   # old", source)
    found = contact(verified(text, "one", "fax", CHECK), "one", "fax")
    assert (found.source, found.status) == (CHECK.source, "active")


def test_a_name_with_quotes_and_backslashes_stays_that_name() -> None:
    by = 'E. "Eri" Must\\ermann: #1'
    found = contact(verified(LIST, "one", "fax", replace(CHECK, by=by)), "one", "fax")
    assert found.verified_by == by


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["Unix", "Windows"])
def test_a_list_whose_last_line_has_no_end_gets_the_check_below_it(newline: str) -> None:
    text = "recipients:\n  - id: one\n    name: One\n    country: US\n    source: abc\n"
    text = (text + "    email: one@example.org").replace("\n", newline)
    after = verified(text, "one", "email", replace(CHECK, source=None))
    assert after.startswith(text + newline) and not after.endswith(newline)
    assert contact(after, "one", "email").last_verified == CHECK.day


# -- lists of all kinds ----------------------------------------------------------------------------

WORDS = st.sampled_from(["plain", '"quoted"', "'single'", '"with # in it"', "https://example.org"])
COMMENT = st.sampled_from(["", "  # a comment", "   #"])


@st.composite
def lists(draw: st.DrawFn) -> str:
    lines = [draw(st.sampled_from(["# head", "", "# yaml"])), "recipients:"]
    pad = draw(st.sampled_from(["", "  ", "    "]))
    for number in range(draw(st.integers(1, 4))):
        keys = [f"name: Office {number}", "country: US", f"source: {draw(WORDS)}"]
        has_fax, has_email = draw(st.sampled_from([(1, 0), (0, 1), (1, 1)]))
        if has_fax:
            fax = f'"+1 202 555 01{number:02}"'
            keys.append(draw(st.sampled_from([f"fax: {fax}", f"fax: {{number: {fax}}}"])))
        if has_email:
            keys.append(f"email: o{number}@example.org")
        if draw(st.booleans()):
            keys.append("status: unverified")
        if draw(st.booleans()):
            keys.append("last_verified: 2020-01-01")
        keys = draw(st.permutations(keys))
        for place, key in enumerate([f"id: r{number}", *keys]):
            lines.append(f"{pad}{'  ' if place else '- '}{key}{draw(COMMENT)}")
            if place and draw(st.integers(0, 5)) == 0:
                lines.append(draw(st.sampled_from(["", f"{pad}  # between", "# at the edge"])))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n# the end\n"]))


@settings(max_examples=examples(1_000), deadline=None)
@given(lists(), st.integers(0, 3), st.booleans(), st.booleans())
def test_nothing_but_its_own_lines_changes(
    text: str, which: int, email: bool, with_source: bool
) -> None:
    before = recipients.read(text)
    assert not [each for each in before.findings if each.level == "error"]
    person = list(before)[which % len(before.recipients)]
    chosen = person.contacts[email % len(person.contacts)]
    check = CHECK if with_source else Verification(CHECK.day, CHECK.by, CHECK.method, None)
    after = verified(text, person.id, chosen.channel, check)
    read = recipients.read(after)
    assert [each for each in read if each.id != person.id] == [
        each for each in before if each.id != person.id
    ]
    now = read.get(person.id)
    assert now
    [found] = [each for each in now.contacts if each.channel == chosen.channel]
    assert (found.status, found.last_verified, found.address) == (
        "active",
        CHECK.day,
        chosen.address,
    )
    assert [c for c in now.contacts if c != found] == [c for c in person.contacts if c != chosen]
    heads = [f"id: r{number}" for number in range(4)]
    kept = [line for line in text.split("\n") if line.strip() and not any(h in line for h in heads)]
    for line in kept:
        own = any(key in line for key in ("source", "status", "verified", "fax:", "email:"))
        assert own or line in after.split("\n"), line
    assert verified(after, person.id, chosen.channel, check) == after, "twice is once"
