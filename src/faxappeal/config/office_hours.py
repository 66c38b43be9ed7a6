"""When an office may be called: its own hours and days, in its own time zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

Closed = Callable[[date], bool]
_LOOK_AHEAD = 60  # days; the longest public holidays close offices for nine
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class OfficeHours:
    """Opening and closing time on some days of the week."""

    opens: time
    closes: time
    days: frozenset[int]  # 0 is Monday

    def next_open(
        self, moment: datetime, zone: tzinfo, closed: Closed = lambda _day: False
    ) -> datetime:
        """`moment` if the office is open then, else when it opens next; in `zone`.

        The wall clock of the zone decides, so a change to summer time moves nothing. On days on
        which it is `closed`, no one works.
        """
        recipient_time = moment.astimezone(zone)
        for ahead in range(_LOOK_AHEAD):
            day = recipient_time.date() + timedelta(days=ahead)
            if day.weekday() not in self.days or closed(day):
                continue
            opening = datetime.combine(day, self.opens, zone)
            if recipient_time.date() < day or recipient_time.time() < self.opens:
                return opening
            if recipient_time.time() < self.closes:
                return recipient_time
        raise ValueError("no day is open")

    def closing(self, moment: datetime, zone: tzinfo) -> datetime:
        """When the office that is open at `moment` closes."""
        return datetime.combine(moment.astimezone(zone).date(), self.closes, zone)


def holidays_of(country: str) -> Closed:
    """Which days are public holidays in all of a country (ISO 3166-1 alpha-2): none in a country
    that the library `holidays` does not know."""
    return lambda day: day in _holidays(country, day.year)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def parse_hours(hours: str, days: str) -> OfficeHours:
    """`08:00-20:00` on `mon-fri` (or `mon,wed`); ValueError says what is wrong."""
    match = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", hours.replace(" ", ""))
    if not match:
        raise ValueError("hours are written as 08:00-20:00")
    try:
        opens = time.fromisoformat(match[1])
        closes = time.max if match[2] == "24:00" else time.fromisoformat(match[2])
    except ValueError:
        raise ValueError("hours are written as 08:00-20:00") from None
    if opens >= closes:
        raise ValueError("the office must open before it closes")
    return OfficeHours(opens, closes, _parse_days(days))


def _parse_days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        try:
            start, end = _DAYS.index(first), _DAYS.index(last or first)
        except ValueError:
            raise ValueError("days are written as mon-fri, or mon,wed,fri") from None
        days.update(range(start, end + 1) if start <= end else {*range(start, 7), *range(end + 1)})
    return frozenset(days)
