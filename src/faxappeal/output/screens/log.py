"""The events of the delivery log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.text import show
from ..phrases import Part, count, letter_name

if TYPE_CHECKING:
    from ...commands.log import LogResult
    from ..console import Console


def draw(console: Console, data: LogResult) -> None:
    """The delivery log."""
    if not data.total:
        console.line(f"Nothing was sent yet of {show(data.campaign)}.")
    elif not data.events:
        console.line(f"None of {count(data.total, 'event')} is what you asked for.")
    for event in data.events:
        facts = [
            f"attempt {event.attempt}" if event.attempt else "",
            event.cause or "",
            f"{count(event.pages, 'page')} confirmed" if event.pages is not None else "",
            f"answered as {event.station}" if event.station else "",
            f"{event.seconds:.0f} s" if event.seconds else "",
            f"{event.rate} bit/s" if event.rate else "",
            event.price or "",
            f"{event.account} {event.account_reference or ''}".strip() if event.account else "",
            event.note or "",
            event.raw if event.raw and event.raw != event.note else "",
        ]
        words = "; ".join(show(fact) for fact in facts if fact)
        line: list[Part] = [
            f"{event.at.astimezone():%Y-%m-%d %H:%M:%S %z}  ",
            *letter_name(event.recipient, event.channel, event.address),
            "  ",
            (event.event, event.event),
        ]
        if not words:
            console.line(*line)
        elif console.is_live:  # on a terminal the facts are below
            console.line(*line)
            console.line(f"    {words}")
        else:  # a file or a pipe gets a line for each event
            console.line(*line, f"  {words}")
