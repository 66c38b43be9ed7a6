"""The recipient's hours: no telephone rings at night, on any clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from faxappeal.config.office_hours import holidays_of, parse_hours

BEIJING = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = parse_hours("08:00-20:00", "mon-fri")


def at(text: str, zone: ZoneInfo = BEIJING) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 19:59:59", "2026-11-24 19:59:59"),
        ("2026-11-24 20:00", "2026-11-25 08:00"),
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-27 21:00", "2026-11-30 08:00"),
        ("2026-11-28 12:00", "2026-11-30 08:00"),
    ],
)
def test_when_the_office_opens(moment: str, opens: str) -> None:
    assert OFFICE.next_open(at(moment), BEIJING) == at(opens)


def test_an_office_that_never_closes() -> None:
    always = parse_hours("00:00-24:00", "mon-sun")
    midnight = at("2026-11-28 23:59:59")
    assert always.next_open(midnight, BEIJING) == midnight


def test_european_evening_is_beijing_night() -> None:
    evening = at("2026-11-24 18:00", BERLIN)
    assert OFFICE.next_open(evening, BEIJING) == at("2026-11-25 08:00")


@pytest.mark.parametrize("day", ["2026-03-27", "2026-10-23"])
def test_a_change_of_the_clocks_moves_no_opening(day: str) -> None:
    friday_evening = at(f"{day} 21:00", BERLIN)
    opens = OFFICE.next_open(friday_evening, BERLIN)
    assert (opens.weekday(), opens.hour, opens.minute) == (0, 8, 0)
    assert opens.utcoffset() != friday_evening.utcoffset()


def test_a_public_holiday_of_the_country_is_no_office_day() -> None:
    christmas = at("2026-12-24 21:00", BERLIN)
    assert OFFICE.next_open(christmas, BERLIN, holidays_of("DE")) == at("2026-12-28 08:00", BERLIN)
    assert OFFICE.next_open(christmas, BERLIN) == at("2026-12-25 08:00", BERLIN)
    spring_festival = OFFICE.next_open(at("2027-02-05 21:00"), BEIJING, holidays_of("CN"))
    assert spring_festival.date() > at("2027-02-08 08:00").date()


def test_a_country_without_known_holidays_has_none() -> None:
    assert not holidays_of("XX")(at("2026-12-25 08:00").date())


@pytest.mark.parametrize(
    ("days", "numbers"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("mon,wed,fri", {0, 2, 4}),
        ("mon-tue, sat", {0, 1, 5}),
        ("mon,wed", {0, 2}),
        ("fri-mon", {4, 5, 6, 0}),
        ("sat-mon", {5, 6, 0}),
        ("MON - Wed", {0, 1, 2}),
        ("sun", {6}),
        ("wed-wed", {2}),
    ],
)
def test_days_are_listed_or_from_one_to_another(days: str, numbers: set[int]) -> None:
    assert parse_hours("08:00-09:00", days).days == numbers


@pytest.mark.parametrize(
    ("hours", "days", "reason"),
    [
        pytest.param("8-20", "mon-fri", "08:00-20:00", id="hours alone"),
        pytest.param("08:00-25:00", "mon", "08:00-20:00", id="twenty-five"),
        pytest.param("8:00-20:00", "mon", "08:00-20:00", id="one digit"),
        pytest.param("08.00-20.00", "mon", "08:00-20:00", id="points"),
        pytest.param("08:00", "mon", "08:00-20:00", id="no end"),
        pytest.param("08:60-20:00", "mon", "08:00-20:00", id="sixty minutes"),
        pytest.param("24:00-24:00", "mon", "08:00-20:00", id="opens at the end of the day"),
        pytest.param("08:00-08:00", "mon", "must open before", id="opens as it closes"),
        pytest.param("20:00-08:00", "mon", "must open before", id="over night"),
        pytest.param("08:00-20:00", "", "mon-fri", id="no day"),
        pytest.param("08:00-20:00", "mon,", "mon-fri", id="a comma too many"),
        pytest.param("08:00-20:00", "day", "mon-fri", id="no day of the week"),
        pytest.param("08:00-20:00", "monday", "mon-fri", id="a whole word"),
        pytest.param("08:00-20:00", "mon-fri-sun", "mon-fri", id="two ranges in one"),
    ],
)
def test_a_refusal_shows_how_hours_and_days_are_written(hours: str, days: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_hours(hours, days)


def test_an_office_that_is_always_closed_never_opens() -> None:
    with pytest.raises(ValueError, match="no day is open"):
        OFFICE.next_open(at("2026-11-24 09:00"), BEIJING, lambda _day: True)


def test_long_holidays_are_waited_for() -> None:
    last = at("2026-12-31 00:00").date()
    opens = OFFICE.next_open(at("2026-11-24 09:00"), BEIJING, lambda day: day <= last)
    assert opens == at("2027-01-01 08:00")


@pytest.mark.parametrize(
    ("hours", "moment", "closes"),
    [
        pytest.param("05:00-20:00", "2026-11-24 06:00", "2026-11-24 20:00", id="evening there"),
        pytest.param(
            "00:00-24:00", "2026-11-24 09:00", "2026-11-24 23:59:59.999999", id="end of the day"
        ),
    ],
)
def test_an_office_closes_on_the_day_it_is_open(hours: str, moment: str, closes: str) -> None:
    office = parse_hours(hours, "mon-sun")
    here = at(moment).astimezone(BERLIN)
    assert office.closing(here, BEIJING) == at(closes)
