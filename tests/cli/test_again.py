"""Once more, on purpose: --again, --only-failed, and the same letter under another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import interfax, sinch

DAY = 24 * 3600

pytestmark = pytest.mark.usefixtures("office_hours")


def campaign(folder: Path, account: sinch.SinchFake, name: str = "test", letter: str = "") -> Path:
    words = letter or "please answer"
    write(
        folder,
        ["one +12025550101", "two +12025550102"],
        f"---\nsubject: Please answer\n---\n{{{{ to.salutation }}}}, {words}\n",
        sinch.settings(account),
    )
    toml = (folder / "faxappeal.toml").read_text(encoding="utf-8")
    (folder / "faxappeal.toml").write_text(toml.replace('"test"', f'"{name}"'), encoding="utf-8")
    return folder


def dialled(account: sinch.SinchFake) -> list[str]:
    return [fax["to"][-1] for fax in account.faxes]


def test_again_sends_each_letter_once_more(tmp_path: Path, account: sinch.SinchFake) -> None:
    folder = campaign(tmp_path, account)
    assert run("send", "--yes", folder=folder).code == 0
    assert run("send", "--yes", folder=folder).out.count("sent already") == 2
    ended = run("send", "--yes", "--again", "--to", "one", folder=folder)
    assert ended.code == 0 and dialled(account) == ["1", "2", "1"]
    assert run("send", "--yes", folder=folder).out.count("sent already") == 2
    assert dialled(account) == ["1", "2", "1"]


def test_a_changed_letter_needs_again(tmp_path: Path, account: sinch.SinchFake) -> None:
    folder = campaign(tmp_path, account)
    run("send", "--yes", folder=folder)
    campaign(tmp_path, account, letter="please do answer")
    told = run("send", "--yes", folder=folder)
    assert told.out.count("in an earlier version") == 2 and "--again" in told.out
    run("send", "--yes", "--again", folder=folder)
    assert dialled(account) == ["1", "2", "1", "2"]


def test_again_that_is_interrupted_is_gone_on_with_by_send_and_begins_no_third_round(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    folder = campaign(tmp_path, account)
    run("send", "--yes", folder=folder)
    clock.sleep(12 * 3600)  # 22 o'clock: the new round waits for the morning
    ended = run("send", "--yes", "--again", "--no-wait", folder=folder)
    assert ended.code == 3 and dialled(account) == ["1", "2"]
    assert run("send", "--yes", "--again", "--no-wait", folder=folder).code == 3
    clock.sleep(12 * 3600)
    assert run("send", "--yes", folder=folder).code == 0
    assert dialled(account) == ["1", "2", "1", "2"]


def test_only_failed_gives_new_tries_to_what_failed_and_to_nothing_else(
    tmp_path: Path, account: sinch.SinchFake
) -> None:
    folder = campaign(tmp_path, account)
    toml = folder / "faxappeal.toml"
    toml.write_text(f"{toml.read_text()}\n[pacing]\nattempts = 1\n", encoding="utf-8")
    account.endings["02"] = sinch.BUSY
    assert run("send", "--yes", folder=folder).code == 3
    assert run("send", "--yes", folder=folder).code == 3
    assert dialled(account) == ["1", "2"], "a failed letter is not tried again by itself"
    account.endings.clear()
    ended = run("send", "--yes", "--only-failed", "--json", folder=folder)
    [row] = ended.json["data"]["deliveries"]
    assert (row["recipient"], row["state"]) == ("two", "delivered")
    assert dialled(account) == ["1", "2", "2"]
    assert run("send", "--yes", "--only-failed", folder=folder).code == 0
    assert dialled(account) == ["1", "2", "2"]


def test_the_same_letter_under_another_name_within_a_week_is_held(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    run("send", "--yes", folder=campaign(tmp_path / "one", account))
    other = campaign(tmp_path / "two", account, "other")
    ended = run("send", "--yes", folder=other)
    assert ended.code == 3
    assert ended.out.count("held: the same letter went there in test on 2026-11-24") == 2
    assert "--again" in ended.out and dialled(account) == ["1", "2"]

    changed = campaign(tmp_path / "three", account, "third", letter="something else")
    assert run("send", "--yes", folder=changed).code == 0

    clock.sleep(8 * DAY)
    assert run("send", "--yes", folder=other).code == 0
    assert dialled(account) == ["1", "2"] * 3


def test_again_lifts_the_week_and_nothing_else(tmp_path: Path, account: sinch.SinchFake) -> None:
    run("send", "--yes", folder=campaign(tmp_path / "one", account))
    other = campaign(tmp_path / "two", account, "other")
    text = (other / "recipients.yaml").read_text(encoding="utf-8")
    (other / "recipients.yaml").write_text(
        text.replace("status: active", "status: opted_out", 1), encoding="utf-8"
    )
    ended = run("send", "--yes", "--again", folder=other)
    assert "held: opted out" in ended.out and dialled(account) == ["1", "2", "2"]


# -- waiting -----------------------------------------------------------------------------------


def test_a_wait_for_office_hours_is_worked_out_anew(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    """Whoever widens the hours waits no longer than they say."""
    folder = campaign(tmp_path, account)
    clock.sleep(12 * 3600)
    ended = run("send", "--yes", "--no-wait", folder=folder)
    assert "waits for office hours" in ended.out and not account.faxes
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text() + '\n[pacing]\nhours = "00:00-24:00"\n')
    assert run("send", "--yes", folder=folder).code == 0
    assert dialled(account) == ["1", "2"]


# -- resolve -------------------------------------------------------------------------------------


@pytest.fixture
def unknown(tmp_path: Path, account: sinch.SinchFake) -> Path:
    """A campaign of two letters, of which the first may have arrived."""
    account.endings["01"] = sinch.PARTIAL
    folder = campaign(tmp_path, account)
    assert run("send", "--yes", folder=folder).code == 4
    account.endings.clear()
    return folder


def delivery(folder: Path) -> str:
    rows = run("status", "--json", folder=folder).json["data"]["deliveries"]
    return str(next(row["delivery"] for row in rows if row["state"] == "unknown"))


def test_what_was_delivered_is_not_sent_again(unknown: Path, account: sinch.SinchFake) -> None:
    id = delivery(unknown)
    ended = run("resolve", id[:5], "delivered", "--reason", "they called", folder=unknown)
    assert ended.code == 0 and "one  fax  +12025550101  is delivered." in ended.out
    assert run("send", "--yes", folder=unknown).code == 0
    assert dialled(account) == ["1", "2"]
    told = [event["note"] for event in run("log", "--json", folder=unknown).lines]
    assert "delivered: they called" in told


def test_what_was_not_sent_goes_out(unknown: Path, account: sinch.SinchFake) -> None:
    assert run("resolve", delivery(unknown), "not-sent", folder=unknown).code == 0
    assert run("send", "--yes", folder=unknown).code == 0
    assert dialled(account) == ["1", "2", "1"]


def test_what_was_mistyped_can_be_put_right_until_something_follows(
    unknown: Path, account: sinch.SinchFake
) -> None:
    id = delivery(unknown)
    run("resolve", id, "not-sent", folder=unknown)
    assert run("resolve", id, "delivered", "--reason", "mistyped", folder=unknown).code == 0
    run("send", "--yes", folder=unknown)
    assert dialled(account) == ["1", "2"]
    run("resolve", id, "not-sent", folder=unknown)
    run("send", "--yes", folder=unknown)
    assert dialled(account) == ["1", "2", "1"]
    assert run("resolve", id, "not-sent", folder=unknown).code == 2, "it was sent since"


# -- to oneself ----------------------------------------------------------------------------------


def own_fax(folder: Path, number: str) -> None:
    toml = folder / "faxappeal.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("[sender]", f'[sender]\nfax = "{number}"'), encoding="utf-8")


def test_a_test_letter_goes_to_the_sender_alone_and_leaves_the_letters_to_be_sent(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    folder = campaign(tmp_path, account)
    own_fax(folder, "+1 202 555 0199")
    text = (folder / "recipients.yaml").read_text(encoding="utf-8")
    unverified = text.replace("status: active", "status: unverified")
    (folder / "recipients.yaml").write_text(unverified, encoding="utf-8")

    ended = run("send", "--to-me", "--yes", folder=folder)
    assert ended.code == 0 and "all to yourself" in ended.out
    told = "2 faxes go to +1 202 555 0199, one call after the other, with 5 min between two"
    assert told in ended.out
    assert [fax["to"] for fax in account.faxes] == ["+12025550199"] * 2
    log = run("log", "--json", folder=folder).lines
    assert sum(event["event"] == "rehearsal" for event in log) == 2

    assert run("send", "--to-me", "--yes", "--to", "one", folder=folder).code == 0
    assert len(account.faxes) == 3, "a second rehearsal is a second fax"
    (folder / "recipients.yaml").write_text(text, encoding="utf-8")
    clock.sleep(600)
    assert run("send", "--yes", folder=folder).code == 0
    assert dialled(account) == ["9", "9", "9", "1", "2"]


def test_a_test_letter_is_finished_once_before_another_begins(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    """Two letters to one number take the gap between two calls."""
    folder = campaign(tmp_path, account)
    own_fax(folder, "+1 202 555 0199")
    for _ in range(4):
        run("send", "--to-me", "--yes", "--no-wait", folder=folder)
        clock.sleep(20)
    assert len(account.faxes) == 1, "the second waits for the gap, the first went"
    told = run("status", "--offline", folder=folder).out.partition("To yourself:")[2]
    assert "one  fax  +1 202 555 0199  delivered" in told and "waits for the gap" in told
    own = run("status", "--offline", "--json", folder=folder).json["data"]["rehearsals"]
    assert [row["state"] for row in own] == ["delivered", "waiting"]
    clock.sleep(300)
    for _ in range(3):
        run("send", "--to-me", "--yes", "--no-wait", folder=folder)
        clock.sleep(20)
    assert [fax["to"] for fax in account.faxes] == ["+12025550199"] * 2
    clock.sleep(600)
    run("send", "--to-me", "--yes", folder=folder)
    assert len(account.faxes) == 4, "that one is over: this is another"
    assert "To yourself" not in run("status", "--offline", folder=folder).out


def test_a_test_letter_to_another_number_of_ones_own_is_another(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    folder = campaign(tmp_path, account)
    own_fax(folder, "+1 202 555 0198")
    run("send", "--to-me", "--yes", "--to", "one", folder=folder)
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text().replace("555 0198", "555 0199"))
    run("send", "--to-me", "--yes", "--to", "one", folder=folder)
    assert [fax["to"] for fax in account.faxes] == ["+12025550198", "+12025550199"]
    log = run("log", "--json", folder=folder).lines
    first = [line["address"] for line in log if line["event"] == "delivered"]
    assert first == ["+12025550198", "+12025550199"], "what was dialled stays what was dialled"


def test_a_test_letter_keeps_the_holidays_of_ones_own_country(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    """Thursday is Thanksgiving, in the United States alone."""
    folder = campaign(tmp_path, account)
    own_fax(folder, "+49 30 23125 013")
    clock.sleep(24 * 3600 + 5 * 3600)
    assert f"{clock.now():%a %d %b %H}" == "Wed 25 Nov 21"
    told = run("send", "--to-me", "--dry-run", folder=folder).out
    assert "until Thu 08:00 there" in told


def test_a_test_letter_needs_a_fax_of_ones_own(tmp_path: Path, account: sinch.SinchFake) -> None:
    ended = run("send", "--to-me", "--yes", folder=campaign(tmp_path, account))
    assert ended.code == 2 and "you have no fax of your own" in ended.err
    assert "--channel email" in ended.err
    assert not account.faxes


def test_ones_own_number_may_be_wrong_too(tmp_path: Path, account: sinch.SinchFake) -> None:
    folder = campaign(tmp_path, account)
    own_fax(folder, "+49 171 3920012")
    ended = run("send", "--to-me", "--yes", folder=folder)
    assert ended.code == 2 and "your own fax number" in ended.err and not account.faxes


def test_a_test_letter_left_on_the_line_is_followed_by_status(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    folder = campaign(tmp_path, account)
    own_fax(folder, "+1 202 555 0199")
    run("send", "--to-me", "--yes", "--no-wait", "--to", "one", folder=folder)
    for _ in range(2):
        clock.sleep(30)
        run("status", folder=folder)
    log = run("log", "--json", folder=folder).lines
    assert [event["event"] for event in log][-1] in ("delivered", "forgotten")
    assert len(account.faxes) == 1


def test_a_test_letter_may_go_to_a_simulator_that_rings_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    for name, value in interfax.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with interfax.interfax(endings={"-263": interfax.FATES["busy"]}) as account:
        folder = write(tmp_path, settings=interfax.settings(account))
        own_fax(folder, "+999-9999-263")
        ended = run("send", "--to-me", "--yes", "--no-wait", folder=folder)
        while "under way" in ended.out:
            clock.sleep(20)
            ended = run("send", "--to-me", "--yes", "--no-wait", folder=folder)
    assert ended.code == 3 and "busy" in ended.out
    assert [fax["to"] for fax in account.faxes] == ["+999-9999-263"]
    recipients = (folder / "recipients.yaml").read_text(encoding="utf-8")
    text = recipients.replace("+12025550101", "+999-9999-263")
    (folder / "recipients.yaml").write_text(text, encoding="utf-8")
    assert run("check", folder=folder).code == 1, "no office has it"
