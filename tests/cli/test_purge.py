"""Forgetting, and saying what is kept where."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

DAY = 24 * 3600


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[sinch.SinchFake]:
    clock.sleep(7 * 3600)
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with sinch.sinch(endings={"2": sinch.VOICE, "3": sinch.PARTIAL}) as account:
        yield account


def everything(data: Path) -> bytes:
    """All bytes in the data folder."""
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def campaign(folder: Path, account: sinch.SinchFake) -> Path:
    numbers = ["one +12025550101", "two +12025550102", "three +12025550103"]
    return write(folder, numbers, settings=sinch.settings(account))


def test_nothing_is_left_of_a_purged_letter_and_it_is_still_never_sent_twice(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock, nobody: Path
) -> None:
    folder, data = campaign(tmp_path, account), nobody / "data" / "faxappeal"
    run("send", "--yes", folder=folder)
    ids = [fax["id"].encode() for fax in account.faxes]
    assert b"2025550101" in everything(data) and all(id in everything(data) for id in ids)
    clock.sleep(29 * DAY)
    ended = run("purge", "--json", folder=folder)
    # the number at which somebody answered is held, so its letter is not over
    assert ended.json["data"] == {"older_than": "28d", "letters": 2, "documents": 2, "kept": 1}
    left = everything(data)
    for word in (b"2025550101", b"2025550103", b"COMPLETED", ids[0], ids[2]):
        assert word not in left, word
    assert len(list((data / "documents").iterdir())) == 1

    told = run("send", "--yes", folder=folder)
    assert "sent already" in told.out and "held: voice" in told.out and "unknown" in told.out
    assert len(account.faxes) == 3
    log = run("log", "--json", folder=folder).lines
    assert [event["event"] for event in log].count("purged") == 2
    assert run("purge", "--json", folder=folder).json["data"]["letters"] == 0


def test_a_purged_unknown_that_was_not_sent_goes_out_with_its_number_in_the_ledger_again(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock, nobody: Path
) -> None:
    """After a crash the account is asked by that number."""
    folder = campaign(tmp_path, account)
    run("send", "--yes", "--to", "three", folder=folder)
    clock.sleep(28 * DAY + 1)  # the same weekday and hour
    run("purge", folder=folder)
    [row] = run("status", "--json", folder=folder).json["data"]["deliveries"][2:]
    assert row["state"] == "unknown"
    run("resolve", row["delivery"], "not-sent", folder=folder)
    account.endings.clear()
    settled = run("send", "--yes", "--to", "three", folder=folder)
    assert settled.code == 0, settled
    assert b"2025550103" in everything(nobody / "data")
    assert run("purge", "--json", folder=folder).json["data"]["kept"] == 1


def test_what_is_young_or_under_way_stays(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock, nobody: Path
) -> None:
    account.polls_under_way = 99
    folder = campaign(tmp_path, account)
    run("send", "--yes", "--no-wait", folder=folder)
    clock.sleep(40 * DAY)
    ended = run("purge", folder=folder)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "0 letters scrubbed, 0 documents deleted.",
        "3 letters kept: under way, waiting, held, an e-mail that may still come back, or ended within"
        " 28d.",
    ]
    assert b"2025550101" in everything(nobody / "data")


def test_it_works_outside_of_a_campaign_and_before_anything_was_sent(tmp_path: Path) -> None:
    assert run("purge", folder=tmp_path).out.startswith("0 letters scrubbed")
    assert "ledger.db" in run("privacy", folder=tmp_path).out
    assert run("purge", "--older-than", "a year", folder=tmp_path).code == 2


def test_somebody_who_reads_the_old_pages_is_told_of(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock, nobody: Path
) -> None:
    folder = campaign(tmp_path, account)
    run("send", "--yes", folder=folder)
    clock.sleep(29 * DAY)
    reader = sqlite3.connect(nobody / "data" / "faxappeal" / "ledger.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM event").fetchone()
    ended = run("purge", folder=folder)
    reader.close()
    assert ended.code == 5 and "somebody is reading" in ended.err
    assert run("purge", folder=folder).code == 0
    assert b"2025550101" not in everything(nobody / "data")


def test_privacy_says_what_lies_where(
    tmp_path: Path, account: sinch.SinchFake, nobody: Path
) -> None:
    folder = campaign(tmp_path, account)
    run("send", "--yes", folder=folder)
    run("send", "--dry-run", folder=folder)
    told = run("privacy", folder=folder).out
    assert "3 letters in the ledger" in told and "(3 files," in told and "outbox" in told
    assert all(len(line) <= 80 for line in told.splitlines() if "/" not in line)
    places = run("privacy", "--json", folder=folder).json["data"]["places"]
    assert {place["name"] for place in places} >= {"ledger", "documents", "outbox"}
    assert places[-1]["name"] == "sinch", "the others have nothing"


def test_settings_alone_are_enough_for_what_concerns_the_machine(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "recipients.yaml").unlink()
    assert run("privacy", folder=folder).code == 0
    assert run("purge", folder=folder).code == 0
    (folder / "faxappeal.toml").write_text("oops")
    assert run("privacy", folder=folder).code == 1
