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
    open_session: Callable[[], Session]
    tell: Tell

    def __post_init__(self) -> None:
        self._idle_sessions: SimpleQueue[Session] = SimpleQueue()
        self._in_flight: set[str] = set()
        self._changing = threading.Lock()

    def step(self, id: str) -> NextStep | None:
        """One step of a delivery; when its next one is, or None when it is over. Never raises."""
        with self._take(id) as is_free:
            if not is_free:
                return NextStep(_BUSY)
            try:
                return self._step(id)
            except FaxappealError as error:
                self.tell({"event": "stopped", "delivery": id, "message": error.message})
                if isinstance(error, SetupError):  # a ledger that is gone
                    return NextStep(_TROUBLE)
                # a page that cannot be set: its number's others can
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
        with self._session() as session:
            delivery = session.find(record)
            dispatcher = session.dispatcher  # `find` may have made another one
            seconds = self._tick(dispatcher, delivery)
            stopped, dispatcher.stopped = dispatcher.stopped, None
            if stopped:
                session.close()  # the next step reads the secrets again: one may be right by then
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
            with self._session() as session:
                session.do_chores()
        except SetupError as error:
            self.tell({"event": "stopped", "message": error.message})
        except Exception as error:
            self.tell({"event": "bug", "message": where(error)})

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A session that no other thread uses meanwhile."""
        try:
            session = self._idle_sessions.get_nowait()
        except Empty:
            session = self.open_session()
        try:
            yield session
        finally:
            self._idle_sessions.put(session)

    @contextmanager
    def _take(self, id: str) -> Iterator[bool]:
        """Whether no other thread works on the delivery; then it is this thread's meanwhile."""
        with self._changing:
            is_free = id not in self._in_flight
            self._in_flight.add(id)
        try:
            yield is_free
        finally:
            if is_free:
                with self._changing:
                    self._in_flight.discard(id)

    def close(self) -> None:
        """Close what the accounts keep open."""
        while not self._idle_sessions.empty():
            self._idle_sessions.get().close()


def is_over(record: Record) -> bool:
    """Whether nothing more is done for a delivery, unless somebody asks for it again."""
    # a person who ends the hold leaves it to the workers again
    is_held = record.state == State.HELD and record.ordered is None
    return record.state.is_final or is_held or record.is_sent
