"""`log` and `status` as tables: what a spreadsheet must not work out, and which rows are shown."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from rich.console import Console as RichConsole
from rich.text import Text

from faxappeal.output.console import fitted
from faxappeal.output.csv import as_csv
from tests.support.campaigns import Ended, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import fax_accounts, sinch

FATES = fax_accounts()["sinch"].FATES


def table(ended: Ended) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ended.out, newline="")))


@pytest.fixture
def sent(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One delivered, one with a voice, one not sent."""
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    clock.sleep(7 * 3600)
    recipients = ["one +12025550101", "two +12025550102", "three +12025550103"]
    with sinch.sinch() as account:
        account.endings["0102"] = FATES["voice"]
        folder = write(tmp_path / "c", recipients, settings=sinch.settings(account))
        run("send", "--yes", "--no-wait", "--to", "one", "--to", "two", folder=folder)
        clock.sleep(20)
        run("status", folder=folder)
        clock.sleep(20)
        run("status", folder=folder)
    return folder


@pytest.mark.parametrize(
    ("given", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="C01"),
        pytest.param("+49 30 23125 012", "'+49 30 23125 012", id="C03"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="C04"),
        pytest.param("\t=1+1", "'\t=1+1", id="C05"),
        pytest.param("\uff1d1+1", "'\uff1d1+1", id="C08"),
        pytest.param('a"b\nc', 'a"b\nc', id="C09"),
        pytest.param("\u00a0-2+3", "'\u00a0-2+3", id="behind a space"),
        pytest.param("\x1b[2Jred\u202e", r"\u001b[2Jred\u202e", id="to a terminal"),
        pytest.param(-3, "-3", id="a number of ours"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_a_cell(given: object, cell: str) -> None:
    text = as_csv(("name",), [{"name": given}])
    assert text.startswith('"name"\r\n"') and text.endswith('"\r\n')
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["name"] == cell


def test_the_log_as_csv_and_as_json(sent: Path) -> None:
    rows, lines = table(run("log", "--csv", folder=sent)), run("log", "--json", folder=sent).lines
    assert len(rows) == len(lines) > 8
    assert set(rows[0]) == set(lines[0])
    assert rows[0]["address"] == "'+12025550101" and lines[0]["address"] == "+12025550101"


def test_the_status_as_csv(sent: Path) -> None:
    ended = run("status", "--offline", "--csv", folder=sent)
    assert [(row["recipient"], row["state"]) for row in table(ended)] == [
        ("one", "delivered"),
        ("two", "held"),
        ("three", ""),
    ]
    assert ended.code == 3


@pytest.mark.parametrize(
    ("words", "recipients"),
    [
        (["--state", "held"], ["two"]),
        (["--state", "delivered", "--state", "planned"], ["one", "three"]),
        (["--to", "two", "--to", "three"], ["two", "three"]),
        (["--to", "two", "--state", "delivered"], []),
    ],
)
def test_only_some_of_the_status(sent: Path, words: list[str], recipients: list[str]) -> None:
    ended = run("status", "--offline", "--json", *words, folder=sent)
    assert [row["recipient"] for row in ended.json["data"]["deliveries"]] == recipients


def test_only_some_of_the_log(sent: Path) -> None:
    lines = run("log", "--json", "--state", "delivered", "--state", "held", folder=sent).lines
    assert [(line["recipient"], line["event"]) for line in lines] == [
        ("one", "delivered"),
        ("two", "held"),
    ]
    assert run("log", "--csv", "--since", "2030-01-01", folder=sent).out.count("\n") == 1


def test_the_last_line_is_of_what_is_shown(sent: Path) -> None:
    assert "1 of 3 letters shown." in run("status", "--offline", "--state", "held", folder=sent).out
    whole = run("status", "--offline", folder=sent).out
    assert "1 letter sent. 1 letter did NOT arrive. 1 letter has NOT left." in whole


def test_an_unknown_recipient_is_guessed(sent: Path) -> None:
    ended = run("status", "--offline", "--to", "thre", folder=sent)
    assert ended.code == 2 and "did you mean three?" in ended.err


def test_a_long_line_goes_on_below_between_two_words() -> None:
    screen = RichConsole(width=30, file=io.StringIO())
    lines = fitted(Text("    Office for the Coordination of Petitions, c/o Nobody"), screen)
    assert [line.plain for line in lines] == [
        "    Office for the",
        "    Coordination of Petitions,",
        "    c/o Nobody",
    ]
    assert [len(line.plain) for line in fitted(Text("x" * 70), screen)] == [30, 30, 10]
