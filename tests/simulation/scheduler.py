"""Processes that run one after the other, in an order and at times that a seed decides.

Each process is a greenlet. Whatever it does to the world begins with a `point`: there the others
go on, time passes, and a fault may come. True time is the world's; no process can see it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from greenlet import greenlet

MAX_POINTS = 200_000  # of one history: a process that turns in circles would never end


class Killed(BaseException):
    """The process was killed: nothing that it does after that has an effect."""


class TooLong(Exception):
    """A history that does not end."""


@dataclass(eq=False)
class Process:
    """A run of the program, or a person."""

    name: str
    machine: str
    scheduler: Scheduler
    function: Callable[[Process], None]
    chance: random.Random
    wakes: datetime
    points: int = 0
    is_killed: bool = False
    is_interrupted: bool = False  # by Ctrl-C: it stops after its step
    is_over: bool = False
    # what the machine's clock must show before it goes on: it sleeps by the clock on the wall
    sleeps_until: datetime | None = None
    left_at: datetime | None = None  # when it wrote down that a letter is about to leave
    read_at: datetime | None = None  # when it read the list for the last time
    _greenlet: greenlet = field(init=False)

    def __post_init__(self) -> None:
        self._greenlet = greenlet(self._run)

    def _run(self) -> None:
        try:
            self.function(self)
        except Killed:
            pass
        finally:
            self.is_over = True

    def resume(self) -> None:
        """Go on until the next point. Called by the scheduler."""
        self._greenlet.switch()

    def point(self, kind: str, seconds: float = 0.01) -> None:
        """Something is about to happen, `seconds` from now or a little later."""
        if self.is_killed:
            raise Killed
        self.points += 1
        self.scheduler.at_point(self, kind)
        spent = timedelta(seconds=seconds * (1 + self.chance.random()))
        self.wakes = max(self.wakes, self.scheduler.now + spent)
        self._wait()

    def wait_until(self, moment: datetime) -> None:
        """Do nothing until then, by true time."""
        self.wakes = max(self.wakes, moment)
        self._wait()

    def _wait(self) -> None:
        self.scheduler.hub.switch()
        if self.is_killed:
            raise Killed


class Scheduler:
    """Who runs when."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.seed, self.now = seed, now
        self.hub = greenlet.getcurrent()
        self.processes: list[Process] = []
        self.points = 0
        self._timers: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()
        self._order = self.stream("order")

    def stream(self, label: str) -> random.Random:
        """Chance of its own: what is drawn elsewhere changes nothing here."""
        return random.Random(f"{self.seed}/{label}")

    def spawn(self, name: str, machine: str, function: Callable[[Process], None]) -> Process:
        process = Process(name, machine, self, function, self.stream(name), self.now)
        self.processes.append(process)
        return process

    def at(self, moment: datetime, happens: Callable[[], None]) -> None:
        """Something of the world, at a true time."""
        heappush(self._timers, (moment, next(self._numbers), happens))

    def at_point(self, process: Process, kind: str) -> None:
        """A process is about to do something. For faults."""

    def run(self) -> None:
        """Go on until nothing is left to happen."""
        while True:
            self.processes = [each for each in self.processes if not each.is_over]
            next_timer = self._timers[0][0] if self._timers else None
            wakes = min((each.wakes for each in self.processes), default=None)
            if next_timer and (wakes is None or next_timer <= wakes):
                moment, _, happens = heappop(self._timers)
                self.now = max(self.now, moment)
                happens()
                continue
            if wakes is None:
                return
            self.now = max(self.now, wakes)
            ready = [each for each in self.processes if each.wakes <= self.now]
            self.points += 1
            if self.points > MAX_POINTS:
                raise TooLong(f"{self.points} points")
            self._order.choice(ready).resume()

    def kill(self, process: Process) -> None:
        process.is_killed = True
        process.wakes = min(process.wakes, self.now)

    @property
    def current(self) -> Process:
        """The process that runs."""
        running = greenlet.getcurrent()
        return next(each for each in self.processes if each._greenlet is running)
