"""What goes wrong: at which point, and with what."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from tests.simulation.ledger import LedgerStore
from tests.simulation.scheduler import Process
from tests.simulation.world import World

# points after which the world and the ledger may disagree
_HOT = ("committed", "hfaxd JSUBM", "hfaxd JSUBM answered", "POST", "POST answered", "dot")
_HOTTER = 6.0


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong at one point of one process."""

    process: str
    point: int
    kind: str
    seconds: float = 0.0

    def __str__(self) -> str:
        length = f" {timedelta(seconds=round(self.seconds))}" if self.seconds else ""
        return f"{self.kind}{length} at point {self.point} of {self.process}"


_KINDS = (
    "kill",
    "machine crash",
    "suspend",
    "pause",
    "clock back",
    "clock forward",
    "connection lost",
    "disk full",
    "server down",
    "interrupt",
)
_OF_A_DATABASE = ("session lost", "reply of the commit lost")


def some_kinds(chance: random.Random, *, is_shared: bool) -> tuple[str, ...]:
    """The faults of one history: few of them, which then meet each other more often than if all
    were possible (swarm testing: Groce et al., ISSTA 2012)."""
    kinds = _KINDS + _OF_A_DATABASE if is_shared else _KINDS
    return tuple(chance.sample(kinds, chance.randrange(1, 5)))


class Faults:
    """The faults of a history: drawn as it goes, or given."""

    def __init__(
        self,
        rate: float,
        kinds: tuple[str, ...],
        chance: random.Random,
        given: tuple[Fault, ...] | None,
    ) -> None:
        self._rate, self._kinds, self._chance = rate, kinds, chance
        self._given = given and {(each.process, each.point): each for each in given}
        self._is_given = given is not None
        self.happened: list[Fault] = []
        self.is_over = False

    def at(self, process: Process, kind: str) -> Fault | None:
        """The fault of this point."""
        if self.is_over or process.machine == "":
            return None
        if self._is_given:
            return (self._given or {}).get((process.name, process.points))
        rate = self._rate * (_HOTTER if kind in _HOT else 1)
        if self._chance.random() >= rate:
            return None
        chosen = self._chance.choice(self._kinds)
        return Fault(process.name, process.points, chosen, self._length(chosen))

    def _length(self, kind: str) -> float:
        longest = {
            "suspend": 12 * 3600.0,
            "pause": 1800.0,
            "clock back": 2 * 86400.0,
            "clock forward": 2 * 86400.0,
            "server down": 3600.0,
        }.get(kind)
        if longest is None:
            return 0.0
        return float(round(longest ** self._chance.random() + 1, 3))


def happen(fault: Fault, process: Process, world: World, store: LedgerStore) -> None:
    """Let a fault happen."""
    time = timedelta(seconds=fault.seconds)
    world.tell(f"! {fault}")
    world.truth.count(fault.kind)
    if fault.kind == "kill":
        _kill(process, world, store)
    elif fault.kind == "machine crash":
        for each in [other for other in world.processes if other.machine == process.machine]:
            _kill(each, world, store)
    elif fault.kind == "suspend":
        world.suspend(process.machine, time)
        if fault.seconds > 20:  # the database's keepalives find nobody
            for each in [other for other in world.processes if other.machine == process.machine]:
                drop_later(each, world, store)
    elif fault.kind == "pause":
        process.wakes = max(process.wakes, world.now + time)
    elif fault.kind == "clock back":
        world.step_clock(process.machine, -time)
    elif fault.kind == "clock forward":
        world.step_clock(process.machine, time)
    elif fault.kind == "session lost":
        store.end_session(process)
    elif fault.kind == "connection lost":
        if connection := world.sessions_of.get(process):
            connection.lose()
    elif fault.kind == "disk full":
        store.trouble[process] = ["before"]
    elif fault.kind == "reply of the commit lost":
        store.trouble[process] = ["after"]
    elif fault.kind == "interrupt":
        process.is_interrupted = True
        if run := world.runs.get(process):
            run.queue.interrupted = True
    elif fault.kind == "server down":
        for server in world.servers:
            server.down_until = world.now + time


def _kill(process: Process, world: World, store: LedgerStore) -> None:
    world.kill(process)
    store.end_session(process)  # the operating system ends its connections


def drop_later(process: Process, world: World, store: LedgerStore) -> None:
    """The database notices after a while that a machine is gone."""
    world.at(world.now + timedelta(seconds=20), lambda: store.end_session(process))
