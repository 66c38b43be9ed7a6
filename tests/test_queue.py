"""The queue of one run: what a signal does at any moment."""

from __future__ import annotations

from typing import Any, cast

import pytest

from faxappeal.dispatch import Dispatcher
from faxappeal.plan import Delivery
from faxappeal.queue import Nobody, Queue
from tests.clock import FakeClock


class Waits:
    """A dispatcher whose letter waits for a quarter of an hour, again and again."""

    together: Any = None
    ticks = 0

    def tick(self, _delivery: object) -> float:
        self.ticks += 1
        assert self.ticks < 5, "nobody stopped it"
        return 900.0


@pytest.mark.parametrize("moment", ["before the rest is told", "in the last moment before it"])
def test_a_signal_before_a_rest_is_not_slept_over(moment: str) -> None:
    clock = FakeClock()

    class Signals(Nobody):
        """Somebody presses Ctrl-C while the display says that it waits."""

        def rests(self, waiting: object) -> None:
            queue.interrupt()

        def stops(self) -> None:
            pass

    dispatcher = Waits()
    queue = Queue(cast(Dispatcher, dispatcher), clock, Signals())
    if moment != "before the rest is told":
        queue.watcher = Nobody()
        real = clock.now

        def pressed() -> Any:
            if dispatcher.ticks == 1 and not queue.interrupted:
                queue.interrupt()
            return real()

        clock.now = pressed  # type: ignore[method-assign]
    queue.run([cast(Delivery, Named())])
    assert queue.interrupted and not clock.slept and dispatcher.ticks == 1


class Named:
    id = "d1"
