"""`faxappeal accounts`: secrets that a command of the user's prints."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.cli.test_accounts import _right_time, account, provider  # noqa: F401 - fixtures
from tests.support.campaigns import run, write


def test_a_secret_from_a_command_is_shown_nowhere(
    tmp_path: Path, provider: ModuleType, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where the account refuses it nor where the command fails."""
    [variable] = provider.ENVIRONMENT
    monkeypatch.delenv(variable)
    name = variable.rpartition("__")[2].lower()
    for command, words in (("echo hunter2", "401"), ("false hunter2", "the command for a secret")):
        settings = provider.settings(account).replace(
            "url = ", f'{name}_command = "{command}"\nurl = ', 1
        )
        folder = write(tmp_path / "c", settings=settings)
        tried, sent = run("accounts", folder=folder), run("send", "--yes", folder=folder)
        log = run("log", folder=folder).out
        assert words in tried.out and sent.code == 5 and not account.faxes
        assert "hunter2" not in tried.out + tried.err + sent.out + sent.err + log
