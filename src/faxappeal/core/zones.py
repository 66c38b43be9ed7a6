"""The time zones that a telephone number may be in, so that none rings at night.

libphonenumber's answer is checked against the country's own zones: it gives Bucharest for Libya,
Paris for Algeria, the Canaries for Morocco. Two zones count as one while their clocks agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .address import number_region, parse_number

_AHEAD = 366  # days: a whole year of changes to and from summer time
# Names of places. The time zone database also has names that are none: "localtime" is the sender's
# own zone, "right/…" counts leap seconds, "Etc/GMT+5" is five hours behind Greenwich.
_AREAS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe"),
    *("Indian", "Pacific", "US", "Canada", "Brazil", "Mexico", "Chile"),
}
_COUNTRIES = {
    *("Cuba", "Egypt", "Eire", "GB", "GB-Eire", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica"),
    *("Japan", "Kwajalein", "Libya", "NZ", "NZ-CHAT", "Navajo", "PRC", "Poland", "Portugal"),
    *("ROC", "ROK", "Singapore", "Turkey", "W-SU"),
}
_UTC = ("UTC", "Etc/UTC")


@lru_cache(2048)
def is_place(name: str) -> bool:
    """Whether a time zone's name is a place's, or UTC, and the database has it."""
    area, slash, _ = name.partition("/")
    if not (area in _AREAS if slash else name in _COUNTRIES) and name not in _UTC:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database is no zone
        return False
    return True


@lru_cache(4096)  # asked for again in each step of a delivery
def number_zones(e164: str, day: date) -> tuple[str, ...]:
    """The time zones (IANA names) a number may be in: those that libphonenumber knows, as far as
    they are the country's; else all of the country's. Only one is named of those whose clocks agree
    from `day` on for a year. Empty for a number without a place (satellite, international)."""
    import phonenumbers as pn
    from babel.core import get_global
    from phonenumbers import timezone

    number = parse_number(e164)
    if number is None:  # InterFAX' simulator: nobody's telephone
        return ("UTC",)
    known = [z for z in timezone.time_zones_for_number(number) if z != timezone.UNKNOWN_TIMEZONE]
    region = number_region(e164)
    if region is None or region == pn.REGION_CODE_FOR_NON_GEO_ENTITY:
        return ()
    country = [z for z in get_global("territory_zones").get(region, ()) if is_place(z)]
    if not country:  # Ascension, Kosovo: not in CLDR's list
        return _distinct(known, day)
    clocks = {_clock(zone, day) for zone in known}
    country.sort(key=lambda zone: zone not in known)  # the better known names first
    return _distinct([z for z in country if _clock(z, day) in clocks] or country, day)


@dataclass(frozen=True)
class Conflict:
    """A time zone that is not the number's: what its clock and the number's own show at once."""

    day: date
    given: time
    zone: str  # one that the number may be in
    actual: time


def conflict(given: str, zones: Sequence[str], day: date) -> Conflict | None:
    """Where the clock of `given` differs, within a year from `day`, from that of each of `zones`,
    the first such day at 08:00 in `given`; None where it agrees with one, or there are none."""
    clock = _clock(given, day)
    if not zones or any(_clock(zone, day) == clock for zone in zones):
        return None
    other = _clock(zones[0], day)
    first = day + timedelta(next(n for n in range(_AHEAD) if other[n] != clock[n]))
    opens = datetime.combine(first, time(8), ZoneInfo(given))
    actual = opens.astimezone(ZoneInfo(zones[0]))
    return Conflict(first, opens.time(), zones[0], actual.time())


def _distinct(zones: Sequence[str], day: date) -> tuple[str, ...]:
    return tuple({_clock(zone, day): zone for zone in reversed(zones)}.values())[::-1]


@lru_cache(1024)
def _clock(zone: str, day: date) -> tuple[timedelta | None, ...]:
    """How far a zone is from UTC, on each day of a year at noon."""
    info = ZoneInfo(zone)
    noon = datetime.combine(day, time(12), UTC)
    return tuple((noon + timedelta(n)).astimezone(info).utcoffset() for n in range(_AHEAD))
