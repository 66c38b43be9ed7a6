"""What a screen writes where nobody looks on: into a file or a pipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faxappeal.delivery.context import CampaignContext
from faxappeal.output.console import Console
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import MORNING
from tests.support.shown import Lines, Text


@pytest.fixture
def text_of(capsys: pytest.CaptureFixture[str]) -> Text:
    def read(draw: Callable[[Console, Any], None], data: object) -> str:
        draw(Console(), data)
        return capsys.readouterr().out

    return read


@pytest.fixture
def lines_of(text_of: Text) -> Lines:
    return lambda draw, data: text_of(draw, data).splitlines()


@pytest.fixture
def context(tmp_path: Path) -> CampaignContext:
    return CampaignContext(loaded(write(tmp_path / "c")), None, MORNING)
