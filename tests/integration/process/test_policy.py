"""Many letters need a typed number."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.campaigns import write
from tests.support.terminal import send_and_answer


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is opened as POSIX has it")
@pytest.mark.parametrize("answer", [b"y", b"yes", b"", b"20"])
def test_many_letters_are_not_sent_by_a_quick_yes(tmp_path: Path, answer: bytes) -> None:
    folder = write(tmp_path, [f"r{n:02} r{n:02}@example.org" for n in range(21)])
    code, shown = send_and_answer(folder, b" to send [no]:", answer)
    assert code == 3 and "no tool for mass faxes" in shown
    assert "21 letters have NOT left." in shown
