"""`faxappeal purge` asks on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_purge import account, campaign  # noqa: F401 - a fixture
from tests.support.campaigns import run
from tests.support.clock import FakeClock
from tests.support.fakes import sinch
from tests.support.terminal import Terminal


@pytest.mark.parametrize(("answer", "gone"), [(b"n", 0), (b"y", 2)])
def test_on_a_terminal_it_names_the_campaigns_and_asks(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock, answer: bytes, gone: int
) -> None:
    folder = campaign(tmp_path, account)
    run("send", "--yes", folder=folder)
    terminal = Terminal(folder, "purge", "--older-than", "0s")
    terminal.until(b"Forget 2 letters? [y/N]:")
    terminal.type(answer)
    _, shown = terminal.end()
    assert "   2  test\r\n" in shown and f"{gone} letters scrubbed" in shown
