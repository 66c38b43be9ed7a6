"""How long a worker waits for what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from faxappeal.workers.timing import Timing


@pytest.mark.parametrize(
    ("speed", "after", "waits"),
    [
        (1.0, timedelta(minutes=5), timedelta(minutes=5)),
        (60.0, timedelta(minutes=5), timedelta(seconds=5)),
        (1.0, timedelta(0), timedelta(0)),
    ],
    ids=["as usual", "on a clock that is sixty times as fast", "at once"],
)
def test_a_job_is_due_as_soon_as_its_clock_says(
    speed: float, after: timedelta, waits: timedelta
) -> None:
    before = datetime.now(UTC)
    due = Timing(speed=speed).due(after)
    assert before + waits <= due <= datetime.now(UTC) + waits
