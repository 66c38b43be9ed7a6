"""`log` and `status` as tables: what a spreadsheet must not work out, and which rows are shown."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

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
