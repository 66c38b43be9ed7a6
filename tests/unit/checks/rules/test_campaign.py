"""Rules on the campaign: its accounts, its letter for each kind of recipient, its pace, its senders."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.campaign import recipients
from faxappeal.checks.rules.campaign import kinds
from tests.support.campaigns import RECIPIENT, write
from tests.support.checked import GOOD, SETTINGS, TODAY, found_in, written

FAX, EMAIL = "one +12025550101", "two office@example.org"
SMTP = '\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "mail.example.org"\n'


@pytest.mark.parametrize(
    ("listed", "settings", "said"),
    [
        pytest.param(
            [FAX],
            "",
            [("no account for fax is chosen", 'add account = "…" to [fax]')],
            id="no account",
        ),
        pytest.param(
            [FAX],
            '\n[fax]\naccount = "sinch"\n',
            [("the table [fax.sinch] is missing", "add [fax.sinch]")],
            id="no table",
        ),
        pytest.param(
            [FAX],
            '\n[fax]\naccount = "sinch"\n[fax.hylafax]\n',
            [("the table [fax.sinch] is missing", "add [fax.sinch]")],
            id="the table of another",
        ),
        pytest.param([FAX], '\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n', [], id="an account"),
        pytest.param(
            [EMAIL],
            '\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n',
            [("no account for email is chosen", 'add account = "…" to [email]')],
            id="one for faxes alone",
        ),
        pytest.param(
            [EMAIL],
            '\n[email]\naccount = "smtp"\n',
            [("the table [email.smtp] is missing", "add [email.smtp]")],
            id="no mail server",
        ),
        pytest.param([EMAIL], SMTP, [], id="a mail server"),
        pytest.param(
            [FAX, EMAIL],
            "",
            [
                ("no account for fax is chosen", 'add account = "…" to [fax]'),
                ("no account for email is chosen", 'add account = "…" to [email]'),
            ],
            id="none of both",
        ),
    ],
)
def test_each_channel_that_is_used_needs_its_account(
    tmp_path: Path, listed: list[str], settings: str, said: list[tuple[str, str]]
) -> None:
    found = found_in("account", write(tmp_path, listed, settings=settings))
    assert [(each.message, each.hint) for each in found] == said


# -- the letter ------------------------------------------------------------------------------------


def letter(body: str) -> str:
    return f"---\nsubject: Please answer\n---\n{body}\n"


def test_a_value_that_one_recipient_lacks_is_named_with_the_recipient(tmp_path: Path) -> None:
    second = RECIPIENT.format(id="two", contact="email: two@example.org")
    listed = GOOD + second.replace("    salutation: Dear Madam or Sir\n", "")
    [found] = found_in("letter", written(tmp_path, listed))
    assert (found.path, found.place.line, found.place.column) == ("letter.j2", 4, 4)
    assert "salutation" in found.message and found.message.endswith("(for two)")


def test_one_hole_in_many_letters_is_found_once(tmp_path: Path) -> None:
    more = RECIPIENT.format(id="two", contact="email: two@example.org") + "    language: en\n"
    folder = written(tmp_path, GOOD + more, letter("{{ to.office }},\n\nplease answer."))
    [found] = found_in("letter", folder)
    assert found.message.endswith("(for one)")


def test_a_template_that_cannot_be_read_is_left_to_its_own_finding(tmp_path: Path) -> None:
    assert not found_in("letter", written(tmp_path, letter=letter("{{ to.salutation }")))


def test_a_letter_that_can_be_written_for_all_is_good(tmp_path: Path) -> None:
    assert not found_in("letter", written(tmp_path))


# -- kinds of recipients ---------------------------------------------------------------------------


def ids_of(text: str) -> list[str]:
    return [recipient.id for recipient in kinds(recipients.read(text))]


def entry(id: str, *more: str, contact: str | None = None) -> str:
    text = RECIPIENT.format(id=id, contact=contact or f"email: {id}@example.org")
    return text + "".join(f"    {line}\n" for line in more)


@pytest.mark.parametrize(
    ("entries", "ids"),
    [
        pytest.param([entry("one"), entry("two")], ["one"], id="two of a kind"),
        pytest.param(
            [entry("one", "language: en"), entry("two", "language: de")],
            ["one", "two"],
            id="two languages",
        ),
        pytest.param(
            [entry("one"), entry("two", "office: B")], ["one", "two"], id="more to fill in"
        ),
        pytest.param(
            [entry("one"), entry("two", 'office: ""')], ["one"], id="an empty value is no value"
        ),
        pytest.param(
            [entry("one"), entry("two", "role: cc", "copy_of: one")], ["one", "two"], id="a copy"
        ),
        pytest.param(
            [entry("one", contact='fax: "+1 202"'), entry("two", "role: cc", "copy_of: one")],
            [],
            id="a copy of what cannot be read",
        ),
        pytest.param(
            [entry("one", contact='fax: "+1 202"'), entry("two")], ["two"], id="beside such a one"
        ),
    ],
)
def test_one_recipient_stands_for_all_of_a_kind(entries: list[str], ids: list[str]) -> None:
    assert ids_of("recipients:\n" + "".join(entries)) == ids


# -- pacing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "is_found"),
    [
        ("08:00-20:00", False),
        ("09:00-17:00", False),
        ("07:59-20:00", True),
        ("08:00-20:01", True),
        ("08:00-24:00", True),
    ],
)
def test_no_telephone_rings_early_or_late(tmp_path: Path, hours: str, is_found: bool) -> None:
    folder = written(tmp_path, settings=SETTINGS.replace("08:00-20:00", hours))
    found = found_in("pacing", folder)
    assert len(found) == is_found
    if found:
        assert found[0].place.line == 14 and hours in found[0].message


@pytest.mark.parametrize(
    ("attempts", "time", "is_found"),
    [
        pytest.param(5, "7d", False, id="a week"),
        pytest.param(5, "30m", True, id="half an hour"),
        pytest.param(5, "179m", True, id="a minute too little for three more"),
        pytest.param(5, "3h", False, id="just enough for three more"),
        pytest.param(2, "30m", False, id="two go at once"),
        pytest.param(1, "30m", False, id="one"),
    ],
)
def test_more_attempts_need_more_time(
    tmp_path: Path, attempts: int, time: str, is_found: bool
) -> None:
    settings = SETTINGS.replace("7d", time) + f"attempts = {attempts}\n"
    found = found_in("pacing", written(tmp_path, settings=settings))
    assert [(each.place.line, each.message) for each in found] == (
        [(15, f"{attempts} attempts take longer than give_up_after")] if is_found else []
    )


# -- senders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "is_found"), [("2026-11-23", False), ("2026-11-24", False), ("2026-11-25", True)]
)
def test_a_sender_agreed_before_today(tmp_path: Path, day: str, is_found: bool) -> None:
    folder = written(tmp_path)
    (folder / "senders.csv").write_text(
        f"id,name,place,consent\ns-0001,Erika Mustermann,Berlin,{day}\n"
    )
    (folder / "senders.csv").chmod(0o600)
    found = found_in("consent-in-future", folder, TODAY)
    assert [(each.path, each.place.line, each.message) for each in found] == (
        [("senders.csv", 2, f"consent {day} of s-0001 is in the future")] if is_found else []
    )
    assert "Erika" not in str(found), "no name in a report"
