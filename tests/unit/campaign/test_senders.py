"""senders.csv: who signs, and what is wrong with a line."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from faxappeal.campaign import senders
from faxappeal.campaign.senders import Signatory
from faxappeal.core.finding import Location

HEAD = "id,name,place,consent\n"
TWO = f"{HEAD}s-1,Paula Beispiel,Wien,2026-11-20\ns-2,Max Muster,,2026-11-21\n"


@pytest.mark.parametrize(
    "text",
    [
        TWO,
        "\ufeff" + TWO,
        TWO.replace(",", ";"),
        TWO.replace(",", "\t").replace("\n", "\r\n"),
        TWO.replace("id,name", "ID, Name") + "\n",
        'consent,id,place,telephone,name\n2026-11-20,s-1,Wien,1,"Paula Beispiel"\n'
        "2026-11-21,s-2,,2,Max Muster\n",
    ],
    ids=["commas", "byte order mark", "semicolons", "tabs", "capitals", "other columns"],
)
def test_a_table_as_spreadsheets_write_it(text: str) -> None:
    signatories, findings = senders.read(text)
    assert not findings
    assert signatories == (
        Signatory("s-1", "Paula Beispiel", "Wien", date(2026, 11, 20)),
        Signatory("s-2", "Max Muster", "", date(2026, 11, 21)),
    )


@pytest.mark.parametrize(
    ("text", "rule", "line", "column", "words"),
    [
        ("", "senders-file", 1, 1, "no column id"),
        ("id,name,place\n", "senders-file", 1, 1, "no column consent"),
        ("id,nmae,consent\n", "senders-file", 1, 1, "no column name"),
        (HEAD + 's-1,"Paula\n', "senders-file", 2, 1, "not a table"),
        (HEAD + "s-1,,Wien,2026-11-20\n", "sender", 2, 1, "name is empty"),
        (HEAD + "a@example.org,P,,2026-11-20\n", "sender", 2, 1, "not in the right form"),
        (TWO + "s-1,P,,2026-11-20\n", "sender", 4, 1, "in line 2 already"),
        (HEAD + "s-1,P\u202eB,,2026-11-20\n", "sender", 2, 5, "invisible"),
        (HEAD + f"s-1,{'P' * 201},,2026-11-20\n", "sender", 2, 5, "too long"),
        (HEAD + "s-1,P,Wien, Graz,2026-11-20\n", "sender", 2, 1, "more values than columns"),
        (HEAD + "s-1,P,Wien,\n", "consent", 2, 1, "nobody has agreed"),
        (HEAD + "s-1,P,Wien\n", "consent", 2, 1, "nobody has agreed"),
        (HEAD + "s-1,P,Wien,20.11.2026\n", "consent", 2, 12, "is no day"),
        (HEAD + "s-1,P,Wien,2026-02-30\n", "consent", 2, 12, "is no day"),
        (HEAD + f"s-1,P,{'W' * 201},2026-11-20\n", "sender", 2, 7, "place: too long"),
        (HEAD + f"{'s' * 61},P,,2026-11-20\n", "sender", 2, 1, "not in the right form"),
        (HEAD + ",P,,2026-11-20\n", "sender", 2, 1, "not in the right form"),
        (HEAD + "\n\ns-1,,Wien,2026-11-20\n", "sender", 4, 1, "name is empty"),
        (HEAD + 's-1,"Pau\nla",,2026-11-20\n', "sender", 2, 1, "invisible"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    text: str, rule: str, line: int, column: int, words: str
) -> None:
    _, [finding] = senders.read(text)
    assert (finding.rule, finding.place.line, finding.place.column) == (rule, line, column)
    assert words in finding.message and finding.hint


def test_a_file_without_senders_is_a_good_file() -> None:
    assert senders.read(HEAD) == ((), [])


def test_everything_that_is_wrong_with_a_line_is_said_at_once() -> None:
    signatories, findings = senders.read(HEAD + "a b,,Wien,soon\n")
    assert not signatories
    assert [(each.rule, each.place.column) for each in findings] == [
        ("sender", 1), ("sender", 1), ("consent", 11),
    ]  # fmt: skip


def test_one_wrong_line_takes_no_other_with_it() -> None:
    signatories, findings = senders.read(TWO + "s-3,,,2026-11-21\ns-4,Eva Example,,2026-11-21\n")
    assert [each.id for each in signatories] == ["s-1", "s-2", "s-4"]
    assert len(findings) == 1


def test_lines_before_a_broken_quote_are_read() -> None:
    signatories, [finding] = senders.read(TWO + 's-3,"Eva" Example,,2026-11-21\n')
    assert [each.id for each in signatories] == ["s-1", "s-2"]
    assert (finding.rule, finding.place.line) == ("senders-file", 4)


@pytest.mark.parametrize(
    ("head", "hint"),
    [
        ("id,nmae,consent", "is nmae meant?"),
        ("id;name;consnet", "is consnet meant?"),
        ("id,name,place", "the first line names them: id, name, consent, place"),
        ("number,surname,agreed", "the first line names them: id, name, consent, place"),
    ],
)
def test_a_missing_column_is_guessed_or_all_are_named(head: str, hint: str) -> None:
    _, [finding] = senders.read(f"{head}\n")
    assert finding.hint == hint


def test_a_finding_quotes_no_control_character() -> None:
    _, [finding] = senders.read(HEAD + "a\x1b[31m,P,,2026-11-20\n")
    assert "\x1b" not in finding.message and "\\u001b" in finding.message


def test_where_somebody_agreed_is_known() -> None:
    [paula, _], _ = senders.read(TWO)
    assert paula.consent_at == Location(2, 25)


@pytest.mark.parametrize(
    ("place", "line"), [("Wien", "Paula Beispiel, Wien"), ("", "Paula Beispiel")], ids=str
)
def test_a_name_as_it_stands_under_the_letter(place: str, line: str) -> None:
    assert Signatory("s-1", "Paula Beispiel", place, date(2026, 11, 20)).line == line


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
@pytest.mark.parametrize(
    ("mode", "is_open"),
    [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o644, True), (0o602, True)],
    ids=oct,
)
def test_the_file_is_its_owners_alone(tmp_path: Path, mode: int, is_open: bool) -> None:
    path = tmp_path / senders.FILE
    path.write_text(TWO)
    path.chmod(mode)
    findings = senders.open_to_others(path)
    assert bool(findings) == is_open
    assert all(each.hint == "chmod 600 senders.csv" for each in findings)
