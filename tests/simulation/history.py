"""One history: from a seed to what came of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.simulation import hylafax
from tests.simulation.accounts import ApiServer, MailServer
from tests.simulation.actors import Person, Program
from tests.simulation.faults import Fault, Faults, drop_later, happen, some_kinds
from tests.simulation.hylafax import FaxServer
from tests.simulation.invariants import Violation, judge
from tests.simulation.ledger import LedgerStore
from tests.simulation.scheduler import Process, TooLong
from tests.simulation.world import Files, Office, World, utc

# a Tuesday; and the nights in which clocks change in Europe and America
_STARTS = (
    "2026-11-24T08:00",
    "2026-11-27T15:00",
    "2026-10-25T00:30",
    "2026-11-01T05:30",
    "2027-03-14T06:30",
    "2027-03-28T00:30",
)
_ACTIONS = {
    "send": 10,
    "status": 4,
    "worker": 4,
    "again": 1,
    "only failed": 2,
    "withdraw": 1,
    "enqueue": 2,
    "break the list": 1,
    "lose the password": 1,
    "opt out": 1,
    "retire": 1,
    "move": 1,
    "new letter": 1,
    "other sender": 1,
    "other host": 1,
    "resolve": 3,
    "clock back": 2,
    "clock forward": 2,
    "sleep": 2,
    "check by call": 1,
    "check by website": 1,
}
_LONGEST = 2 * 86400.0  # seconds
_END = timedelta(days=15)  # everything has come to its end by then


@dataclass(frozen=True)
class Action:
    """What somebody does at a time."""

    at: float  # seconds after the beginning
    kind: str
    machine: str
    campaign: str
    number: int
    length: timedelta = timedelta(0)

    def __str__(self) -> str:
        return f"{timedelta(seconds=round(self.at))}: {self.kind} {self.campaign} on {self.machine}"


@dataclass(frozen=True)
class Plan:
    """What makes a history: all that a seed decides before it begins."""

    seed: int
    start: datetime
    fax: str
    is_gateway: bool
    lists: bool  # whether the account finds a fax by our reference
    is_shared: bool
    settings: str
    campaigns: tuple[tuple[str, tuple[Office, ...]], ...]
    actions: tuple[Action, ...]
    fault_rate: float
    fault_kinds: tuple[str, ...]
    faults: tuple[Fault, ...] | None = None  # None: drawn as it goes


@dataclass
class Ended:
    """What came of a history."""

    plan: Plan
    violations: list[Violation]
    faults: tuple[Fault, ...]
    story: list[str] = field(default_factory=list)
    occurred: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)


def plan_of(seed: int) -> Plan:
    """The plan of a seed."""
    chance = random.Random(f"{seed}/plan")
    is_shared = chance.random() < 0.5
    machines = ("alpha", "beta", "gamma") if is_shared else ("laptop",)
    campaigns = tuple(
        (name, _offices(chance)) for name in ("one", "two")[: chance.choice((1, 1, 2))]
    )
    hours = chance.choice(('"00:00-24:00"', '"08:00-20:00"'))
    days = "mon-sun" if "24:00" in hours else "mon-fri"
    settings = (
        f'\n[pacing]\nhours = {hours}\ndays = "{days}"\nholidays = false\n'
        f'attempts = {chance.choice((1, 3, 5))}\ngive_up_after = "2d"\n'
        f'per_number_gap = "{chance.choice((0, 5))}m"\n'
    )
    chosen = chance.sample(list(_ACTIONS), chance.randrange(2, 8))
    kinds = ["send", *(kind for kind in chosen for _ in range(_ACTIONS[kind]))]
    first = Action(0.0, "send", machines[0], campaigns[0][0], 0)
    more = [
        Action(
            at=round(_moment(chance), 1),
            kind=chance.choice(kinds),
            machine=chance.choice(machines),
            campaign=chance.choice(campaigns)[0],
            number=chance.randrange(4),
            length=timedelta(seconds=round(_LONGEST ** chance.random())),
        )
        for _ in range(chance.randrange(1, 10))
    ]
    if chance.random() < 0.5:  # a line in crontab
        every = chance.choice((300.0, 600.0, 1800.0))
        more += [
            Action(every * turn, "send", chance.choice(machines), chance.choice(campaigns)[0], 0)
            for turn in range(1, chance.randrange(3, 20))
        ]
    return Plan(
        seed=seed,
        start=utc(chance.choice(_STARTS)),
        fax=chance.choice(("hylafax", "hylafax", "api")),
        is_gateway=chance.random() < 0.2,
        lists=chance.random() < 0.5,
        is_shared=is_shared,
        settings=settings,
        campaigns=campaigns,
        actions=(first, *sorted(more, key=lambda action: action.at)),
        fault_rate=chance.choice((0.0, 0.005, 0.01, 0.02, 0.04, 0.08)),
        fault_kinds=some_kinds(chance, is_shared=is_shared),
    )


def _offices(chance: random.Random) -> tuple[Office, ...]:
    offices = [
        Office("one", "fax", "+12025550101", "America/New_York"),
        Office("two", "fax", "+493023125012", "Europe/Berlin"),
        Office("three", "email", "office@example.org", "Europe/Berlin"),
    ]
    return tuple(chance.sample(offices, chance.randrange(1, 4)))


def _moment(chance: random.Random) -> float:
    """Mostly soon after the beginning, when letters are on their way."""
    return float(chance.choice((60.0, 600.0, 7200.0, 86400.0)) * chance.random())


class SimulatedWorld(World):
    """A world with faults."""

    faults: Faults
    store: LedgerStore

    def at_point(self, process: Process, kind: str) -> None:
        fault = self.faults.at(process, kind)
        if fault:
            self.faults.happened.append(fault)
            happen(fault, process, self, self.store)


class History:
    """A history as it goes."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        folders = {name: Files(offices) for name, offices in plan.campaigns}
        self.world = world = SimulatedWorld(plan.seed, plan.start, folders, plan.settings)
        for name, files in folders.items():
            files.changes.append((plan.start - _END, dict(plan.campaigns)[name]))
        world.store = self.store = LedgerStore(world, is_shared=plan.is_shared)
        world.faults = Faults(
            plan.fault_rate, plan.fault_kinds, world.stream("faults"), plan.faults
        )
        ends = hylafax.chosen(world.stream("ends"), gateway=plan.is_gateway)
        self.fax_servers = {name: FaxServer(world, name, ends) for name in ("fax-1", "fax-2")}
        for server in self.fax_servers.values():
            server.is_busy = world.stream("modems").choice((0.0, 0.0, 0.3))
        api, mail = ApiServer(world, lists=plan.lists), MailServer(world)
        world.servers = [*self.fax_servers.values(), api, mail]
        world.fax_servers = list(self.fax_servers.values())
        self.program = Program(world, self.store, plan.fax, api, mail, {})
        self.person = Person(self.program)
        self.errors: list[str] = []

    def run(self) -> Ended:
        plan, world = self.plan, self.world
        for number, action in enumerate(plan.actions):
            moment = plan.start + timedelta(seconds=action.at)
            world.at(moment, self._act(f"{number}-{action.kind}", action))
        last = max(action.at for action in plan.actions)
        world.at(plan.start + timedelta(seconds=last, hours=1), self._calm)
        violations = []
        with ExitStack() as stack:
            stack.callback(self.store.close)
            stack.enter_context(hylafax.served(world, self.fax_servers))
            try:
                world.run()
            except TooLong as error:
                violations.append(Violation("it does not end", str(error)))
            violations += [Violation("an error of ours", words) for words in self.errors]
            violations += judge(self)
            states = self._states()
        return Ended(
            plan=plan,
            violations=violations,
            faults=tuple(world.faults.happened),
            story=world.truth.story,
            occurred=world.truth.occurred,
            states=states,
        )

    def _act(self, name: str, action: Action) -> Callable[[], None]:
        return lambda: self._begin(name, action)

    def _begin(self, name: str, action: Action) -> None:
        world, person, program = self.world, self.person, self.program
        if action.campaign not in world.folders:
            return  # of a story that was made shorter
        world.tell(f"* {action.kind} {action.campaign} on {action.machine}")
        world.truth.count(action.kind)
        files = world.folders[action.campaign]
        changes: dict[str, Callable[[], None]] = {
            "opt out": lambda: person.edit(action.campaign, action.number, status="opted_out"),
            "retire": lambda: person.edit(action.campaign, action.number, status="retired"),
            "move": lambda: person.move(action.campaign, action.number),
            "new letter": lambda: setattr(files, "version", files.version + 1),
            "other sender": lambda: setattr(files, "sender_email", f"other{action.number}@e.org"),
            "other host": lambda: setattr(files, "fax_host", "fax-2"),
            "clock back": lambda: world.step_clock(action.machine, -action.length),
            "clock forward": lambda: world.step_clock(action.machine, action.length),
            "sleep": lambda: self._sleep(action),
            "break the list": lambda: setattr(files, "broken_until", world.now + action.length),
            "lose the password": lambda: setattr(
                world, "no_password_until", world.now + action.length
            ),
        }
        if change := changes.get(action.kind):
            change()
            return
        runs: dict[str, Callable[[Process], None]] = {
            "send": program.send(action.campaign),
            "again": program.send(action.campaign, again=True),
            "only failed": program.send(action.campaign, only_failed=True),
            "status": program.status(action.campaign),
            "withdraw": program.withdraw(action.campaign),
            "enqueue": program.enqueue(action.campaign),
            "worker": program.worker(action.campaign, 40),
            "resolve": lambda process: person.resolve(process, action.campaign),
            "check by call": lambda process: person.lift(process, "call"),
            "check by website": lambda process: person.lift(process, "website"),
        }
        self._spawn(name, action.machine, runs[action.kind])

    def _sleep(self, action: Action) -> None:
        """The machine is suspended, and the database notices it."""
        self.world.suspend(action.machine, min(action.length, timedelta(days=2)))
        for process in list(self.world.processes):
            if process.machine == action.machine:
                drop_later(process, self.world, self.store)

    def _spawn(self, name: str, machine: str, run: Callable[[Process], None]) -> None:
        until = self.world.machine(machine).asleep_until
        process = self.world.spawn(name, machine, self._caught(run))
        process.wakes = max(process.wakes, until or process.wakes)

    def _caught(self, run: Callable[[Process], None]) -> Callable[[Process], None]:
        def caught(process: Process) -> None:
            try:
                run(process)
            except Exception as error:
                words = f"{type(error).__name__}: {str(error)[:200]}"
                self.errors += [words] if words not in self.errors else []
                self.world.tell(f"{process.name} ends with {error!r}")

        return caught

    def _calm(self) -> None:
        """Nothing more goes wrong, and somebody sends until all has come to its end."""
        world = self.world
        world.tell("— from here on nothing goes wrong —")
        world.faults.is_over = True
        for machine in world.machines.values():
            world.step_clock(machine.name, -machine.offset)
        for server in world.servers:
            server.down_until = None
        for files in world.folders.values():
            files.broken_until = None
        world.no_password_until = None
        self._go_on(0)

    def _go_on(self, number: int) -> None:
        machine = "alpha" if self.store.is_shared else "laptop"
        for name in self.world.folders:
            self._spawn(f"last-{number}-{name}", machine, self.program.send(name))
        if number < _END.days * 4:
            self.world.at(
                self.world.now + timedelta(hours=6), lambda: self._go_on_if_open(number + 1)
            )

    def _go_on_if_open(self, number: int) -> None:
        if self._is_open() or self.world.processes:
            self._go_on(number)

    def _is_open(self) -> bool:
        return any(each.promise in ("never planned", "has no end") for each in judge(self))

    def rows(self) -> list[Any]:
        """The deliveries, as the ledger has them."""
        from faxappeal.ledger import schema

        with self.store.engine.connect() as connection:
            return list(connection.execute(schema.delivery.select()))

    def events(self) -> list[Any]:
        from faxappeal.ledger import schema

        with self.store.engine.connect() as connection:
            return list(connection.execute(schema.event.select().order_by(schema.event.c.seq)))

    def _states(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for row in self.rows():
            counted[row.state] = counted.get(row.state, 0) + 1
        return counted


def run(seed: int) -> Ended:
    """The history of a seed."""
    return History(plan_of(seed)).run()


def replayed(plan: Plan, faults: tuple[Fault, ...], actions: tuple[Action, ...]) -> Ended:
    """The same history with fewer faults and actions."""
    return History(replace(plan, faults=faults, actions=actions)).run()
