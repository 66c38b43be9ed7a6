"""Workers without a server: a ledger in a file, and the queue in memory."""

from __future__ import annotations

import pytest

from tests.support.job_queue import MemoryQueue, in_memory
from tests.support.world import world as world


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> MemoryQueue:
    return in_memory(monkeypatch)
