"""The list as it is now, while a letter waits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from faxappeal.campaign import delivery
from faxappeal.campaign.current import CurrentList
from faxappeal.campaign.delivery import Delivery, deliveries, keyed
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import HoldReason
from tests.support.appeal import loaded
from tests.support.campaigns import RECIPIENT, write
from tests.support.clock import MORNING

NUMBER = "+12025550101"
DIGEST = keyed(b"key")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, [f"one {NUMBER}", "two +12025550102"])


def planned(folder: Path, *accepted: str) -> Delivery:
    """The first letter, as it was planned before anything changed."""
    return deliveries(loaded(folder), DIGEST, MORNING, accepted=accepted)[0]


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "recipients.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "hold"),
    [
        pytest.param("x", "x", None, id="nothing"),
        pytest.param("status: active", "status: opted_out", HoldReason.OPTED_OUT, id="opted out"),
        pytest.param("status: active", "status: retired", HoldReason.RETIRED, id="retired"),
        pytest.param("status: active", "status: unverified", HoldReason.UNVERIFIED, id="doubtful"),
        pytest.param(
            "status: active",
            "status: active\n    valid_until: 2026-11-23",
            HoldReason.STALE,
            id="an end",
        ),
        pytest.param("2026-11-01", "2025-11-01", HoldReason.STALE, id="an older check"),
        pytest.param(NUMBER, "+12025550109", HoldReason.NOT_LISTED, id="another number"),
        pytest.param(
            f'fax: "{NUMBER}"',
            "email: one@example.org",
            HoldReason.NOT_LISTED,
            id="another channel",
        ),
        pytest.param("id: one", "id: first", None, id="another label"),
        pytest.param("Office one", "Office of One", None, id="another name"),
        pytest.param(f'"{NUMBER}"', '"+1 (202) 555-0101"', None, id="another spelling"),
    ],
)
def test_a_letter_obeys_the_list_of_its_moment(
    folder: Path, old: str, new: str, hold: HoldReason | None
) -> None:
    letter = planned(folder)
    current = CurrentList(folder)
    assert current.delivery(letter, MORNING) == letter
    edit(folder, old, new)
    now = current.delivery(letter, MORNING)
    assert now.hold == hold
    assert (now.identity, now.address) == (letter.identity, letter.address)


def test_a_contact_gets_old_while_its_letter_waits(folder: Path) -> None:
    later = MORNING + timedelta(days=200)
    assert CurrentList(folder).delivery(planned(folder), later).hold == HoldReason.STALE


def test_what_a_person_took_on_stays_taken_on(folder: Path) -> None:
    edit(folder, "status: active", "status: unverified")
    letter = planned(folder, "one")
    current = CurrentList(folder)
    assert current.delivery(letter, MORNING).hold is None
    edit(folder, "status: unverified", "status: opted_out")
    assert current.delivery(letter, MORNING).hold == HoldReason.OPTED_OUT


def test_the_zone_is_the_lists_of_now(folder: Path) -> None:
    letter = planned(folder)
    assert letter.zone == ZoneInfo("America/New_York")
    edit(folder, "America/New_York", "America/Detroit")
    assert CurrentList(folder).delivery(letter, MORNING).zone == ZoneInfo("America/Detroit")
    edit(folder, "America/Detroit", "Asia/Shanghai")
    assert CurrentList(folder).delivery(letter, MORNING).zone is None, "the number says otherwise"


def test_a_number_that_two_have_obeys_the_stricter_and_the_zone_they_agree_on(
    folder: Path,
) -> None:
    letter = planned(folder)
    second = RECIPIENT.format(id="three", contact=f'fax: "{NUMBER}"')
    path = folder / "recipients.yaml"
    path.write_text(path.read_text() + second.replace("active", "opted_out"))
    now = CurrentList(folder).delivery(letter, MORNING)
    assert (now.hold, now.zone) == (HoldReason.OPTED_OUT, ZoneInfo("America/New_York"))
    path.write_text(path.read_text().replace("America/New_York", "America/Detroit", 1))
    assert CurrentList(folder).delivery(letter, MORNING).zone is None


def test_a_test_letter_asks_no_list(folder: Path) -> None:
    settings = loaded(folder).settings
    sender = settings.sender.model_copy(update={"fax": "+1 202 555 0199"})
    [own] = delivery.test_deliveries(
        [planned(folder)], sender, DIGEST, MORNING, holds={}, rounds={}, over=()
    )
    (folder / "recipients.yaml").unlink()
    assert CurrentList(folder).delivery(own, MORNING) == own


def test_a_list_that_has_an_error_where_the_letter_was_stops_the_run(folder: Path) -> None:
    letter = planned(folder)
    edit(folder, f'"{NUMBER}"', f'"{NUMBER}x"')
    with pytest.raises(SetupError) as refused:
        CurrentList(folder).delivery(letter, MORNING)
    assert refused.value.message == "recipients.yaml was changed and has an error on line 7"
    assert "faxappeal check" in refused.value.hint


def test_an_error_elsewhere_in_the_list_stops_nothing(folder: Path) -> None:
    letter = planned(folder)
    edit(folder, "+12025550102", "+1202")
    assert CurrentList(folder).delivery(letter, MORNING) == letter


@pytest.mark.parametrize("broken", ["gone", "no text"])
def test_a_list_that_cannot_be_read_stops_the_run(folder: Path, broken: str) -> None:
    letter = planned(folder)
    path = folder / "recipients.yaml"
    path.unlink() if broken == "gone" else path.write_bytes(b"\xff")
    with pytest.raises(SetupError) as refused:
        CurrentList(folder).delivery(letter, MORNING)
    assert (
        "recipients.yaml" in refused.value.message and "bring the list back" in refused.value.hint
    )


def test_a_list_that_is_good_again_is_read_again(folder: Path) -> None:
    letter = planned(folder)
    current = CurrentList(folder)
    edit(folder, NUMBER, "+1202")
    with pytest.raises(SetupError):
        current.delivery(letter, MORNING)
    edit(folder, "+1202", NUMBER)
    assert current.delivery(letter, MORNING) == letter


def test_the_folder_is_the_one_that_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = planned(folder)
    monkeypatch.chdir(folder)
    current = CurrentList(Path())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert current.delivery(letter, MORNING) == letter
