"""What changes while a letter waits: it is looked at again right before its first byte leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from faxappeal.campaign.delivery import keyed
from faxappeal.campaign.loading import ledger_section
from faxappeal.core.lifecycle import HoldReason
from faxappeal.ledger import rows
from faxappeal.ledger.documents import Documents
from faxappeal.ledger.location import store_of
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

NUMBER = "+12025550101"
Change = Callable[[str], str]


def replacing(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


# what somebody does to the list meanwhile -> why the letter is held
CHANGES: dict[str, tuple[Change, str]] = {
    "opted out": (replacing("status: active", "status: opted_out"), "held: opted out"),
    "retired": (replacing("status: active", "status: retired"), "held: retired"),
    "another number": (replacing(NUMBER, "+12025550102"), "held: no longer in the list"),
    "unverified": (replacing("status: active", "status: unverified"), "held: unverified"),
    "an end": (
        replacing("status: active", "status: active\n    valid_until: 2026-11-23"),
        "held: stale",
    ),
    "no such recipient": (
        lambda text: (
            "recipients:\n" + text.removeprefix("recipients:\n").replace(NUMBER, "+12025550103")
        ),
        "held: no longer in the list",
    ),
}


@pytest.fixture
def folder(tmp_path: Path, account: sinch.SinchFake) -> Path:
    return write(tmp_path, [f"one {NUMBER}"], settings=sinch.settings(account))


def edit(folder: Path, change: Change) -> None:
    recipients_file = folder / "recipients.yaml"
    recipients_file.write_text(
        change(recipients_file.read_text(encoding="utf-8")), encoding="utf-8"
    )


def while_it_waits(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]
) -> None:
    """Something happens once, during the first long wait."""
    sleep, pending = clock.sleep, [do]

    def sleeps(seconds: float) -> None:
        if seconds > 60 and pending:
            pending.pop()()
        sleep(seconds)

    monkeypatch.setattr(clock, "sleep", sleeps)


def before_it_leaves(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Something happens after the plan and the last look, while the page is put aside."""
    put, pending = Documents.put, [do]

    def puts(self: Documents, data: bytes) -> str:
        if pending:
            pending.pop()()
        return put(self, data)

    monkeypatch.setattr(Documents, "put", puts)


@pytest.mark.parametrize("change", CHANGES)
def test_a_letter_that_waited_obeys_the_list_of_its_day(
    folder: Path,
    account: sinch.SinchFake,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    """It is three in the morning in Washington: the letter waits until eight."""
    how, why = CHANGES[change]
    while_it_waits(clock, monkeypatch, lambda: edit(folder, how))
    ended = run("send", "--yes", folder=folder)
    assert not account.faxes
    assert ended.code == 3 and why in ended.out, ended


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("office_hours")
def test_a_letter_that_goes_now_obeys_the_list_of_its_moment(
    folder: Path, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    how, why = CHANGES[change]
    before_it_leaves(monkeypatch, lambda: edit(folder, how))
    ended = run("send", "--yes", folder=folder)
    assert not account.faxes
    assert ended.code == 3 and why in ended.out, ended


def test_a_contact_that_gets_old_while_its_letter_waits_is_held(
    folder: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    """Checked 180 days ago on Friday evening; the letter waits until Monday."""
    edit(folder, replacing("last_verified: 2026-11-01", "last_verified: 2026-06-01"))
    clock.sleep(timedelta(days=3, hours=18).total_seconds())
    ended = run("send", "--yes", folder=folder)
    assert clock.now().weekday() == 0 and not account.faxes
    assert ended.code == 3 and "held: stale" in ended.out, ended


def test_a_list_that_is_broken_meanwhile_stops_the_run_and_loses_nothing(
    folder: Path, account: sinch.SinchFake, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = (folder / "recipients.yaml").read_text(encoding="utf-8")
    while_it_waits(clock, monkeypatch, lambda: edit(folder, lambda text: text + "    statos: x\n"))
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and "has an error on line 13" in ended.err and not account.faxes
    edit(folder, lambda _: good)
    assert run("send", "--yes", folder=folder).code == 0 and len(account.faxes) == 1


def test_a_list_that_is_gone_meanwhile_stops_the_run(
    folder: Path, account: sinch.SinchFake, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_it_waits(clock, monkeypatch, (folder / "recipients.yaml").unlink)
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and "no recipients.yaml" in ended.err and not account.faxes


@pytest.mark.usefixtures("office_hours")
def test_a_voice_that_another_campaign_hears_meanwhile_holds_it(
    folder: Path, account: sinch.SinchFake, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hear() -> None:
        with store_of(ledger_section(folder)).open() as ledger, ledger.transaction() as connection:
            key = keyed(ledger.key)("address", "fax", NUMBER)
            rows.put_hold(connection, key, HoldReason.VOICE, clock.now(), "nobody")

    before_it_leaves(monkeypatch, hear)
    ended = run("send", "--yes", folder=folder)
    assert not account.faxes
    assert ended.code == 3 and "held: voice" in ended.out, ended


@pytest.mark.usefixtures("office_hours")
def test_what_a_person_took_on_and_what_did_not_change_leaves(
    folder: Path, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another label, another note, another spelling: the same contact."""
    edit(folder, replacing("status: active", "status: unverified"))
    changed = replacing(f'"{NUMBER}"', '"+1 (202) 555-0101"')
    before_it_leaves(monkeypatch, lambda: edit(folder, changed))
    words = ("--accept-unverified", "one", "--reason", "a test")
    assert run("send", "--yes", *words, folder=folder).code == 0
    assert len(account.faxes) == 1


@pytest.mark.usefixtures("office_hours")
def test_a_test_letter_asks_no_list(folder: Path, account: sinch.SinchFake) -> None:
    toml = folder / "faxappeal.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(
        text.replace("[sender]\n", '[sender]\nfax = "+1 202 555 0109"\n'), encoding="utf-8"
    )
    edit(folder, replacing("status: active", "status: unverified"))
    assert run("send", "--yes", "--to-me", folder=folder).code == 0
    assert [fax["to"] for fax in account.faxes] == ["+12025550109"]


@pytest.mark.parametrize("status", ["opted_out", "retired"])
@pytest.mark.parametrize("own", ["active", "unverified"])
@pytest.mark.usefixtures("office_hours")
def test_the_stricter_status_counts(
    tmp_path: Path, account: sinch.SinchFake, status: str, own: str
) -> None:
    """The recipient says no, the number was once checked; and the other way round."""
    for name, outer, inner in (("a", status, own), ("b", own, status)):
        folder = write(tmp_path / name, [f"one {NUMBER}"], settings=sinch.settings(account))
        evidence = "last_verified: 2026-11-01, verified_by: A, method: website"
        contact = f'fax: {{number: "{NUMBER}", status: {inner}, {evidence}}}'
        edit(folder, replacing(f'fax: "{NUMBER}"', contact))
        edit(folder, replacing("\n    status: active", f"\n    status: {outer}"))
        ended = run("send", "--yes", folder=folder)
        assert ended.code == 3 and f"held: {status.replace('_', ' ')}" in ended.out, ended
        refused = run("verify", "one", "--method", "call", folder=folder)
        assert status == "retired" or (refused.code == 2 and "does not want" in refused.err)
    assert not account.faxes
