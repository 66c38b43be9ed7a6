"""Hostile text on a real terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from faxappeal.core.text import invisible
from tests.cli.test_screens import COMMANDS, hostile, lines_of  # noqa: F401 - a fixture
from tests.support.terminal import Terminal


@pytest.mark.parametrize("words", [w for w in COMMANDS if "--json" not in w], ids=" ".join)
def test_nor_to_a_terminal(
    hostile: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 80 columns, in colour: only our own colours are among the codes."""
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    _, shown = Terminal(hostile, *words).end()
    assert set(re.findall(r"\x1b[^m]*m?", shown)) <= set(re.findall(r"\x1b\[[0-9;]*m", shown))
    for line in lines_of(shown):
        assert not invisible(line), repr(line)
        assert "--csv" in words or not line.startswith("2026-11-23"), repr(line)
        if "--csv" not in words and "ledger.db" not in line and "documents" not in line:
            assert len(line) <= 80, repr(line)
