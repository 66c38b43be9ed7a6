"""The queue of one run: what a signal does at any moment."""

from __future__ import annotations

from typing import Any, cast

from faxappeal.campaign.delivery import Delivery
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.delivery.run_loop import NullObserver, RunLoop
from tests.support.clock import FakeClock


class Waits:
    """A dispatcher whose letter waits for a quarter of an hour, again and again."""

    run_ids: Any = None
    ticks = 0

    def step(self, _delivery: object) -> float:
        self.ticks += 1
        assert self.ticks < 5, "nobody stopped it"
        return 900.0


class Named:
    id = "d1"


def test_a_signal_in_the_moment_before_a_rest_is_not_slept_over() -> None:
    clock, dispatcher = FakeClock(), Waits()

    class Pressed(NullObserver):
        """Somebody presses Ctrl-C while the display says that it waits."""

        def rests(self, waiting: object) -> None:
            queue.interrupt()

    queue = RunLoop(cast(Dispatcher, dispatcher), clock, Pressed())
    queue.run([cast(Delivery, Named())])
    assert queue.interrupted and not clock.slept and dispatcher.ticks == 1
