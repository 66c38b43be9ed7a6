"""Letters on their way: a line for each change and, on a terminal, what goes now and what waits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..core.lifecycle import State, WaitReason
from ..core.text import show
from .phrases import Part, both_times, count, duration

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import ConsoleOptions, RenderResult
    from rich.live import Live

    from ..campaign.delivery import Delivery
    from ..core.result import Result
    from ..ledger import Record
    from .console import Console

Waiting = Sequence[tuple[datetime, "Delivery"]]

_SHOWN = 4  # letters that wait, of all
# who waits longer than this may want to do something else meanwhile
_LONG = timedelta(minutes=10)
_DOING = {
    State.PLANNED: "is handed over",
    State.WAITING: "is handed over",
    State.ACCEPTED: "is under way",
}


class Progress:
    """Looks on while letters go (see `RunObserver`)."""

    def __init__(self, console: Console, clock: Clock, later: str) -> None:
        self.console, self.clock, self.later = console, clock, later
        self._going: Delivery | None = None
        self._waiting: Waiting = ()
        self._records: dict[str, Record] = {}
        self._announced: datetime | None = None  # the end of the long wait that was shown last
        self._stopping = False
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        if self.console.is_live:
            from rich.live import Live

            screen = self.console.rich(False)
            self._live = Live(self, console=screen, transient=True, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    # -- what the queue reports

    def goes(self, delivery: Delivery) -> None:
        self._going, self._waiting = delivery, ()

    def changed(self, delivery: Delivery, record: Record) -> None:
        before = self._records.get(delivery.id)
        self._records[delivery.id] = record
        same = before and (before.state, before.note) == (record.state, record.note)
        if self.console.as_json or (same and record.state == State.WAITING):
            return
        words = f"{record.state} ({record.cause})" if record.cause else record.state
        more = ""
        if record.cause == "account":
            more = ": the run stops"
        elif record.state == State.WAITING and record.next_at:
            more = f" until {both_times(record.next_at, delivery.zone, self.clock.now())}"
        elif record.note and record.note not in (WaitReason.RETRY, record.cause):
            more = f": {show(record.note)}"
        time = f"{self.clock.now():%H:%M:%S}  "
        self.console.line(time, *_name(delivery), "  ", (words, record.state), more)

    def rests(self, waiting: Waiting) -> None:
        self._going, self._waiting = None, waiting
        first, delivery = waiting[0]
        now = self.clock.now()
        if self.console.as_json or first - now < _LONG or first == self._announced:
            return
        is_first = self._announced is None
        self._announced = first
        self.console.line(
            f"Nothing can go before {both_times(first, delivery.zone, now)}: "
            f"{count(len(waiting), 'letter')} to go."
        )
        if self.later and is_first:
            self.console.line("Leave this running, or stop it (Ctrl-C) and leave it to cron:")
            self.console.line(f"    {self.later}", whole=True)

    def stops(self) -> None:
        self._stopping = True
        if self._live is None and not self.console.as_json:
            # from a signal handler: no buffer of ours may be in use
            os.write(2, b"Stopping after this step.\n")

    # -- what is written over

    def lines(self) -> list[list[Part]]:
        """What goes now and what waits until when, one line each."""
        now = self.clock.now()
        lines: list[list[Part]] = []
        if self._going:
            record = self._records.get(self._going.id)
            doing = _DOING.get(record.state if record else State.PLANNED, "is looked into")
            lines.append(["now  ", *_name(self._going), f"  {doing}"])
        for moment, delivery in self._waiting[:_SHOWN]:
            record = self._records.get(delivery.id)
            words = f"waits until {both_times(moment, delivery.zone, now)}"
            if record and record.state in (State.ACCEPTED, State.SUBMITTING):
                words = f"is under way; asked again in {_span(moment - now)}"
            lines.append(["     ", *_name(delivery), f"  {words}"])
        if len(self._waiting) > _SHOWN:
            lines.append([f"     and {len(self._waiting) - _SHOWN} more"])
        hint = "stopping after this step" if self._stopping else "Ctrl-C stops; send goes on later"
        return [*lines, [(f"     {hint}", "dim")]]

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        from .console import coloured, fitted

        for line in self.lines():
            yield from fitted(coloured(tuple(line)), console)


def _name(delivery: Delivery) -> list[Part]:
    return [(show(delivery.recipient.id), "bold"), f"  {delivery.channel}"]


def _span(left: timedelta) -> str:
    """How long, roughly: `5 s`, `12 min`, `3 h 20 min`."""
    seconds = max(0, round(left.total_seconds()))
    return f"{seconds} s" if seconds < 90 else duration(timedelta(seconds=seconds))


@contextmanager
def in_place(
    console: Console, clock: Clock, show: Callable[[Console, Result], None]
) -> Iterator[Callable[[Result], None]]:
    """Shows one result after the other in the same place; the last one stays."""
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    screen = console.rich(False)
    with Live(console=screen, auto_refresh=False, vertical_overflow="visible") as live:

        def show_result(result: Result) -> None:
            lines = console.capture(lambda: show(console, result))
            looked = Text(f"looked at {clock.now():%H:%M:%S}; Ctrl-C ends", style="dim")
            live.update(Group(*lines, looked), refresh=True)

        yield show_result
