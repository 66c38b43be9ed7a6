"""How long a worker waits for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Timing:
    """Seconds, but for the two schedules: croniter's minute, hour, …, second."""

    poll: float = 2.0  # between two looks into the queue for what has become due
    heartbeat: float = 10.0
    stalled: float = 40.0  # without a heartbeat: another worker takes the jobs over
    patience: float = 10.0  # for a connection to the database
    again: float = 5.0  # until an unavailable database is tried again
    takeover: str = "* * * * * */15"
    chores: str = "*/10 * * * *"
    speed: float = 1.0  # of the clock that letters wait by; a test's is faster

    def due(self, after: timedelta) -> datetime:
        """When a job is due, on the database's clock."""
        return datetime.now(UTC) + after / self.speed
