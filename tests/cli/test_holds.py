"""Holds: what must not be called or written to, and what ends that."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
import sqlalchemy as sql

from faxappeal.campaign.delivery import keyed
from faxappeal.campaign.loading import ledger_section
from faxappeal.core.lifecycle import STRENGTH, HoldReason
from faxappeal.ledger import Ledger, StillHeld, rows, schema
from faxappeal.ledger.location import store_of
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

NUMBER = "+12025550101"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return store_of(ledger_section(tmp_path)).open()


def put_hold(ledger: Ledger, clock: FakeClock, reason: str, key: str = "key") -> None:
    with ledger.transaction() as connection:
        rows.put_hold(connection, key, HoldReason(reason), clock.now(), "nobody")


@pytest.mark.parametrize("order", list(permutations(STRENGTH)))
def test_the_strongest_hold_stands_in_whatever_order_they_come(
    ledger: Ledger, clock: FakeClock, order: tuple[str, ...]
) -> None:
    with ledger:
        for reason in order:
            put_hold(ledger, clock, reason)
        assert ledger.queries.hold("key") == "opted out"
        put_hold(ledger, clock, "failing", key="other")
        assert ledger.queries.holds() == {"key": "opted out", "other": "failing"}


@pytest.mark.parametrize(
    ("reason", "method", "ends"),
    [
        ("failing", "website", True),
        ("failing", "letterhead", True),
        ("failing", "call", True),
        ("call", "website", False),
        ("call", "letterhead", False),
        ("call", "call", True),
        ("voice", "website", False),
        ("voice", "letterhead", False),
        ("voice", "call", True),
        ("opted out", "website", False),
        ("opted out", "call", False),
    ],
)
def test_only_what_a_hold_asks_for_ends_it(
    ledger: Ledger, clock: FakeClock, reason: str, method: str, ends: bool
) -> None:
    with ledger:
        put_hold(ledger, clock, "failing")
        with ledger.transaction() as connection:
            connection.execute(schema.hold.update().values(reason=HoldReason(reason)))
        if ends:
            assert ledger.remove_hold("key", method, clock.now(), "checked") == reason
            assert ledger.queries.hold("key") is None
        else:
            with pytest.raises(StillHeld, match=reason):
                ledger.remove_hold("key", method, clock.now(), "checked")
            assert ledger.queries.hold("key") == reason


def test_a_hold_of_a_later_version_holds_as_strongly_as_there_is(
    ledger: Ledger, clock: FakeClock
) -> None:
    with ledger:
        put_hold(ledger, clock, "failing")
        with ledger.transaction() as connection:
            connection.execute(sql.text("UPDATE hold SET reason = 'of a later version'"))
        assert ledger.queries.hold("key") is HoldReason.OPTED_OUT
        with pytest.raises(StillHeld):
            ledger.remove_hold("key", "call", clock.now(), "checked")


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
        put_hold(ledger, clock, "voice", key)
    account.endings["0101"] = sinch.FATES["bad number"]
    for _ in range(3):
        clock.sleep(60)
        ended = run("status", folder=folders["a"])
    assert "bad-number" in ended.out, account.faxes
    refused = run("verify", "one", "--method", "website", folder=folders["b"])
    assert refused.code == 2 and "--method call" in refused.err
    assert "held: voice" in run("send", "--yes", folder=folders["b"]).out
    assert len(account.faxes) == 1


def test_a_voice_that_is_heard_while_a_website_is_looked_at_is_not_forgotten(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path, [f"one {NUMBER}"])
    with store_of(ledger_section(folder)).open() as ledger:
        key = keyed(ledger.key)("address", "fax", NUMBER)
        put_hold(ledger, clock, "failing", key)
        from faxappeal.commands import verify

        replace = verify._replace

        def meanwhile(path: Path, text: str) -> None:
            replace(path, text)
            put_hold(ledger, clock, "voice", key)

        monkeypatch.setattr(verify, "_replace", meanwhile)
        ended = run("verify", "one", "--method", "website", folder=folder)
        assert ended.code == 2 and "--method call" in ended.err
        assert ledger.queries.hold(key) == "voice"
