"""`faxappeal purge` and e-mails that may still come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.servers.mail import Mail


def test_an_email_that_may_still_come_back_is_kept(
    tmp_path: Path, mail_server: Mail, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "s3nd-pass")
    settings = (
        f'\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "localhost"\n'
        f'port = {mail_server.smtps}\nusername = "sender@lab.test"\nca_file = "{mail_server.ca_file}"\n'
    )
    folder = write(tmp_path, ["one embassy@example.org"], settings=settings)
    assert run("send", "--yes", folder=folder).code == 0
    clock.sleep(13 * 24 * 3600)
    purged = run("purge", "--older-than", "1d", "--json", folder=folder).json["data"]
    assert (purged["letters"], purged["kept"]) == (0, 1)
    clock.sleep(2 * 24 * 3600)
    assert run("purge", "--older-than", "1d", "--json", folder=folder).json["data"]["letters"] == 1
