"""How an older ledger becomes one of today, and that nothing is lost by it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import State
from faxappeal.ledger import Round, schema
from faxappeal.ledger.migrations import CHANGES
from faxappeal.ledger.sqlite import SqliteStore

OLD = Path(__file__).parent / "old"  # one of each version, with a letter that was delivered


def shape(path: Path) -> set[tuple[str, str, str]]:
    """Tables with their columns, and indexes."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'"
        ).fetchall()
        indexes = connection.execute(
            "SELECT name, '', '' FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
    return {*rows, *indexes}


@pytest.mark.parametrize("version", range(1, schema.SCHEMA))
def test_an_older_ledger_becomes_one_of_today_and_loses_nothing(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "old" / "ledger.db"
    path.parent.mkdir()
    shutil.copy(OLD / f"{version}.db", path)
    before = path.read_bytes()
    with SqliteStore(path).read() or pytest.fail("no ledger") as looked:
        assert [record.state for record in looked.queries.records("test")] == ["delivered"]
    assert path.read_bytes() == before, "a look writes nothing"

    with SqliteStore(path).open() as ledger:
        assert [record.state for record in ledger.queries.records("test")] == ["delivered"]
        events = [event.event for event in ledger.queries.events("test")]
    assert events[0] == "planned" and events[-1] == "delivered"
    SqliteStore(tmp_path / "new" / "ledger.db").open().close()
    assert shape(path) == shape(tmp_path / "new" / "ledger.db")


def test_a_change_that_fails_halfway_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(OLD / "1.db", path)
    before = shape(path)
    broken = {1: ("ALTER TABLE delivery ADD COLUMN base TEXT", "ALTER TABLE nowhere ADD COLUMN x")}
    monkeypatch.setattr("faxappeal.ledger.migrations.CHANGES", broken)
    with pytest.raises(SetupError, match="cannot be opened"):
        SqliteStore(path).open()
    assert shape(path) == before


def test_every_older_version_has_a_way_to_the_next_and_a_ledger_to_try_it_with() -> None:
    older = set(range(1, schema.SCHEMA))
    assert set(CHANGES) == older
    assert {int(path.stem) for path in OLD.glob("*.db")} == older


def test_a_ledger_of_today_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    SqliteStore(path).open().close()
    before = path.read_bytes()
    SqliteStore(path).open().close()
    assert path.read_bytes() == before


def test_a_letter_of_an_older_ledger_is_its_own_first_round(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(OLD / "1.db", path)
    with SqliteStore(path).open() as ledger:
        [record] = ledger.queries.records("test")
        assert record.round == 1 and record.base.startswith(record.id)
        assert ledger.queries.latest("test") == {record.base: Round(1, "fax", State.DELIVERED)}
        assert (record.claimant, record.ordered, record.terms) == (None, None, None)
