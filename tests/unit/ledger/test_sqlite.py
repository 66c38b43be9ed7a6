"""The ledger as a file: who can read it, what a look writes, and what is said of one that is none."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sql

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import State
from faxappeal.ledger import schema
from faxappeal.ledger.sqlite import SqliteStore
from tests.support.clock import MORNING
from tests.support.ledgers import end, letter

OLD = Path(__file__).parent / "old"


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "data" / "ledger.db")


def files(store: SqliteStore) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store.folder.iterdir()}


def test_only_its_owner_can_read_it(store: SqliteStore) -> None:
    with store.open() as ledger, ledger.engine.begin() as connection:
        connection.execute(sql.text("INSERT INTO campaign VALUES ('x', '2026-01-01')"))
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in store.folder.iterdir()}
    assert set(modes.values()) == {"0o600"} and len(modes) >= 2
    assert store.folder.stat().st_mode & 0o777 == 0o700


def test_before_the_first_letter_there_is_none_and_a_look_makes_none(store: SqliteStore) -> None:
    assert not store.exists() and store.read() is None
    assert not store.folder.exists()


def test_an_empty_file_is_no_ledger_yet(store: SqliteStore) -> None:
    store.folder.mkdir()
    store.path.touch()
    assert store.read() is None
    store.open().close()
    assert store.read() is not None


def test_a_look_sees_what_was_written_and_writes_nothing(store: SqliteStore) -> None:
    with store.open() as ledger:
        end(ledger, letter(), State.DELIVERED, MORNING)
    before = files(store)
    with store.read() or pytest.fail("no ledger") as looked:
        assert [record.state for record in looked.queries.records("test")] == ["delivered"]
        with pytest.raises(SetupError, match="cannot be written"):
            looked.start("test", date(2026, 11, 24))
    assert files(store) == before and set(before) == {"ledger.db"}


def test_a_look_sees_what_a_sender_has_just_written(store: SqliteStore) -> None:
    with store.open() as ledger:
        ledger.plan(letter(), MORNING)
        with store.read() or pytest.fail("no ledger") as looked:
            assert len(looked.queries.records("test")) == 1
            ledger.plan(letter("+12025550102"), MORNING)
            assert len(looked.queries.records("test")) == 2


def test_the_key_stays_and_each_ledger_has_another_one(tmp_path: Path, store: SqliteStore) -> None:
    keys = []
    for each in (store, store, SqliteStore(tmp_path / "other" / "ledger.db")):
        with each.open() as ledger:
            keys.append(ledger.key)
    assert keys[0] == keys[1] != keys[2] and len(keys[0]) == 32
    with store.read() or pytest.fail("no ledger") as looked:
        assert looked.key == keys[0]


def test_what_a_transaction_wrote_is_on_the_disk_and_what_it_deleted_is_not(
    store: SqliteStore,
) -> None:
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
    with store.open() as ledger, ledger.reading() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    assert found == ["wal", 2, 1, 1]  # 2: FULL


def test_two_transactions_do_not_come_between_each_other(store: SqliteStore) -> None:
    with store.open() as ledger, ledger.transaction():
        other = sqlite3.connect(store.path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is no database, but some text that is long enough", "file is not a database"),
        (b"SQLite format 3\0 and then something else", "file is not a database"),
    ],
    ids=["text", "a beginning alone"],
)
def test_a_file_that_is_no_ledger_is_left_as_it_is(
    store: SqliteStore, content: bytes, said: str
) -> None:
    store.folder.mkdir()
    store.path.write_bytes(content)
    for use, verb in ((store.open, "opened"), (store.read, "read")):
        with pytest.raises(SetupError) as refused:
            use()
        assert f"the ledger cannot be {verb}: {said}" in refused.value.message
        assert str(store.path) in refused.value.message
    assert store.path.read_bytes() == content


def test_another_program_s_database_is_no_ledger_to_look_at(store: SqliteStore) -> None:
    store.folder.mkdir()
    connection = sqlite3.connect(store.path)
    connection.execute("CREATE TABLE theirs (name TEXT)")
    connection.close()
    with pytest.raises(SetupError, match="cannot be read: no such table: meta"):
        store.read()


@pytest.mark.parametrize("place", ["below a file", "a folder"])
def test_a_place_where_no_file_can_be_is_said(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "file" / "ledger.db" if place == "below a file" else tmp_path
    with pytest.raises(SetupError, match="the ledger cannot be opened") as refused:
        SqliteStore(path).open()
    assert str(path) in refused.value.message and "[ledger] url" in refused.value.hint


def test_a_ledger_of_a_newer_version_is_left_alone(store: SqliteStore) -> None:
    with store.open() as ledger, ledger.transaction() as connection:
        newer = {"value": str(schema.SCHEMA + 1)}
        connection.execute(schema.meta.update().where(schema.meta.c.name == "schema"), newer)
    before = store.path.read_bytes()
    for use in (store.open, store.read):
        with pytest.raises(SetupError, match="a newer faxappeal") as refused:
            use()
        assert "pip install -U faxappeal" in refused.value.hint
    assert store.path.read_bytes() == before


def test_an_older_ledger_is_looked_at_in_memory(store: SqliteStore) -> None:
    store.folder.mkdir()
    shutil.copy(OLD / "1.db", store.path)
    before = files(store)
    with store.read() or pytest.fail("no ledger") as looked:
        assert [each.round for each in looked.queries.latest("test").values()] == [1]
    assert files(store) == before


@pytest.mark.parametrize(
    "name", ["two words", "Grüße", "50% off", "a&b=c", "a?b", "a#b", "a%20b", "file:x", "a;b"]
)
def test_a_folder_may_have_any_of_these_names(tmp_path: Path, name: str) -> None:
    store = SqliteStore(tmp_path / name / "ledger.db")
    with store.open() as ledger:
        ledger.plan(letter(), MORNING)
    with store.read() or pytest.fail("no ledger") as looked:
        assert len(looked.queries.records("test")) == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]
