"""The letters of one run, each taken to its end, one step after the other, whichever is due first.

Who watches is told what goes now and what waits until when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heapreplace
from typing import Any, Protocol

from ..campaign.delivery import Delivery
from ..core.clock import Clock
from ..ledger import Record
from .dispatcher import Dispatcher

_SET_BACK = timedelta(minutes=1)  # more than NTP corrects while a program runs
_BRIEF = 2.0  # seconds: the gap of an account, for which a run without waiting waits all the same


class RunObserver(Protocol):
    """Follows a run while letters go."""

    def goes(self, delivery: Delivery) -> None:
        """A step of this letter is being made: it is handed over, or asked about."""

    def changed(self, delivery: Delivery, record: Record) -> None:
        """It has another state now."""

    def rests(self, waiting: Sequence[tuple[datetime, Delivery]]) -> None:
        """Nothing can be done before the first of these moments; the soonest comes first."""

    def stops(self) -> None:
        """The run was asked to stop, and will after this step."""


class NullObserver:
    """Ignores all events."""

    def _ignore(self, *_: Any, **__: Any) -> None:
        pass

    goes = changed = rests = stops = _ignore


@dataclass
class RunLoop:
    """One machine's run."""

    dispatcher: Dispatcher
    clock: Clock
    watcher: RunObserver
    interrupted: bool = False
    _asleep: bool = False

    def run(self, deliveries: Sequence[Delivery], *, wait: bool = True) -> None:
        """Step each delivery until all are settled; without `wait`, each as far as it goes now."""
        self.dispatcher.run_ids = frozenset(delivery.id for delivery in deliveries)
        latest = self.clock.now()
        due = [(latest, number) for number in range(len(deliveries))]  # a heap: in the file's order
        while due and not self.interrupted:
            now = self.clock.now()
            if now < latest - _SET_BACK:
                due = sorted((now, number) for _, number in due)
                latest = now
            latest = max(latest, now)
            moment, number = due[0]
            pause = (moment - now).total_seconds()
            if pause > 0:
                if not wait and pause > _BRIEF:
                    return
                self.watcher.rests([(time, deliveries[which]) for time, which in sorted(due)])
                self._sleep(pause)
                continue
            self.watcher.goes(deliveries[number])
            seconds = self.dispatcher.step(deliveries[number])
            if seconds is None:
                heappop(due)
            else:
                heapreplace(due, (self.clock.now() + timedelta(seconds=seconds), number))

    def interrupt(self) -> None:
        """Stop between two steps; called by a signal handler."""
        self.interrupted = True
        self.watcher.stops()
        if self._asleep:
            raise KeyboardInterrupt

    def _sleep(self, seconds: float) -> None:
        try:
            self._asleep = True
            if not self.interrupted:  # by a signal since anybody looked: it woke nobody
                self.clock.sleep(seconds)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            self._asleep = False
