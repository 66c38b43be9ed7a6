"""The steps of deliveries, as a queue calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.core.errors import SetupError, UsageError
from faxappeal.core.lifecycle import State
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.ledger import Ledger, Record
from faxappeal.workers.worker import NextStep, PlanMismatch, Worker, is_over
from tests.support.clock import FakeClock
from tests.support.reports import record
from tests.support.world import World, fax_delivery


@dataclass
class Steps:
    """A dispatcher whose steps have these answers; what the ledger has after the last of them."""

    office: Office
    answers: list[float | None]
    after: Record | None
    stops: SetupError | None = None
    stopped: SetupError | None = None

    def step(self, _delivery: Delivery) -> float | None:
        answer = self.answers.pop(0)
        if not self.answers:
            self.office.record, self.stopped = self.after, self.stops
        return answer


@dataclass
class Room:
    """A session that does as the test says."""

    office: Office
    dispatcher: Dispatcher
    find_it: Callable[[Record], Delivery] = lambda _record: fax_delivery()
    chores: Callable[[], None] = lambda: None
    closed: int = 0

    def find(self, record: Record) -> Delivery:
        return self.find_it(record)

    def do_chores(self) -> None:
        self.chores()

    def close(self) -> None:
        self.closed += 1


@dataclass
class Office:
    """A worker, its sessions, and a ledger that has one record."""

    record: Record | None = field(default_factory=lambda: record(state=State.PLANNED))
    clock: FakeClock = field(default_factory=FakeClock)
    said: list[Mapping[str, Any]] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    opens: Callable[[], Room] | None = None
    ledger_fails: Exception | None = None

    def __post_init__(self) -> None:
        self.queries = self
        self.worker = Worker(cast(Ledger, self), self.clock, self._open, self.said.append)

    def get(self, _id: str) -> Record | None:
        if self.ledger_fails:
            raise self.ledger_fails
        return self.record

    def _open(self) -> Room:
        room = self.opens() if self.opens else self.room()
        self.rooms.append(room)
        return room

    def room(self, **values: Any) -> Room:
        steps = Steps(self, [60.0] * 20, None)
        return Room(self, **{"dispatcher": cast(Dispatcher, steps), **values})

    def step_with(
        self, *answers: float | None, after: Record | None, stops: SetupError | None = None
    ) -> NextStep | None:
        """What comes of a step for which the dispatcher has these answers."""
        steps = Steps(self, list(answers), after, stops)
        self.opens = lambda: Room(self, cast(Dispatcher, steps))
        return self.worker.step("d1")


def seconds(number: float, **values: bool) -> NextStep:
    return NextStep(timedelta(seconds=number), **values)


USUAL = seconds(60, on_line=False)  # of a session that does nothing else
STOP = SetupError("the account refuses", "look at it")


# -- when the next step is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "after", "expected"),
    [
        (5.0, record(state=State.ACCEPTED), seconds(5)),
        (90.0, record(state=State.SUBMITTING), seconds(90)),
        (900.0, record(state=State.WAITING), seconds(900, on_line=False)),
        (900.0, record(state=State.WAITING, cause="busy"), seconds(900, alone=True, on_line=False)),
        (None, record(state=State.WAITING), seconds(60, on_line=False)),
        (None, record(state=State.SUBMITTING), seconds(60)),
        (None, record(state=State.HELD, ordered="x"), seconds(60, on_line=False)),
        (None, record(state=State.HELD), None),
        (None, record(state=State.DELIVERED), None),
        (None, record(state=State.FAILED), None),
        (None, record(state=State.UNKNOWN), None),
        (None, record(state=State.ACCEPTED, channel="email"), None),
        (None, None, None),
    ],
    ids=[
        *("on the line", "its outcome is asked for", "outside office hours", "after a busy line"),
        *("until who knows when", "an outcome without a time", "held, but queued again", "held"),
        *("delivered", "failed", "unknown", "an e-mail that was accepted", "purged meanwhile"),
    ],
)
def test_the_next_step_is_when_the_letter_needs_one(
    answer: float | None, after: Record | None, expected: NextStep | None
) -> None:
    assert Office().step_with(answer, after=after) == expected


@pytest.mark.parametrize(
    ("after", "on_line"),
    [(record(state=State.PLANNED), False), (record(state=State.ACCEPTED), True)],
    ids=["before it left", "while it is on the line"],
)
def test_where_an_account_is_in_the_way_a_person_has_five_minutes(
    after: Record, on_line: bool
) -> None:
    office = Office()
    assert office.step_with(None, after=after, stops=STOP) == seconds(300, on_line=on_line)
    assert office.said == [{"event": "stopped", "delivery": "d1", "message": "the account refuses"}]
    [room] = office.rooms
    assert room.closed, "its secrets are read again"
    assert room.dispatcher.stopped is None, "the next letter may go"


def test_an_account_that_stopped_after_the_letter_s_end_is_not_said_of_it() -> None:
    office = Office()
    assert office.step_with(None, after=record(state=State.DELIVERED), stops=STOP) is None
    assert not office.said


@pytest.mark.parametrize(
    ("answers", "slept", "expected"),
    [
        ([2.5], [], seconds(2.5)),
        ([2.0, 60.0], [2.0], seconds(60)),
        ([0.0, 1.0, 60.0], [0.0, 1.0], seconds(60)),
        ([-1.0, 60.0], [0.0], seconds(60)),
        ([1.0] * 6, [1.0] * 5, seconds(1)),
    ],
    ids=["a longer pause", "an account's gap", "two in a row", "one that is over", "no more than five"],
)  # fmt: skip
def test_a_brief_pause_is_waited_for_at_once(
    answers: list[float | None], slept: list[float], expected: NextStep
) -> None:
    office = Office()
    assert office.step_with(*answers, after=record(state=State.ACCEPTED)) == expected
    assert office.clock.slept == slept


def test_a_letter_that_ends_in_a_brief_pause_needs_no_other_step() -> None:
    assert Office().step_with(1.0, None, after=record(state=State.DELIVERED)) is None


@pytest.mark.parametrize(
    "known", [None, record(), record(state=State.FAILED)], ids=["no such letter", "sent", "failed"]
)
def test_what_is_over_takes_no_session(known: Record | None) -> None:
    office = Office(known)
    assert office.worker.step("d1") is None
    assert not office.rooms and not office.said


# -- what goes wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "expected", "event", "words"),
    [
        (SetupError("the ledger is gone"), seconds(30), "stopped", "the ledger is gone"),
        (
            UsageError("a page cannot be set"),
            seconds(300, alone=True, on_line=False),
            "stopped",
            "a page cannot be set",
        ),
        (
            PlanMismatch("another letter"),
            seconds(60, alone=True, on_line=False),
            "refused",
            "another letter",
        ),
        (RuntimeError("+12025550101"), seconds(300, alone=True), "bug", "RuntimeError at"),
    ],
    ids=["the ledger", "the letter", "the folder", "a mistake of ours"],
)
def test_whatever_goes_wrong_the_letter_is_stepped_again(
    error: Exception, expected: NextStep, event: str, words: str
) -> None:
    def fails(_record: Record) -> Delivery:
        raise error

    office = Office()
    office.opens = lambda: office.room(find_it=fails)
    assert office.worker.step("d1") == expected
    [line] = office.said
    assert (line["event"], line["delivery"]) == (event, "d1")
    assert line["message"].startswith(words) and "2025550101" not in line["message"]


def test_a_ledger_that_cannot_be_read_is_tried_again() -> None:
    office = Office(ledger_fails=SetupError("no connection"))
    assert office.worker.step("d1") == seconds(30)
    office.ledger_fails = None
    assert office.worker.step("d1") == USUAL


def test_a_session_that_cannot_be_opened_is_tried_again() -> None:
    def fails() -> Room:
        raise SetupError("no secret")

    office = Office(opens=fails)
    assert office.worker.step("d1") == seconds(30)
    office.opens = None
    assert office.worker.step("d1") == USUAL


# -- one delivery at a time ------------------------------------------------------------------------


def test_a_delivery_that_is_being_stepped_waits_its_turn() -> None:
    office = Office()
    found: list[NextStep | None] = []

    def meanwhile(_record: Record) -> Delivery:
        found.append(office.worker.step("d1"))
        return fax_delivery()

    office.opens = lambda: office.room(find_it=meanwhile)
    first = office.worker.step("d1")
    assert found == [seconds(15)] and first == USUAL
    assert office.worker.step("d1") == USUAL, "and then it is free"


def test_two_deliveries_at_once_have_sessions_of_their_own() -> None:
    office = Office()

    def meanwhile(_record: Record) -> Delivery:
        if len(office.rooms) == 1:
            office.worker.step("d2")
        return fax_delivery()

    office.opens = lambda: office.room(find_it=meanwhile)
    office.worker.step("d1")
    assert len(office.rooms) == 2
    office.worker.step("d3")
    assert len(office.rooms) == 2, "which are used again"


def test_a_session_in_which_something_went_wrong_is_used_again() -> None:
    office = Office()

    def fails(_record: Record) -> Delivery:
        raise PlanMismatch("another letter")

    office.opens = lambda: office.room(find_it=fails)
    office.worker.step("d1")
    office.worker.step("d2")
    assert len(office.rooms) == 1


def test_in_the_end_each_session_is_closed() -> None:
    office = Office()
    office.worker.step("d1")
    office.worker.close()
    assert [room.closed for room in office.rooms] == [1]


# -- chores ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, []),
        (SetupError("no connection"), [("stopped", "no connection")]),
        (RuntimeError("hunter2"), [("bug", "RuntimeError at test_worker.py")]),
    ],
    ids=["well", "the ledger is gone", "a mistake of ours"],
)
def test_chores_that_fail_stop_no_letter(
    error: Exception | None, said: list[tuple[str, str]]
) -> None:
    done: list[str] = []

    def chores() -> None:
        done.append("begun")
        if error:
            raise error

    office = Office()
    office.opens = lambda: office.room(chores=chores)
    office.worker.do_chores()
    assert done == ["begun"]
    found = [(line["event"], line["message"].partition(":")[0]) for line in office.said]
    assert found == said
    assert office.worker.step("d1") == USUAL


# -- is_over ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "channel", "ordered", "expected"),
    [
        (State.PLANNED, "fax", "x", False),
        (State.WAITING, "fax", "x", False),
        (State.SUBMITTING, "fax", "x", False),
        (State.ACCEPTED, "fax", "x", False),
        (State.ACCEPTED, "email", "x", True),
        (State.RELAYED, "email", "x", True),
        (State.DELIVERED, "fax", "x", True),
        (State.FAILED, "fax", "x", True),
        (State.UNKNOWN, "fax", "x", True),
        (State.HELD, "fax", "x", False),
        (State.HELD, "fax", None, True),
    ],
)
def test_what_is_over_is_stepped_no_more(
    state: State, channel: str, ordered: str | None, expected: bool
) -> None:
    assert is_over(record(state=state, channel=channel, ordered=ordered)) is expected


# -- with a real dispatcher ------------------------------------------------------------------------


def test_a_letter_goes_out_once_step_by_step(world: World) -> None:
    [delivery] = world.deliveries()
    world.ledger.plan(delivery, world.clock.now())
    dispatcher, said = world.dispatcher(), list[Mapping[str, Any]]()
    office = Office()
    worker = Worker(
        world.ledger,
        world.clock,
        lambda: office.room(dispatcher=dispatcher, find_it=lambda _record: delivery),
        said.append,
    )
    first = worker.step(delivery.id)
    assert first and first.on_line and world.states() == ["accepted"]
    world.clock.sleep(first.after.total_seconds())
    assert worker.step(delivery.id) is None and world.states() == ["delivered"]
    assert worker.step(delivery.id) is None, "a job that is lost, late or run twice does no harm"
    assert len(world.account.submitted) == 1 and not said
