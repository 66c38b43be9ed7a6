"""The program, on a clock that runs faster than ours and skips what nobody would wait for.

    python -m tests.chaos.program CLOCK WORDS…

CLOCK is a file with the speed and the seconds that were skipped; it outlives a killed process.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import boundaries

if TYPE_CHECKING:
    from faxappeal.workers.timing import Timing

boundaries.loopback_only()

# a Monday; the offices of a chaos run are always open
_EPOCH = datetime(2026, 11, 2, 12, tzinfo=UTC)
# longer sleeps are cut short: whoever sleeps so long waits for a time of day or a next try
_LONG = 60.0
# real seconds: what is under way at the fakes has shown itself by then (see `accounts`)
_CALM = 1.5
STALLED = 2.0  # real seconds without a heartbeat until others take a worker's jobs over


class ChaosClock:
    """Real time since the run's start, times `speed`, and what was skipped."""

    def __init__(self, file: Path) -> None:
        self._file = file
        words = file.read_text(encoding="ascii").split()
        self._start, self.speed = float(words[0]), float(words[1])
        self._skipped = float(words[2])

    @staticmethod
    def write(file: Path, speed: float) -> None:
        """A clock that starts now."""
        file.write_text(f"{time.time()} {speed} 0", encoding="ascii")

    def now(self) -> datetime:
        seconds = (time.time() - self._start) * self.speed + self._skipped
        return _EPOCH + timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        if seconds <= _LONG:
            time.sleep(seconds / self.speed)
            return
        time.sleep(_CALM)
        self._skipped += max(0.0, seconds - _CALM * self.speed)
        # replaced as a whole: a kill leaves the old one or the new one
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._start} {self.speed} {self._skipped}", encoding="ascii")
        new.replace(self._file)


class WorkersClock(ChaosClock):
    """Of several processes at the same time: nothing is skipped."""

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self.speed)


def hurry(clock: ChaosClock) -> Timing:
    """Jobs become due as fast as the clock runs, and workers give each other up soon."""
    from faxappeal.ledger import postgres_connection
    from faxappeal.workers.timing import Timing

    # who was stopped within a transaction holds up all others for so long
    postgres_connection._OPTIONS["idle_in_transaction_session_timeout"] = f"{STALLED}s"
    return Timing(
        poll=0.2,
        heartbeat=STALLED / 4,
        stalled=STALLED,
        patience=1.0,
        again=0.3,
        takeover="* * * * * */1",
        chores="* * * * * */5",
        speed=clock.speed,
    )


def share(clock: ChaosClock) -> None:
    """HylaFAX lives by the same clock: it says how long ago a fax was submitted, and ends sessions
    in which nothing was said."""
    from faxappeal.providers.hylafax_client import HfaxdClient

    def limit_silence(client: HfaxdClient, seconds: int) -> None:
        client.sendcmd(f"IDLE {max(1, round(seconds / clock.speed))}")

    setattr(HfaxdClient, "server_time", lambda _: clock.now())  # noqa: B010
    setattr(HfaxdClient, "limit_silence", limit_silence)  # noqa: B010


def main() -> None:
    file, *words = sys.argv[1:]
    from faxappeal.cli.app import app
    from faxappeal.cli.runtime import Runtime

    clock, timing = ChaosClock(Path(file)), None
    if {"worker", "--enqueue"} & set(words):
        clock = WorkersClock(Path(file))
        timing = hurry(clock)
    share(clock)
    app(words, obj=Runtime(clock, timing=timing))


if __name__ == "__main__":
    main()
