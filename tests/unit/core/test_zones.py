"""When a number may ring: its own zones, whatever a list says."""

from __future__ import annotations

from datetime import date

import pytest

from faxappeal.core.zones import conflict, is_place, number_zones

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
        ("+999-9999-263", ("UTC",)),  # a simulator: it rings nowhere
        # a region without zones in CLDR's list
        ("+24762889", ("Atlantic/St_Helena",)),
        ("+38338221000", ("Europe/Belgrade",)),
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
