"""`faxappeal verify --lookup` asks on a terminal."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_twilio import account, folder  # noqa: F401 - fixtures
from tests.support.campaigns import run
from tests.support.fakes.twilio import TwilioFake
from tests.support.terminal import Terminal


def test_who_is_told_is_said_before_the_first_time(folder: Path, account: TwilioFake) -> None:
    ended = run("verify", "one", "--lookup", folder=folder)
    assert ended.code == 2 and "told the number" in ended.err and "--yes" in ended.err
    terminal = Terminal(folder, "verify", "one", "--lookup")
    terminal.until(b"Ask it? [y/N]:")
    terminal.type(b"n")
    assert terminal.end()[0] == 0 and not account.asked
    run("verify", "one", "--lookup", "--yes", folder=folder)
    run("verify", "one", "--lookup", folder=folder)
    assert account.asked == ["+12025550101"] * 2, "the second time it is known"
