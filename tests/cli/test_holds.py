"""Holds that come late, or while a person looks, with the whole program."""

from __future__ import annotations

from pathlib import Path

from faxappeal.campaign.delivery import keyed
from faxappeal.campaign.loading import ledger_section
from faxappeal.core.lifecycle import HoldReason
from faxappeal.ledger.location import store_of
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch
from tests.support.ledgers import NUMBER, put_hold


def test_a_number_that_does_not_exist_any_more_is_still_one_where_a_person_answered(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    """Campaign a's call is followed late: campaign b has heard a person there meanwhile."""
    clock.sleep(7 * 3600)
    account.endings["0101"] = {"status": "IN_PROGRESS"}
    folders = {}
    for name in ("a", "b"):
        folders[name] = write(tmp_path / name, [f"one {NUMBER}"], settings=sinch.settings(account))
        toml = folders[name] / "faxappeal.toml"
        text = toml.read_text(encoding="utf-8").replace('id = "test"', f'id = "{name}"')
        toml.write_text(text, encoding="utf-8")
    run("send", "--yes", "--no-wait", folder=folders["a"])
    with store_of(ledger_section(folders["b"])).open() as ledger:
        key = keyed(ledger.key)("address", "fax", NUMBER)
        put_hold(ledger, HoldReason.VOICE, clock.now(), key)
    account.endings["0101"] = sinch.FATES["bad number"]
    for _ in range(3):
        clock.sleep(60)
        ended = run("status", folder=folders["a"])
    assert "bad-number" in ended.out, account.faxes
    refused = run("verify", "one", "--method", "website", folder=folders["b"])
    assert refused.code == 2 and "--method call" in refused.err
    assert "held: voice" in run("send", "--yes", folder=folders["b"]).out
    assert len(account.faxes) == 1
