"""A clock in a test's hand: time passes only when somebody sleeps, and then at once."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
# a Tuesday: 9 o'clock in Berlin, 16 o'clock in Beijing
MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN)


class FakeClock:
    """Tells the time it was given. `real` sleeps a moment as well, for servers that need one."""

    def __init__(self, now: datetime = MORNING, real: float = 0.0) -> None:
        self.moment = now
        self.real = real
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        utc = self.moment.astimezone(UTC) + timedelta(seconds=seconds)
        self.moment = utc.astimezone(self.moment.tzinfo)
        if self.real:
            time.sleep(min(seconds, self.real))
