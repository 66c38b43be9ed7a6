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
        """Let so much time pass; less where the clock is set back."""


class SystemClock:
    """The machine's clock.

    It sleeps in short steps by the clock on the wall: a monotonic sleep stands still while a laptop
    is suspended and would end in the middle of somebody's night. It wakes if the clock is set back:
    else it would sleep until a day comes that a wrong clock had shown.
    """

    STEP = 5.0

    def now(self) -> datetime:
        return datetime.now(UTC).astimezone()

    def sleep(self, seconds: float) -> None:
        now = time.time()
        end = now + seconds
        while now < end:
            time.sleep(min(end - now, self.STEP))
            before, now = now, time.time()
            if now < before:
                return
