"""Commands that tell what was done, and forget it: tables, exports, and who is asked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from faxappeal.ledger.location import default_path
from faxappeal.ledger.sqlite import SqliteStore
from tests.support.campaigns import Ended, run, write
from tests.support.clock import FakeClock
from tests.support.keyboard import runner_at_terminal

pytestmark = pytest.mark.usefixtures("clock")


# -- log -------------------------------------------------------------------------------------------


def rows_of(ended: Ended) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ended.out, newline="")))


def test_the_log_is_one_event_a_line_for_people(sent: Path) -> None:
    ended = run("log", folder=sent)
    assert ended.code == 0
    assert "delivered" in ended.out and "failed" in ended.out and "{" not in ended.out


@pytest.mark.parametrize("words", [["--json"], ["--json", "--csv"]], ids=" ".join)
def test_the_log_is_json_lines_for_scripts(sent: Path, words: list[str]) -> None:
    ended = run("log", *words, folder=sent)
    assert ended.code == 0
    events = [(line["recipient"], line["event"]) for line in ended.lines]
    assert ("one", "delivered") in events and ("two", "failed") in events
    assert all(len(line.splitlines()) == 1 for line in ended.out.splitlines())


def test_the_log_is_a_table_for_a_spreadsheet(sent: Path) -> None:
    rows = rows_of(run("log", "--csv", folder=sent))
    assert {row["address"] for row in rows} == {"'+12025550101", "'+12025550102"}
    assert len(rows) == len(run("log", "--json", folder=sent).lines)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--to", "two", "--state", "failed"], [("two", "failed")]),
        (["--state", "delivered", "--state", "failed"], [("one", "delivered"), ("two", "failed")]),
        (["--since", "2026-11-24", "--state", "delivered"], [("one", "delivered")]),
        (["--since", "2026-11-26"], []),
    ],
    ids=["of a recipient", "of two states", "since a day", "since tomorrow"],
)
def test_the_log_is_of_what_was_asked_for(
    sent: Path, words: list[str], found: list[tuple[str, str]]
) -> None:
    lines = run("log", "--json", *words, folder=sent).lines
    assert [(line["recipient"], line["event"]) for line in lines] == found


@pytest.mark.parametrize("form", [[], ["--csv"]], ids=["words", "a table"])
def test_a_log_since_what_is_no_day_is_refused(sent: Path, form: list[str]) -> None:
    ended = run("log", "--since", "yesterday", *form, folder=sent)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "Error: yesterday is no day.\nHint: write it as 2026-11-24\n"


def test_a_log_of_a_state_that_is_none_is_refused(sent: Path) -> None:
    ended = run("log", "--state", "lost", folder=sent)
    assert ended.code == 2 and "delivered" in ended.err


@pytest.mark.parametrize(
    ("form", "out"),
    [([], "Nothing was sent yet of test.\n"), (["--json"], ""), (["--csv"], None)],
    ids=["words", "json", "a table"],
)
def test_of_a_campaign_that_was_never_sent_the_log_is_empty(
    tmp_path: Path, form: list[str], out: str | None
) -> None:
    ended = run("log", *form, folder=write(tmp_path))
    assert ended.code == 0
    if out is None:
        assert rows_of(ended) == [] and ended.out.startswith('"seq","at",')
    else:
        assert ended.out == out


# -- report ----------------------------------------------------------------------------------------


def test_the_report_is_written_and_never_over_another_file(sent: Path) -> None:
    assert run("report", "--html", "proof.html", folder=sent).code == 0
    before = (sent / "proof.html").read_bytes()
    assert before.startswith(b"<!DOCTYPE html>")
    again = run("report", "--html", "proof.html", folder=sent)
    assert again.code == 2 and "--force" in again.err
    assert run("report", "--html", "proof.html", "--force", "--redact", folder=sent).code == 0
    assert (sent / "proof.html").read_bytes() != before


def test_the_report_is_json_for_scripts(sent: Path) -> None:
    letters = run("report", "--json", folder=sent).json["data"]["letters"]
    assert [(letter["recipient"], letter["state"]) for letter in letters] == [
        ("one", "delivered"),
        ("two", "failed"),
    ]


# -- purge -----------------------------------------------------------------------------------------


def with_address() -> int:
    with SqliteStore(default_path()).open() as ledger:
        return ledger.queries.with_address()


@pytest.mark.parametrize(
    ("words", "terminal", "typed", "left"),
    [
        ([], True, "y\n", 0),
        ([], True, "n\n", 2),
        ([], True, "", 2),
        (["--yes"], True, "n\n", 0),
        (["--json"], True, "n\n", 0),
        ([], False, "n\n", 0),
        (["--yes", "--older-than", "60d"], False, "", 2),
    ],
    ids=[
        *("a person agrees", "a person declines", "Ctrl-C", "--yes", "a script"),
        *("without a terminal", "too young"),
    ],
)
def test_on_a_terminal_a_purge_asks_first(
    sent: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    terminal: bool,
    typed: str,
    left: int,
) -> None:
    clock.sleep(40 * 24 * 3600)
    if terminal:
        runner_at_terminal(monkeypatch)
    ended = run("purge", *words, folder=sent, typed=typed)
    assert ended.code == (0 if typed or not terminal else 130)
    assert with_address() == left
    asked = terminal and not words
    assert ("Forget 2 letters?" in ended.out) is asked


def test_what_ended_less_than_28_days_ago_is_kept(sent: Path, clock: FakeClock) -> None:
    clock.sleep(27 * 24 * 3600)
    assert run("purge", "--yes", folder=sent).code == 0
    assert with_address() == 2


@pytest.mark.parametrize("age", ["long", "28", "-1d"])
def test_an_age_that_is_none_is_refused(sent: Path, age: str) -> None:
    ended = run("purge", "--yes", "--older-than", age, folder=sent)
    assert ended.code == 2 and "faxappeal purge --older-than 28d" in ended.err
    assert with_address() == 2


# -- privacy ---------------------------------------------------------------------------------------


def test_privacy_says_what_is_stored_where(sent: Path) -> None:
    ended = run("privacy", folder=sent)
    assert ended.code == 0 and str(default_path()) in ended.out
    assert "2 letters in the ledger with number or address." in ended.out
    printed = run("privacy", "--json", folder=sent)
    assert json.loads(printed.out)["command"] == "privacy"
