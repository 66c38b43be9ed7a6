"""The program in this process, with stand-ins on loopback; templates are filled in right here."""

from __future__ import annotations

import pytest

from tests.support import campaigns
from tests.support.renderer import InProcess


@pytest.fixture(autouse=True)
def _no_template_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "template_process", InProcess)
