"""`faxappeal check` on a terminal, and what it opens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_check import _today  # noqa: F401 - a fixture
from tests.support.campaigns import run, write
from tests.support.checked import SETTINGS, STALE
from tests.support.terminal import Terminal


@pytest.fixture
def _colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.usefixtures("_colour")
def test_a_terminal_shows_the_line_and_where_in_it(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text(STALE)
    terminal = Terminal(tmp_path, "check", "--format", "text", "list.yaml")
    code, shown = terminal.end()
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    at = lines.index('    7 |     fax: "+12025550101"')
    assert code == 1 and lines[at + 1].index("^") == lines[at].index('"')
    assert '"+12025550101"' not in run("check", "list.yaml", folder=tmp_path).out


@pytest.mark.usefixtures("_colour")
def test_a_line_of_settings_is_never_shown(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[fax]\ntokn = "hunter2"\n')
    _, shown = Terminal(folder, "check", "--format", "text").end()
    assert "tokn" in shown and "hunter2" not in shown and "^" not in shown


def test_check_opens_no_socket(tmp_path: Path) -> None:  # I03
    folder = write(tmp_path, settings=SETTINGS)
    words = (
        "import sys\n"
        "def hook(event, _):\n"
        "    if event.startswith('socket.'): sys.exit('a socket: ' + event)\n"
        "sys.addaudithook(hook)\n"
        "from faxappeal.cli import app as cli\n"
        "cli.app(['-C', sys.argv[1], 'check'])\n"
    )
    command = [sys.executable, "-c", words, str(folder)]
    ended = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
