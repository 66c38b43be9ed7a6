"""The recipient's hours: no telephone rings at night, on any clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from faxappeal.config.office_hours import holidays_of, parse_duration, parse_hours
from faxappeal.config.sections import Pacing

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


@pytest.mark.parametrize(
    ("hours", "days"),
    [("8-20", "mon-fri"), ("20:00-08:00", "mon"), ("08:00-25:00", "mon"), ("08:00-20:00", "day")],
)
def test_hours_that_cannot_be_read(hours: str, days: str) -> None:
    with pytest.raises(ValueError, match=r"written|open"):
        parse_hours(hours, days)


def test_a_public_holiday_of_the_country_is_no_office_day() -> None:
    christmas = at("2026-12-24 21:00", BERLIN)
    assert OFFICE.next_open(christmas, BERLIN, holidays_of("DE")) == at("2026-12-28 08:00", BERLIN)
    assert OFFICE.next_open(christmas, BERLIN) == at("2026-12-25 08:00", BERLIN)
    spring_festival = OFFICE.next_open(at("2027-02-05 21:00"), BEIJING, holidays_of("CN"))
    assert spring_festival.date() > at("2027-02-08 08:00").date()


def test_a_country_without_known_holidays_has_none() -> None:
    assert not holidays_of("XX")(at("2026-12-25 08:00").date())


def test_the_holidays_of_a_country_can_be_left_out() -> None:
    christmas = at("2026-12-25 09:00", BERLIN)
    assert Pacing().next_open(christmas, BERLIN, "DE") == at("2026-12-28 08:00", BERLIN)
    assert Pacing(holidays=False).next_open(christmas, BERLIN, "DE") == christmas


def test_days_may_be_listed_or_wrap_round() -> None:
    assert parse_hours("08:00-09:00", "mon,wed").days == {0, 2}
    assert parse_hours("08:00-09:00", "sat-mon").days == {5, 6, 0}


def test_durations() -> None:
    assert parse_duration("5m") == timedelta(minutes=5)
    assert parse_duration("7d") == timedelta(days=7)
    with pytest.raises(ValueError, match="5m"):
        parse_duration("five minutes")
