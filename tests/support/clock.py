"""A clock in a test's hand: time passes only when somebody sleeps, and then at once."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
# a Tuesday: 9 o'clock in Berlin, 16 o'clock in Beijing
MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN)
# between two readings: who takes two of them for one moment would be found out
TICK = timedelta(microseconds=1)


class FakeClock:
    """Tells the time it was given. `real` sleeps a moment as well, for servers that need one."""

    def __init__(self, now: datetime = MORNING, real: float = 0.0) -> None:
        self.moment = now
        self.real = real
        self.slept: list[float] = []
        self._read = 0  # since it slept

    def now(self) -> datetime:
        self.moment += TICK
        self._read += 1
        assert self._read < 10_000, "it turns in circles"
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._read = 0
        utc = self.moment.astimezone(UTC) + timedelta(seconds=seconds)
        self.moment = utc.astimezone(self.moment.tzinfo)
        if self.real:
            time.sleep(min(seconds, self.real))
