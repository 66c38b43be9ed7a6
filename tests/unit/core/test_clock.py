"""The machine's clock: it waits by the clock on the wall."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from faxappeal.core.clock import SystemClock


def test_now_is_aware_and_this_moment() -> None:
    now = SystemClock().now()
    assert now.utcoffset() is not None
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


class Wall:
    """The clock on the wall. While the machine is suspended, only this one goes on."""

    def __init__(self, suspended: float = 0.0) -> None:
        self.now = 1_000_000.0
        self.awake = 0.0
        self._suspended = suspended

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.awake += seconds
        self.now += seconds + self._suspended
        self._suspended = 0.0


@pytest.mark.parametrize(
    ("seconds", "suspended", "awake"),
    [
        pytest.param(60.0, 0.0, 60.0, id="a minute"),
        pytest.param(7.5, 0.0, 7.5, id="no whole number of steps"),
        pytest.param(0.0, 0.0, 0.0, id="nothing"),
        pytest.param(-1.0, 0.0, 0.0, id="a moment that has passed"),
        pytest.param(3600.0, 7200.0, 5.0, id="suspended for longer than it had to wait"),
        pytest.param(3600.0, 1800.0, 1800.0, id="suspended for a part of it"),
    ],
)
def test_a_suspended_machine_does_not_wait_longer(
    monkeypatch: pytest.MonkeyPatch, seconds: float, suspended: float, awake: float
) -> None:
    wall = Wall(suspended)
    monkeypatch.setattr(time, "time", wall.time)
    monkeypatch.setattr(time, "sleep", wall.sleep)
    SystemClock().sleep(seconds)
    monkeypatch.undo()
    assert wall.awake == pytest.approx(awake)
    assert wall.now >= 1_000_000.0 + seconds


def test_a_clock_that_is_set_back_wakes_who_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    wall = Wall(suspended=-86_400.0)
    monkeypatch.setattr(time, "time", wall.time)
    monkeypatch.setattr(time, "sleep", wall.sleep)
    SystemClock().sleep(3600)
    monkeypatch.undo()
    assert wall.awake == SystemClock.STEP
