"""Where the ledger is: what the settings name, or the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.config.sections import LedgerSection
from faxappeal.ledger.location import default_path, store_of
from faxappeal.ledger.postgres import PostgresStore
from faxappeal.ledger.sqlite import SqliteStore


def section(url: str | None = None, **more: object) -> LedgerSection:
    return LedgerSection.model_validate({"url": url, **more})


def test_without_a_setting_it_is_in_the_user_s_data_folder(nobody: Path) -> None:
    assert default_path() == nobody / "data" / "faxappeal" / "ledger.db"
    assert store_of(section()) == SqliteStore(default_path())


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////srv/faxappeal/ledger.db", "/srv/faxappeal/ledger.db"),
        ("sqlite:///ledger.db", "ledger.db"),
        ("sqlite:///~/faxes/ledger.db", "{home}/faxes/ledger.db"),
        ("sqlite:////srv/two words/ledger.db", "/srv/two words/ledger.db"),
    ],
    ids=["absolute", "relative", "home", "a blank"],
)
def test_an_address_of_a_file_is_its_path(nobody: Path, url: str, path: str) -> None:
    store = store_of(section(url))
    assert store == SqliteStore(Path(path.format(home=nobody)))
    assert store.where == path.format(home=nobody)
    assert not store.is_shared


def test_a_file_s_documents_lie_beside_it() -> None:
    assert store_of(section("sqlite:////srv/ledger.db")).documents == Path("/srv/documents")


def test_an_address_of_a_server_is_a_shared_ledger() -> None:
    store = store_of(section("postgresql://us@db.example.org/ledger"))
    assert isinstance(store, PostgresStore)
    assert store.is_shared and store.where == "postgresql://us@db.example.org/ledger"
