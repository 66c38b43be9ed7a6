"""`faxappeal verify`: a person's check, written into the list and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faxappeal.core.lifecycle import HoldReason
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock


@pytest.fixture(autouse=True)
def _today(clock: FakeClock) -> None:
    """A Tuesday in November 2026."""


def test_a_stale_contact_goes_after_it_was_checked(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n')
    path = folder / "recipients.yaml"
    path.write_text(path.read_text().replace("2026-11-01", "2025-11-01"))
    assert "held: stale" in run("send", "--dry-run", folder=folder).out
    path.chmod(0o640)
    ended = run("verify", "one", "--method", "call", folder=folder)
    assert ended.code == 0 and "checked 2026-11-24 by Erika Mustermann (call)" in ended.out
    assert path.stat().st_mode & 0o777 == 0o640
    assert "held" not in run("send", "--dry-run", folder=folder).out
    assert run("check", "--strict", folder=folder).code == 0


def test_a_voice_is_forgiven_when_somebody_has_asked(tmp_path: Path) -> None:
    from faxappeal.campaign.delivery import keyed
    from faxappeal.ledger import rows
    from faxappeal.ledger.location import default_path
    from faxappeal.ledger.sqlite import SqliteStore

    folder = write(tmp_path, settings='\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n')
    with SqliteStore(default_path()).open() as ledger, ledger.transaction() as connection:
        key = keyed(ledger.key)("address", "fax", "+12025550101")
        rows.put_hold(connection, key, HoldReason.VOICE, FakeClock().now(), "nobody")
    assert "held: voice" in run("send", "--dry-run", folder=folder).out
    before = (folder / "recipients.yaml").read_text()
    refused = run("verify", "one", "--method", "website", folder=folder)
    assert refused.code == 2 and "verify one --method call" in refused.err, "a page cannot know"
    assert (folder / "recipients.yaml").read_text() == before
    ended = run("verify", "one", "--method", "call", "--by", "A. Person", folder=folder)
    assert "It was held: voice" in ended.out
    assert "held" not in run("send", "--dry-run", folder=folder).out
    again = run("verify", "one", "--method", "call", "--json", folder=folder)
    assert json.loads(again.out)["data"]["lifted"] is None
