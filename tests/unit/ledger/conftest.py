"""A ledger in a file of its own, for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faxappeal.ledger import Ledger
from faxappeal.ledger.sqlite import SqliteStore


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with SqliteStore(tmp_path / "data" / "ledger.db").open() as ledger:
        yield ledger
