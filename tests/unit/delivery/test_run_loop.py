"""The letters of one run, one step after the other, and what a signal does at any moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.delivery.run_loop import NullObserver, RunLoop
from tests.support.clock import FakeClock
from tests.support.world import fax_delivery


@dataclass
class Steps:
    """A dispatcher whose letters have steps of so many seconds; after the last one each is done."""

    clock: FakeClock
    seconds: dict[str, list[float]]
    run_ids: frozenset[str] = frozenset()
    taken: list[tuple[str, datetime]] = field(default_factory=list)

    def step(self, delivery: Delivery) -> float | None:
        self.taken.append((delivery.id, self.clock.now()))
        assert len(self.taken) < 20, "it never ends"
        left = self.seconds[delivery.id]
        return left.pop(0) if left else None

    @property
    def order(self) -> str:
        return " ".join(id for id, _ in self.taken)


@dataclass
class Watching(NullObserver):
    """Notes what it was shown of the waits."""

    rested: list[list[tuple[int, str]]] = field(default_factory=list)
    begun: datetime = field(default_factory=lambda: FakeClock().moment)
    stopped: bool = False

    def rests(self, waiting: Sequence[tuple[datetime, Delivery]]) -> None:
        shown = [
            (round((moment - self.begun).total_seconds()), letter.id) for moment, letter in waiting
        ]
        self.rested.append(shown)

    def stops(self) -> None:
        self.stopped = True


def loop(
    clock: FakeClock, watcher: NullObserver | None = None, /, **seconds: list[float]
) -> tuple[RunLoop, Steps, list[Delivery]]:
    dispatcher = Steps(clock, seconds)
    queue = RunLoop(cast(Dispatcher, dispatcher), clock, watcher or NullObserver())
    return queue, dispatcher, [fax_delivery(id) for id in seconds]


@pytest.mark.parametrize(
    ("seconds", "order"),
    [
        ({"a": [], "b": [], "c": []}, "a b c"),
        ({"a": [0.0], "b": [], "c": []}, "a b c a"),
        ({"a": [60.0], "b": [30.0], "c": []}, "a b c b a"),
        ({"a": [90.0], "b": [30.0, 30.0], "c": []}, "a b c b b a"),
        ({}, ""),
    ],
    ids=["each once", "one more step at once", "the soonest first", "again and again", "no letter"],
)
def test_letters_go_in_the_files_order_and_then_as_they_are_due(
    seconds: dict[str, list[float]], order: str
) -> None:
    queue, dispatcher, letters = loop(FakeClock(), **seconds)
    queue.run(letters)
    assert dispatcher.order == order


def test_no_step_comes_before_its_time() -> None:
    queue, dispatcher, letters = loop(FakeClock(), a=[900.0])
    queue.run(letters)
    (_, first), (_, second) = dispatcher.taken
    assert second - first >= timedelta(minutes=15)


class SetBack(FakeClock):
    """It is a month ahead until somebody sets it right, while a run sleeps."""

    AHEAD = timedelta(days=30)

    def __init__(self) -> None:
        super().__init__()
        self.moment += self.AHEAD
        self.is_right = False

    def sleep(self, seconds: float) -> None:
        if self.is_right:
            super().sleep(seconds)
        else:
            self.is_right = True
            self.moment -= self.AHEAD


def test_a_clock_that_is_set_back_lets_no_letter_wait_for_another_month() -> None:
    clock = SetBack()
    run, steps, deliveries = loop(clock, a=[60.0, 60.0], b=[3600.0])
    run.run(deliveries)
    assert steps.order == "a b a b a"
    assert clock.moment - FakeClock().moment < timedelta(hours=2)


def test_the_dispatcher_learns_which_letters_are_of_this_run() -> None:
    queue, dispatcher, letters = loop(FakeClock(), a=[], b=[])
    queue.run(letters)
    assert dispatcher.run_ids == {"a", "b"}


@pytest.mark.parametrize(
    ("pause", "order"),
    [(1.0, "a a"), (2.0, "a a"), (2.5, "a"), (900.0, "a")],
    ids=["an account's gap", "the longest gap", "more than a gap", "a retry"],
)
def test_a_run_that_does_not_wait_waits_for_an_accounts_gap_alone(pause: float, order: str) -> None:
    queue, dispatcher, letters = loop(FakeClock(), a=[pause])
    queue.run(letters, wait=False)
    assert dispatcher.order == order


def test_a_run_that_does_not_wait_takes_the_others_as_far_as_they_go() -> None:
    queue, dispatcher, letters = loop(FakeClock(), a=[900.0], b=[0.0], c=[])
    queue.run(letters, wait=False)
    assert dispatcher.order == "a b c b"


def test_who_watches_sees_what_waits_the_soonest_first() -> None:
    watcher = Watching()
    queue, _, letters = loop(FakeClock(), watcher, a=[900.0], b=[60.0], c=[30.0])
    queue.run(letters)
    first, second, third = [(30, "c")], [(60, "b")], [(900, "a")]
    assert watcher.rested == [first + second + third, second + third, third]


# -- a signal ----------------------------------------------------------------------------------------


def test_a_signal_during_a_step_ends_the_run_after_it() -> None:
    watcher = Watching()
    queue, dispatcher, letters = loop(FakeClock(), watcher, a=[0.0], b=[])
    step = dispatcher.step

    def pressed(delivery: Delivery) -> float | None:
        queue.interrupt()
        return step(delivery)

    dispatcher.step = pressed  # type: ignore[method-assign]
    queue.run(letters)
    assert dispatcher.order == "a" and queue.interrupted and watcher.stopped


def test_a_signal_in_the_moment_before_a_rest_is_not_slept_over() -> None:
    clock = FakeClock()

    class Pressed(NullObserver):
        """Somebody presses Ctrl-C while the display says that it waits."""

        def rests(self, waiting: object) -> None:
            queue.interrupt()

    queue, dispatcher, letters = loop(clock, Pressed(), a=[900.0] * 4)
    queue.run(letters)
    assert queue.interrupted and not clock.slept and dispatcher.order == "a"


class Woken(FakeClock):
    """A clock whose sleeper is woken by what `wake` does."""

    wake: Callable[[], None]

    def sleep(self, seconds: float) -> None:
        self.wake()
        super().sleep(seconds)


def test_a_signal_during_a_rest_wakes_the_run_and_ends_it() -> None:
    clock = Woken()
    queue, dispatcher, letters = loop(clock, a=[900.0] * 4)
    clock.wake = queue.interrupt
    queue.run(letters)
    assert queue.interrupted and not clock.slept and dispatcher.order == "a"


def test_ctrl_c_without_a_handler_ends_the_run_as_well() -> None:
    def pressed() -> None:
        raise KeyboardInterrupt

    clock = Woken()
    queue, dispatcher, letters = loop(clock, a=[900.0] * 4)
    clock.wake = pressed
    queue.run(letters)
    assert queue.interrupted and dispatcher.order == "a"
