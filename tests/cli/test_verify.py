"""`faxappeal verify`: a person's check, written into the list and nowhere else."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxappeal.campaign import recipients
from faxappeal.campaign.recipients import Channel, Contact
from faxappeal.campaign.recipients_editor import Verification, verified
from faxappeal.core.lifecycle import HoldReason
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
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


def test_a_contact_in_braces_is_written_anew() -> None:
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


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _today(clock: FakeClock) -> None:
    """A Tuesday in November 2026."""


def test_a_stale_contact_goes_after_it_was_checked(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n')
    path = folder / "recipients.yaml"
    path.write_text(path.read_text().replace("2026-11-01", "2025-11-01"))
    assert "held: stale" in run("send", "--dry-run", folder=folder).out
    path.chmod(0o640)
    ended = run("verify", "one", "--method", "call", folder=folder)
    assert ended.code == 0 and "checked 2026-11-24 by Erika Mustermann (call)" in ended.out
    assert path.stat().st_mode & 0o777 == 0o640
    assert "held" not in run("send", "--dry-run", folder=folder).out
    assert run("check", "--strict", folder=folder).code == 0


def test_a_voice_is_forgiven_when_somebody_has_asked(tmp_path: Path) -> None:
    from faxappeal.campaign.delivery import keyed
    from faxappeal.ledger import rows
    from faxappeal.ledger.location import default_path
    from faxappeal.ledger.sqlite import SqliteStore

    folder = write(tmp_path, settings='\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n')
    with SqliteStore(default_path()).open() as ledger, ledger.transaction() as connection:
        key = keyed(ledger.key)("address", "fax", "+12025550101")
        rows.put_hold(connection, key, HoldReason.VOICE, FakeClock().now(), "nobody")
    assert "held: voice" in run("send", "--dry-run", folder=folder).out
    before = (folder / "recipients.yaml").read_text()
    refused = run("verify", "one", "--method", "website", folder=folder)
    assert refused.code == 2 and "verify one --method call" in refused.err, "a page cannot know"
    assert (folder / "recipients.yaml").read_text() == before
    ended = run("verify", "one", "--method", "call", "--by", "A. Person", folder=folder)
    assert "It was held: voice" in ended.out
    assert "held" not in run("send", "--dry-run", folder=folder).out
    again = run("verify", "one", "--method", "call", "--json", folder=folder)
    assert json.loads(again.out)["data"]["lifted"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["onne", "--method", "call"], "did you mean one?"),
        (["one", "--method", "call", "--channel", "email"], "one has no email"),
        (["two", "--method", "call"], "add --channel fax, or email"),
        (["three", "--method", "call"], "does not want to be written to"),
        (["four", "--method", "call"], "give each of its keys a line of its own"),
    ],
)
def test_what_cannot_be_verified(tmp_path: Path, words: list[str], told: str) -> None:
    folder = write(tmp_path, ["one +12025550101", "two +12025550102", "three +12025550103"])
    path = folder / "recipients.yaml"
    text = path.read_text().replace(
        '    fax: "+12025550102"', '    fax: "+12025550102"\n    email: two@example.org'
    )
    head, three, tail = text.partition("  - id: three")
    text = head + three + tail.replace("status: active", "status: opted_out")
    path.write_text(
        text + '  - {id: four, name: Four, country: US, source: abc, fax: "+12025550104"}\n'
    )
    before = path.read_bytes()
    ended = run("verify", *words, folder=folder)
    assert ended.code == 2 and told in ended.err
    assert path.read_bytes() == before


def test_a_retired_office_stays_retired_until_a_person_edits_its_line(tmp_path: Path) -> None:
    """The stricter status counts: one checked number does not bring the whole office back."""
    folder = write(tmp_path, ["one +12025550101"])
    path = folder / "recipients.yaml"
    text = path.read_text().replace("status: active", "status: retired")
    path.write_text(text.replace("    source:", "    email: one@example.org\n    source:"))
    before = path.read_bytes()
    ended = run("verify", "one", "--channel", "fax", "--method", "call", folder=folder)
    assert ended.code == 2 and "status: retired" in ended.err and "by hand" in ended.err
    assert path.read_bytes() == before


def test_a_full_disk_loses_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path)
    before = (folder / "recipients.yaml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    ended = run("verify", "one", "--method", "call", folder=folder)
    assert ended.code == 5 and "No space left" in ended.err
    assert (folder / "recipients.yaml").read_bytes() == before
    assert {path.name for path in folder.iterdir()} == {
        "recipients.yaml",
        "letter.j2",
        "faxappeal.toml",
    }
