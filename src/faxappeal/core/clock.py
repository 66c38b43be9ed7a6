"""The time, handed in: only the command line makes a real clock, tests play a week in a second."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """This moment, aware, in the sender's own time zone."""

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""


class SystemClock:
    """The machine's clock.

    It sleeps in short steps by the clock on the wall: a monotonic sleep stands still while a laptop
    is suspended and would end in the middle of somebody's night.
    """

    STEP = 5.0

    def now(self) -> datetime:
        return datetime.now(UTC).astimezone()

    def sleep(self, seconds: float) -> None:
        end = time.time() + seconds
        while (left := end - time.time()) > 0:
            time.sleep(min(left, self.STEP))
