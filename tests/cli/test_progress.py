"""What somebody sees who looks on: what goes now, what waits until when, and how to go on later."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch


def test_what_waits_has_both_local_times_and_a_line_for_cron(
    tmp_path: Path, account: sinch.SinchFake
) -> None:
    """9 o'clock in Berlin is night in New York."""
    folder = write(tmp_path / "a 100% appeal", settings=sinch.settings(account))
    ended = run("send", "--yes", "--no-wait", folder=folder)
    assert ended.code == 3 and not account.faxes
    assert "until Tue 08:00 there, Tue 14:00 here" in ended.out
    [cron] = [line.strip() for line in ended.out.splitlines() if line.startswith("    */10 ")]
    assert cron.endswith("send --yes --no-wait")
    assert f"-C '{tmp_path}/a 100\\% appeal'" in cron, "cron takes a bare % for a line break"
    assert ended.out.splitlines()[-1] == "0 letters sent. 1 letter has NOT left."


def test_the_line_for_cron_keeps_the_choice_and_begins_no_round(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    folder = write(
        tmp_path, ["one +12025550101", "two +12025550102"], settings=sinch.settings(account)
    )
    clock.sleep(7 * 3600)
    run("send", "--yes", folder=folder)
    clock.sleep(12 * 3600)
    ended = run("send", "--yes", "--no-wait", "--again", "--to", "two", folder=folder)
    [cron] = [line.strip() for line in ended.out.splitlines() if line.startswith("    */10 ")]
    assert cron.endswith("send --yes --no-wait --to two")


def test_a_long_wait_is_said_once(tmp_path: Path, account: sinch.SinchFake) -> None:
    folder = write(
        tmp_path, ["one +12025550101", "two +12025550102"], settings=sinch.settings(account)
    )
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 0 and len(account.faxes) == 2
    assert ended.out.count("Nothing can go before Tue 08:00 there, Tue 14:00 here: 2 letters") == 1
    assert "NOT left" not in ended.out


def test_the_line_for_cron_is_shown_at_the_first_long_wait_alone(
    tmp_path: Path, account: sinch.SinchFake
) -> None:
    account.endings["0101"] = sinch.FATES["no answer"]
    ended = run("send", "--yes", folder=write(tmp_path, settings=sinch.settings(account)))
    assert ended.out.count("Nothing can go before") > 2 and ended.out.count("*/10") == 1


def test_a_test_letter_is_never_left_to_cron(tmp_path: Path, account: sinch.SinchFake) -> None:
    folder = write(tmp_path, settings=sinch.settings(account))
    toml = folder / "faxappeal.toml"
    own = 'phone = "+49 30 23125 012"\nfax = "+1 202 555 0199"'
    toml.write_text(toml.read_text().replace('phone = "+49 30 23125 012"', own))
    ended = run("send", "--yes", "--no-wait", "--to-me", folder=folder)
    assert ended.code == 3 and "*/10" not in ended.out
    waited = run("send", "--yes", "--to-me", folder=folder)
    assert waited.code == 0 and "Nothing can go before" in waited.out
    assert "cron" not in waited.out


def test_a_fax_on_the_line_is_not_called_sent(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    clock.sleep(7 * 3600)
    folder = write(tmp_path, settings=sinch.settings(account))
    ended = run("send", "--yes", "--no-wait", folder=folder)
    assert ended.code == 3
    assert ended.out.splitlines()[-1].startswith("0 letters sent. 1 letter is under way")
    clock.sleep(60)
    assert run("status", folder=folder).code == 3  # asked once: still on the line
    assert run("status", folder=folder).out.splitlines()[-1] == "The letter is sent."


def test_status_watches_until_all_is_settled_and_shows_what_changed(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    clock.sleep(7 * 3600)
    account.polls_under_way = 4
    folder = write(tmp_path, settings=sinch.settings(account))
    run("send", "--yes", "--no-wait", folder=folder)
    ended = run("status", "--watch", folder=folder)
    assert ended.code == 0
    assert re.findall("under way: accepted|sent already", ended.out) == [
        "under way: accepted",
        "sent already",
    ]
    refused = run("status", "--watch", "--json", folder=folder)
    assert refused.code == 2


@pytest.mark.parametrize("command", ["status", "send"])
def test_a_letter_on_the_line_is_followed_though_its_number_was_changed(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock, command: str
) -> None:
    clock.sleep(7 * 3600)
    settings = sinch.settings(account)
    folder = write(tmp_path, ["one +12025550101"], settings=settings)
    run("send", "--yes", "--no-wait", folder=folder)
    [before] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    assert before["state"] == "accepted"
    write(folder, ["one +12025550109"], settings=settings)
    clock.sleep(120)
    account.polls_under_way = 0
    run(command, *(["--yes"] if command == "send" else []), folder=folder)
    events = run("log", "--json", folder=folder).lines
    told = [event["event"] for event in events if event["delivery"] == before["delivery"]]
    assert told[-2:] == ["delivered", "forgotten"]
