"""A corrected sender makes no new letter of what this campaign has sent already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

ONE, TWO = "+12025550101", "+12025550102"
CORRECTIONS = {
    "another address": ('email = "appeals@example.org"', 'email = "appeal@example.org"'),
    "an id": ('email = "appeals@example.org"', 'email = "appeals@example.org"\nid = "group"'),
}
pytestmark = pytest.mark.usefixtures("office_hours")


@pytest.fixture(params=CORRECTIONS)
def correction(request: pytest.FixtureRequest) -> tuple[str, str]:
    return CORRECTIONS[request.param]


@pytest.fixture
def folder(tmp_path: Path, account: sinch.SinchFake) -> Path:
    pacing = "[pacing]\nattempts = 1\n"
    recipients = [f"one {ONE}", f"two {TWO}"]
    return write(tmp_path / "c", recipients, settings=sinch.settings(account) + pacing)


def correct(folder: Path, correction: tuple[str, str]) -> None:
    toml = folder / "faxappeal.toml"
    text = toml.read_text(encoding="utf-8")
    assert correction[0] in text
    toml.write_text(text.replace(*correction), encoding="utf-8")


def rows(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("status", "--offline", "--json", folder=folder).json["data"][
        "deliveries"
    ]
    return found


def test_what_was_sent_under_another_sender_is_sent(
    folder: Path, account: sinch.SinchFake, correction: tuple[str, str]
) -> None:
    account.endings["02"] = sinch.PARTIAL  # unknown
    assert run("send", "--yes", folder=folder).code == 4
    before = rows(folder)
    correct(folder, correction)
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 4 and len(account.faxes) == 2, "an unknown letter is not sent again"
    assert "sent already: delivered 2026-11-24, under another sender" in ended.out
    assert ended.out.count("under another sender") == 2
    after = rows(folder)
    assert [row["delivery"] for row in after] == [row["delivery"] for row in before]
    assert [row["state"] for row in after] == ["delivered", "unknown"]
    assert "under another sender" in run("send", "--dry-run", folder=folder).out
    assert "under another sender" in run("status", folder=folder).out


def test_it_goes_again_where_a_person_says_so(
    folder: Path, account: sinch.SinchFake, correction: tuple[str, str]
) -> None:
    run("send", "--yes", folder=folder)
    correct(folder, correction)
    assert run("send", "--yes", "--again", "--to", "one", folder=folder).code == 0
    assert [fax["to"] for fax in account.faxes] == [ONE, TWO, ONE]
    assert run("send", "--yes", folder=folder).code == 0
    assert len(account.faxes) == 3


def test_what_failed_is_tried_again_only_where_a_person_says_so(
    folder: Path, account: sinch.SinchFake, correction: tuple[str, str]
) -> None:
    account.endings["02"] = sinch.BUSY
    assert run("send", "--yes", folder=folder).code == 3
    account.endings.clear()
    correct(folder, correction)
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 3 and len(account.faxes) == 2
    assert run("send", "--yes", "--only-failed", folder=folder).code == 0
    assert [fax["to"] for fax in account.faxes] == [ONE, TWO, TWO]


def test_what_waits_goes_once(
    folder: Path, account: sinch.SinchFake, clock: FakeClock, correction: tuple[str, str]
) -> None:
    clock.sleep(12 * 3600)  # 22 o'clock
    assert run("send", "--yes", "--no-wait", folder=folder).code == 3
    clock.sleep(12 * 3600)
    correct(folder, correction)
    assert run("send", "--yes", folder=folder).code == 0
    assert len(account.faxes) == 2
    assert "left behind" not in run("status", folder=folder).out
    assert [row["state"] for row in rows(folder)] == ["delivered", "delivered"]


def test_a_test_letter_and_another_campaign_are_no_letter_of_this_one(
    folder: Path, tmp_path: Path, account: sinch.SinchFake, correction: tuple[str, str]
) -> None:
    """The sender's own fax is in the list, too."""
    correct(folder, ("[sender]\n", f'[sender]\nfax = "{ONE}"\n'))
    assert run("send", "--yes", "--to-me", "--to", "one", folder=folder).code == 0
    correct(folder, correction)
    assert run("send", "--yes", folder=folder).code == 0
    assert sorted(fax["to"] for fax in account.faxes) == [ONE, ONE, TWO]
    correct(folder, ('id = "test"', 'id = "other"'))
    correct(folder, (correction[1], correction[0]))
    ended = run("send", "--dry-run", folder=folder)
    assert "under another sender" not in ended.out


def test_where_many_send_one_each_a_letter_of_another_counts_for_nothing(
    tmp_path: Path, account: sinch.SinchFake
) -> None:
    settings = sinch.settings(account) + '[senders]\nmode = "each"\n'
    folder = write(tmp_path / "c", [f"one {ONE}"], settings=settings)
    senders_file = folder / "senders.csv"
    senders_file.write_text("id,name,place,consent\na,Ada Example,Berlin,2026-11-01\n")
    senders_file.chmod(0o600)
    assert run("send", "--yes", folder=folder).code == 0
    senders_file.write_text(senders_file.read_text() + "b,Ben Example,Berlin,2026-11-01\n")
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 0 and len(account.faxes) == 2
    assert "under another sender" not in ended.out
