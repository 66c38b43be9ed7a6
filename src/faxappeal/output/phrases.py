"""Words that several screens have in common: a letter's name, a number, a time.

A sentence is a list of parts; a part with a second word has the colour of that word.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from ..core.text import show

Part = str | tuple[str, str]

_A_WEEK = timedelta(days=6)  # within it the name of a day is enough


def letter_name(
    recipient: str, channel: str, address: str, signatory: str | None = None
) -> tuple[Part, Part]:
    """A letter's recipient, who sends it if many send one each, its channel and its address."""
    sender = f" from {show(signatory)}" if signatory else ""
    return (show(recipient), "bold"), f"{sender}  {channel}  {show(address)}"


def both_times(until: datetime, zone: tzinfo | None, now: datetime) -> str:
    """A moment as the clocks show it there and here; with its day where that is not this week."""
    form = "%a %H:%M" if until - now < _A_WEEK else "%a %d %b %H:%M"
    recipient_time = f"{until.astimezone(zone):{form}} there, " if zone else ""
    return f"{recipient_time}{until.astimezone(now.tzinfo):{form}} here"


def count(number: int, noun: str) -> str:
    """`1 letter`, `2 letters`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def sentence(message: str) -> str:
    """A message with its full stop."""
    return show(message).rstrip(".") + "."


def duration(time: timedelta) -> str:
    """How long, roughly: `12 min`, `3 h 20 min`."""
    minutes = round(time.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(1, minutes)} min"
