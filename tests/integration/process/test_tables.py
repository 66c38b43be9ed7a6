"""`faxappeal log` on a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.test_tables import sent  # noqa: F401 - a fixture
from tests.support.campaigns import run
from tests.support.terminal import Terminal


def test_the_log_fits_a_terminal_and_is_a_line_an_event_elsewhere(
    sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    _, shown = Terminal(sent, "log").end()
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert lines and max(map(len, lines)) <= 80
    assert "NOT left." in _in_80_columns(sent, "status", "--offline").replace("\n", " ")
    assert len(run("log", folder=sent).out.splitlines()) == len(
        run("log", "--json", folder=sent).lines
    )


def _in_80_columns(folder: Path, *words: str) -> str:
    _, shown = Terminal(folder, *words).end()
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert lines and max(map(len, lines)) <= 80
    return "\n".join(lines)
