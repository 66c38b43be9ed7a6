"""The steps of deliveries, called from a queue that many machines share.

A job is a step and the moment of the next one; what happens to a letter is the ledger's and the
dispatcher's business, as on one machine. A job that is lost, late or run twice does no harm.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from ..campaign.delivery import Delivery
from ..core.clock import Clock
from ..core.errors import FaxappealError, SetupError, where
from ..core.lifecycle import State
from ..delivery.dispatcher import Dispatcher
from ..ledger import Ledger, Record

_BUSY = timedelta(seconds=15)  # another thread of this worker has the delivery in its hands
_STOPPED = timedelta(minutes=5)  # an account is in the way: a person may be mending it
_TROUBLE = timedelta(seconds=30)  # the ledger is being started again, or a page cannot be set
_REFUSED = timedelta(minutes=1)  # the campaign's folder may be brought up to date
_BRIEF, _BRIEF_STEPS = 2.0, 5  # seconds, and how often in a row: an account's gap
_LATER = timedelta(minutes=1)  # it waits for what nobody can tell the end of

Tell = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class NextStep:
    """When a delivery is to be stepped again."""

    after: timedelta
    alone: bool = False  # it waits for its own sake: others to its number may go before
    on_line: bool = True  # its call may be on the line: nothing to its number goes before


class PlanMismatch(Exception):
    """This worker's campaign folder is not the one that the delivery was planned from."""


class Session(Protocol):
    """Where one delivery at a time is worked on."""

    @property
    def dispatcher(self) -> Dispatcher: ...

    def find(self, record: Record) -> Delivery:
        """The delivery as it was planned; PlanMismatch where this folder has another one."""

    def do_chores(self) -> None:
        """What has to be done now and then, whatever the letters do."""

    def close(self) -> None:
        """Close what its accounts keep open; they may be used again."""


@dataclass
class Worker:
    """Steps deliveries, several at once. `tell` gets what happens, without personal data."""

    ledger: Ledger
    clock: Clock
    open_desk: Callable[[], Session]
    tell: Tell

    def __post_init__(self) -> None:
        self._hands = InFlight()
        self._desks: SimpleQueue[Session] = SimpleQueue()

    def step(self, id: str) -> NextStep | None:
        """One step of a delivery; when its next one is, or None when it is over. Never raises."""
        with self._hands.take(id) as is_free:
            if not is_free:
                return NextStep(_BUSY)
            try:
                return self._step(id)
            except SetupError as error:  # a ledger that is gone
                self.tell({"event": "stopped", "delivery": id, "message": error.message})
                return NextStep(_TROUBLE)
            except FaxappealError as error:  # a page that cannot be set: its number's others can
                self.tell({"event": "stopped", "delivery": id, "message": error.message})
                return NextStep(_STOPPED, alone=True, on_line=False)
            except PlanMismatch as error:
                self.tell({"event": "refused", "delivery": id, "message": str(error)})
                return NextStep(_REFUSED, alone=True, on_line=False)
            except Exception as error:  # a job that fails is never tried again
                self.tell({"event": "bug", "delivery": id, "message": where(error)})
                return NextStep(_STOPPED, alone=True)

    def _step(self, id: str) -> NextStep | None:
        record = self.ledger.queries.get(id)
        if record is None or is_over(record):
            return None
        with self._desk() as desk:
            delivery = desk.find(record)
            seconds = self._tick(desk.dispatcher, delivery)
            stopped, desk.dispatcher.stopped = desk.dispatcher.stopped, None
            if stopped:
                desk.close()  # the next one asks for the secrets anew: one may have been mended
        after = self.ledger.queries.get(id)
        if after is None or is_over(after):
            return None
        wait = _LATER if seconds is None else timedelta(seconds=seconds)
        if stopped:
            self.tell({"event": "stopped", "delivery": id, "message": stopped.message})
            wait = _STOPPED
        alone = after.state == State.WAITING and after.cause is not None
        return NextStep(wait, alone=alone, on_line=after.state.is_in_progress)

    def _tick(self, dispatcher: Dispatcher, delivery: Delivery) -> float | None:
        """A step, and those that follow at once: to wait for them takes less than to queue them."""
        seconds = dispatcher.step(delivery)
        for _ in range(_BRIEF_STEPS):
            if seconds is None or seconds > _BRIEF:
                break
            self.clock.sleep(max(0.0, seconds))
            seconds = dispatcher.step(delivery)
        return seconds

    def do_chores(self) -> None:
        """What has to be done now and then. Never raises."""
        try:
            with self._desk() as desk:
                desk.do_chores()
        except SetupError as error:
            self.tell({"event": "stopped", "message": error.message})
        except Exception as error:
            self.tell({"event": "bug", "message": where(error)})

    @contextmanager
    def _desk(self) -> Iterator[Session]:
        """A desk that nobody else uses meanwhile."""
        try:
            desk = self._desks.get_nowait()
        except Empty:
            desk = self.open_desk()
        try:
            yield desk
        finally:
            self._desks.put(desk)

    def close(self) -> None:
        """Close what the accounts keep open."""
        while not self._desks.empty():
            self._desks.get().close()


class InFlight:
    """The deliveries that this process has in its hands: each once."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._changing = threading.Lock()

    @contextmanager
    def take(self, id: str) -> Iterator[bool]:
        """Whether nobody else has it; then it is taken meanwhile."""
        with self._changing:
            is_free = id not in self._held
            self._held.add(id)
        try:
            yield is_free
        finally:
            if is_free:
                with self._changing:
                    self._held.discard(id)


def is_over(record: Record) -> bool:
    """Whether nothing more is done for a delivery, unless somebody asks for it anew."""
    is_held = (
        record.state == State.HELD and record.ordered is None
    )  # else it is lifted, and put here
    return record.state.is_final or is_held or record.is_sent
