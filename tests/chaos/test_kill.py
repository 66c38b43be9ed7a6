"""Killed between every pair of statements of a run, one after the other, and started again.

`sys.settrace` counts the lines of dispatch, ledger, archive and account, and ends the process at one
of them, as `kill -9` does: no handler runs, nothing is flushed.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from faxappeal import ledger
from faxappeal.campaign import delivery, loading
from faxappeal.config.sections import Pacing
from faxappeal.core.lifecycle import Cause
from faxappeal.delivery import dispatcher, eligibility, outcomes
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.delivery.run_loop import NullObserver, RunLoop
from faxappeal.ledger import attempts, documents
from faxappeal.ledger.documents import Documents
from faxappeal.ledger.sqlite import SqliteStore
from faxappeal.providers.base import (
    Accepted,
    BeforeSend,
    Delivered,
    Failed,
    Job,
    NotTaken,
    Outcome,
    ProviderReport,
)
from tests.support.campaigns import write
from tests.support.clock import FakeClock
from tests.support.fakes.null_account import Letters, QuietAccount

TRACED = {
    str(module.__file__)
    for module in (attempts, dispatcher, documents, eligibility, ledger, outcomes)
} | {__file__}
KILLED = 9
# of the rarer courses each third line in an ordinary run; all of them with FAXAPPEAL_TEST_KILLS=all
STEP = 1 if os.environ.get("FAXAPPEAL_TEST_KILLS") == "all" else 3

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked for each kill"),
]


@dataclass
class Line(QuietAccount):
    """An account that keeps every fax it took, and how each of them ends. It lives in a file, for
    the process that hands over a fax is killed."""

    file: Path
    supports_lookup: bool
    endings: list[Cause]  # of the first, second … fax; those behind them are delivered
    clock: FakeClock

    @property
    def faxes(self) -> list[tuple[str, str]]:
        """Reference and number of each."""
        if not self.file.exists():
            return []
        lines = self.file.read_text(encoding="utf-8").splitlines()
        return [(line.split()[0], line.split()[1]) for line in lines]

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        before_send()
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{job.reference} {job.address}\n")
        return Accepted(ProviderReport(job.reference))

    def look_up(self, account_reference: str) -> Outcome:
        number = [reference for reference, _ in self.faxes].index(account_reference)
        if number < len(self.endings):
            return Failed(self.endings[number], ProviderReport(account_reference, pages=0))
        return Delivered(ProviderReport(account_reference, pages=1))

    def find(self, job: Job, since: datetime) -> Outcome | NotTaken:
        if any(reference == job.reference for reference, _ in self.faxes):
            return Accepted(ProviderReport(job.reference))
        return NotTaken(self.clock.now() - since)

    def delivered(self) -> Counter[str]:
        """How often each number got its letter."""
        return Counter(number for _, number in self.faxes[len(self.endings) :])


def run(world: World, folder: Path, line: Line, stop_at: int = 0) -> None:
    """A run that dies before it executes this line of those that are traced."""
    lines = 0

    def local(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        if lines == stop_at:
            os._exit(KILLED)  # no handler runs, no buffer is flushed
        return local

    def trace(frame: FrameType, _event: str, _argument: Any) -> Any:
        return local if frame.f_code.co_filename in TRACED else None

    with SqliteStore(folder / "ledger.db").open() as opened:
        dispatcher = Dispatcher(
            ledger=opened,
            clock=world.clock,
            letters=Letters(),
            account=lambda _name: line,
            account_name=lambda _channel: line.name,
            pacing=Pacing(),
            archive=Documents(opened.folder / "documents"),
            jitter=lambda: 0.0,
        )
        if stop_at:
            sys.settrace(trace)
        RunLoop(dispatcher, world.clock, NullObserver()).run([world.letter])
        sys.settrace(None)


def is_killed(world: World, folder: Path, line: Line, stop_at: int) -> bool:
    """Whether a process of its own died there; else it came to its end."""
    child = os.fork()
    if not child:
        try:
            run(world, folder, line, stop_at)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), f"the run itself failed before line {stop_at}"
    return code == KILLED


@dataclass
class World:
    """One letter, and the ledger before anything was sent."""

    clock: FakeClock
    letter: delivery.Delivery
    ledger: Path


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> World:
    clock.sleep(7 * 3600)  # 10 o'clock in New York
    ready = loading.ready(loading.read(write(tmp_path / "campaign")))
    assert ready
    path = tmp_path / "new" / "ledger.db"
    with SqliteStore(path).open() as opened:
        [letter] = delivery.deliveries(ready, delivery.keyed(opened.key), clock.now())
    return World(clock, letter, path)


def kill_at_each_line(
    world: World, folder: Path, step: int = 1, **account: Any
) -> Iterator[tuple[int, str, Line]]:
    """For each line of an undisturbed run: the state after a kill there and a second run."""
    start = world.clock.now()
    stop_at, died = 0, True
    while died:
        stop_at += step
        world.clock.moment = start
        copy = folder / str(stop_at)
        copy.mkdir(parents=True)
        shutil.copy(world.ledger, copy)
        line = Line(copy / "faxes", clock=world.clock, **account)
        died = is_killed(world, copy, line, stop_at)
        if died:
            world.clock.sleep(180)
            run(world, copy, line)
        with SqliteStore(copy / "ledger.db").open() as opened:
            record = opened.queries.get(world.letter.id)
        assert record is not None
        yield stop_at, record.state, line


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("endings", "step"), [([], 1), ([Cause.BUSY], STEP)], ids=["well", "busy at first"]
)
def test_nothing_is_lost_and_nothing_doubled(
    tmp_path: Path, world: World, endings: list[Cause], step: int
) -> None:
    account = {"supports_lookup": True, "endings": endings}
    for stop_at, state, line in kill_at_each_line(world, tmp_path / "runs", step, **account):
        assert state == "delivered", f"killed at line {stop_at}"
        assert line.delivered() == {"+12025550101": 1}, stop_at
        assert len(line.faxes) == 1 + len(endings), stop_at
        assert len({reference for reference, _ in line.faxes}) == len(line.faxes), stop_at
    assert stop_at > 100, "so many statements lie between the plan and the end"


@pytest.mark.timeout(600)
def test_an_account_that_knows_no_reference_is_never_handed_a_letter_twice(
    tmp_path: Path, world: World
) -> None:
    states = Counter[str]()
    for stop_at, state, line in kill_at_each_line(
        world, tmp_path / "runs", STEP, supports_lookup=False, endings=[]
    ):
        assert state in ("delivered", "unknown"), stop_at
        assert len(line.faxes) <= 1, stop_at
        assert line.faxes or state == "unknown", stop_at
        states[state] += 1
    assert states["delivered"] > states["unknown"] > 0, "only between first byte and record"
