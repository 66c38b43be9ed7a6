"""`faxappeal accounts` with HylaFAX."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_accounts import _right_time, checks  # noqa: F401 - a fixture
from tests.support.campaigns import run, write
from tests.support.servers.hylafax import PASSWORD, Hylafax


@pytest.mark.hylafax
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_hylafax(tmp_path: Path, hylafax: Hylafax, password: str) -> None:
    settings = hylafax.settings.replace(PASSWORD, password)
    ended = run("accounts", "--json", folder=write(tmp_path, settings=settings))
    if password == PASSWORD:
        assert ended.code == 0 and checks(ended)["sign-in"]["ok"] is True
        assert "not encrypted" in checks(ended)["connection"]["words"]
        assert checks(ended)["dialling"]["ok"] is checks(ended)["header line"]["ok"] is True
        assert "0 jobs" in checks(ended)["queue"]["words"]
        again = run("accounts", "--json", folder=tmp_path)
        assert "0 jobs" in checks(again)["queue"]["words"], "trying left no job behind"
    else:
        assert ended.code == 5 and "does not let" in checks(ended)["settings"]["words"]
