"""When a number may ring: its own zones, whatever a list says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from faxappeal.core.zones import conflict, is_place, number_zones
from tests.support.campaigns import RECIPIENT, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+4930231250", ("Europe/Berlin",)),
        ("+861065292345", ("Asia/Shanghai",)),
        ("+12025550101", ("America/New_York",)),
        ("+390612345678", ("Europe/Rome",)),
        # libphonenumber gives a zone of another country
        ("+218212345678", ("Africa/Tripoli",)),
        ("+213215550123", ("Africa/Algiers",)),
        ("+212520123456", ("Africa/Casablanca",)),
        ("+50521234567", ("America/Managua",)),
        ("+881612345678", ()),  # a satellite
        ("+80012345678", ()),  # a freephone number of no country
    ],
)
def test_a_number_is_where_its_country_is(number: str, zones: tuple[str, ...]) -> None:
    assert number_zones(number, DAY) == zones


def test_zones_whose_clocks_agree_count_as_one() -> None:
    clocks = number_zones("+18005550100", DAY)
    assert 5 <= len(clocks) <= 9, "those of the United States, each clock once"
    assert {"America/Chicago", "America/Phoenix", "Pacific/Honolulu"} <= set(clocks)
    assert len({"America/New_York", "America/Detroit"} & set(clocks)) == 1


@pytest.mark.parametrize(
    ("number", "given", "wrong"),
    [
        ("+4930231250", "Europe/Berlin", False),
        ("+4930231250", "Europe/Vienna", False),  # one clock
        ("+4930231250", "Asia/Shanghai", True),
        ("+4930231250", "Europe/Helsinki", True),
        ("+4930231250", "Africa/Algiers", True),  # differs in summer alone
        ("+442079460000", "Atlantic/Reykjavik", True),  # differs in summer alone
        ("+18085550100", "America/New_York", True),  # Honolulu
        ("+74232550100", "Europe/Moscow", True),  # Vladivostok
        ("+81312345678", "Europe/Berlin", True),
        ("+918012345678", "Asia/Calcutta", False),  # an older name
        ("+18005550100", "America/Chicago", False),
        ("+18005550100", "Europe/Berlin", True),
        ("+881612345678", "Europe/Berlin", False),
    ],
)
def test_a_zone_may_not_contradict_the_number(number: str, given: str, wrong: bool) -> None:
    assert (conflict(given, number_zones(number, DAY), DAY) is not None) == wrong


def test_a_conflict_shows_both_clocks_on_the_first_day() -> None:
    summer = conflict("Africa/Algiers", ["Europe/Berlin"], DAY)
    assert summer and summer.day == date(2027, 3, 28)
    assert (summer.given.hour, summer.actual.hour) == (8, 9)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "localtime",
            "Factory",
            "posixrules",
            "right/Europe/Berlin",
            "posix/Europe/Berlin",
            "Etc/GMT+5",
        ),
        *("Etc/GMT", "Etc/Greenwich", "EST", "EST5EDT", "CET", "GMT"),
        *(
            "Europe",
            "Zulu",
            "Europe/Berlim",
            "europe/../Europe/Berlin",
            "/etc/localtime",
            "../Europe/Berlin",
        ),
        *("", "America/Argentina", "Universal", "UCT"),
    ],
)
def test_a_name_that_is_no_place_is_refused(name: str) -> None:
    assert not is_place(name)


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "UTC", "Etc/UTC", "Japan", "US/Eastern", "GB-Eire"]
)
def test_a_place_is_taken(name: str) -> None:
    assert is_place(name)


def campaign_with(folder: Path, number: str, zone: str | None, country: str = "US") -> Path:
    text = f"recipients:\n{RECIPIENT}".format(id="one", contact=f'fax: "{number}"')
    line = f"    timezone: {zone}\n" if zone else ""
    text = text.replace("    timezone: America/New_York\n", line)
    return write(folder, text.replace("country: US", f"country: {country}"))


def findings(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(
        "check", "recipients.yaml", "--format", "json", folder=folder
    ).json["data"]["findings"]
    return found


def test_no_telephone_rings_at_night_whatever_the_list_says(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    """Berlin with the zone of Shanghai, at ten in the morning there."""
    folder = campaign_with(tmp_path, "+493023125012", "Asia/Shanghai", country="DE")
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + sinch.settings(account), encoding="utf-8")
    target = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    clock.sleep((target - clock.now()) / timedelta(seconds=1))
    sent = run("send", "--yes", folder=folder)
    assert sent.code == 1 and not account.faxes
    [finding] = findings(folder)
    assert (finding["rule"], finding["line"]) == ("time-zone", 5)
    message = finding["message"]
    assert "Asia/Shanghai" in message and "Europe/Berlin" in message
    assert "08:00" in message and "01:00" in message
    assert finding["hint"] == "remove timezone"


def test_localtime_is_the_senders_own_zone_and_refused(tmp_path: Path) -> None:
    found = findings(campaign_with(tmp_path, "+493023125012", "localtime", country="DE"))
    [message] = [each["message"] for each in found if each["rule"] == "time-zone"]
    assert "not the name of a place" in message


@pytest.mark.parametrize(
    ("number", "zone", "wrong"),
    [
        ("+18005550100", "America/Denver", None),
        ("+18005550100", "Europe/Berlin", "not in Europe/Berlin"),
        ("+18005550100", None, "several time zones"),
        ("+80012345678", "Asia/Tokyo", None),  # of no country
        ("+80012345678", None, "no time zone of its own"),
    ],
)
def test_a_number_that_may_be_in_many_places_needs_a_zone(
    tmp_path: Path, number: str, zone: str | None, wrong: str | None
) -> None:
    found = [
        f["message"]
        for f in findings(campaign_with(tmp_path, number, zone))
        if f["rule"] == "time-zone"
    ]
    assert len(found) == (wrong is not None)
    assert all(wrong in message for message in found if wrong)
