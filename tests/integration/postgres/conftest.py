"""Templates are filled in by this process, as in tests/cli."""

from __future__ import annotations

import pytest

from tests.support import campaigns
from tests.support.renderer import InProcess


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "template_process", InProcess)
