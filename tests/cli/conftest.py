"""The program in this process: providers' stand-ins on loopback, and no other process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import boundaries, campaigns
from tests.support.renderer import InProcess


@pytest.fixture(autouse=True)
def _in_this_process(_boundaries: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(campaigns, "template_process", InProcess)
    with boundaries.without(boundaries.PROCESSES):
        yield
