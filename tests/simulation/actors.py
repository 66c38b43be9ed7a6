"""Those who act: runs of the program, and people."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from faxappeal.commands.plan_rows import SendPlan
from faxappeal.commands.run import Run
from faxappeal.commands.selection import Choice
from faxappeal.commands.send_plan import make_plan
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import State
from faxappeal.delivery.context import CampaignContext
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.delivery.run_loop import NullObserver, RunLoop
from faxappeal.ledger import Ledger, StillHeld
from faxappeal.ledger.locking import lock
from faxappeal.providers.base import Channel
from faxappeal.providers.fax.hylafax import Hylafax
from tests.simulation.accounts import ApiChannel, ApiServer, MailChannel, MailServer
from tests.simulation.ledger import LedgerStore
from tests.simulation.scheduler import Process
from tests.simulation.world import MachineClock, World, WorldLetters, WorldList


class MemoryArchive:
    """Documents in memory."""

    def __init__(self, kept: dict[str, bytes], process: Process) -> None:
        self._kept, self._process = kept, process

    def put(self, document: bytes) -> str:
        self._process.point("document")
        digest = sha256(document).hexdigest()
        self._kept[digest] = document
        return digest

    def get(self, digest: str) -> bytes | None:
        return self._kept.get(digest)


@dataclass
class Program:
    """The program, installed on the machines of a history."""

    world: World
    store: LedgerStore
    fax: str  # hylafax or api
    api: ApiServer
    mail: MailServer
    documents: dict[str, bytes]

    # -- commands

    def send(self, campaign: str, **choice: Any) -> Callable[[Process], None]:
        return lambda process: self._run(process, campaign, Choice(**choice), Run.go)

    def withdraw(self, campaign: str) -> Callable[[Process], None]:
        return lambda process: self._run(process, campaign, Choice(), Run.withdraw)

    def enqueue(self, campaign: str) -> Callable[[Process], None]:
        return lambda process: self._leave(process, campaign)

    def status(self, campaign: str) -> Callable[[Process], None]:
        return lambda process: self._run(process, campaign, Choice(), Run.poll_pending)

    def worker(self, campaign: str, steps: int) -> Callable[[Process], None]:
        return lambda process: self._work(process, campaign, steps)

    def _run(
        self, process: Process, campaign: str, choice: Choice, act: Callable[[Run], object]
    ) -> None:
        with suppress(SetupError), self.store.open(process) as ledger:
            run = Run(self._plan(process, campaign, choice, ledger), self._clock(process), _QUIET)
            run.dispatcher = self._dispatcher(process, run.plan, ledger)
            run.queue = RunLoop(run.dispatcher, run.clock, _QUIET)
            self.world.runs[process] = run
            act(run)

    def _leave(self, process: Process, campaign: str) -> None:
        """Leave the letters to workers."""
        with suppress(SetupError), self.store.open(process) as ledger:
            plan = self._plan(process, campaign, Choice(), ledger)
            letters = [row.delivery for row in plan.rows]
            ledger.plan_all(letters, self._clock(process).now())
            content = {each.id: plan.letters.content_sha256(each) for each in letters}
            ledger.queue_for_workers(content, dict.fromkeys(content, ""))

    def _work(self, process: Process, campaign: str, steps: int) -> None:
        """A worker: it takes the letters as they come, many times."""
        with suppress(SetupError, KeyboardInterrupt), self.store.open(process) as ledger:
            plan = self._plan(process, campaign, Choice(), ledger)
            clock, dispatcher = self._clock(process), self._dispatcher(process, plan, ledger)
            queued = {each.id for each in ledger.queries.ordered(campaign)}
            dispatcher.require_queued_content = bool(queued)
            letters = [row.delivery for row in plan.rows if not queued or row.delivery.id in queued]
            with lock(ledger, "worker of test", shared=True):
                ledger.plan_all(letters, clock.now())
                for _ in range(steps):
                    if not letters:
                        return
                    seconds = dispatcher.step(process.chance.choice(letters))
                    if dispatcher.stopped:
                        dispatcher.stopped = None
                        seconds = 30.0
                    clock.sleep(min(seconds or 1.0, 300.0) + process.chance.random())

    # -- parts

    def _plan(self, process: Process, campaign: str, choice: Choice, ledger: Ledger) -> SendPlan:
        self.world.refuse_broken(self.world.folders[campaign])
        loaded = self.world.campaign(campaign)
        context = CampaignContext(loaded, ledger, self._clock(process).now())
        letters: Any = WorldLetters(loaded, self.world.folders[campaign].version)
        process.point("plan", 0.5)
        return make_plan(context, choice, render="nothing", letters=letters)

    def _clock(self, process: Process) -> MachineClock:
        return MachineClock(self.world, process)

    def _dispatcher(self, process: Process, plan: SendPlan, ledger: Ledger) -> Dispatcher:
        files = self.world.folders[plan.campaign]
        archive: Any = MemoryArchive(self.documents, process)
        channels: dict[str, Channel] = {
            "hylafax": Hylafax(files.fax_host, 4559, "faxappeal", ""),
            "api": ApiChannel(self.api, process),
            "smtp": MailChannel(self.mail, process),
        }
        return Dispatcher(
            ledger=ledger,
            clock=self._clock(process),
            letters=plan.letters,
            account=lambda name: self._account(channels, name),
            account_name=lambda channel: self.fax if channel == "fax" else "smtp",
            pacing=plan.context.campaign.settings.pacing,
            archive=archive,
            current=WorldList(self.world, files).delivery,
            jitter=process.chance.random,
        )

    def _account(self, channels: dict[str, Channel], name: str) -> Channel:
        until = self.world.no_password_until
        if until and self.world.now < until:
            raise SetupError("the account's password is not known", "")
        return channels[name]


_QUIET = NullObserver()


@dataclass
class Person:
    """Whoever keeps the list, and looks after the letters."""

    program: Program

    @property
    def world(self) -> World:
        return self.program.world

    def edit(self, campaign: str, number: int, **changes: Any) -> None:
        """Change an entry of the list."""
        files = self.world.folders[campaign]
        offices = list(files.offices)
        which = number % len(offices)
        offices[which] = replace(offices[which], **changes)
        self.world.tell(f"a person changes {offices[which].id} of {campaign}: {changes}")
        files.edit(self.world.now, tuple(offices))

    def move(self, campaign: str, number: int) -> None:
        """An office has another number."""
        offices = self.world.folders[campaign].offices
        if offices[number % len(offices)].channel == "fax":
            place = {"address": f"+120255501{50 + number:02}", "zone": "America/New_York"}
            self.edit(campaign, number, **place)

    def resolve(self, process: Process, campaign: str) -> None:
        """Find out what became of unknown letters, where everything is over."""
        with suppress(SetupError), self.program.store.open(process) as ledger:
            for record in ledger.queries.records(campaign):
                letter = self._identity(campaign, record.id)
                if record.state != State.UNKNOWN or not self._is_over(record.reference, letter):
                    continue
                arrived = any(each.letter == letter for each in self.world.truth.arrivals)
                state: State = State.DELIVERED if arrived else State.WAITING
                self.world.tell(f"a person settles {record.id}: {state}")
                self.world.truth.count("resolve")
                ledger.settle(record.id, state, self._now(process), "asked the office")

    def lift(self, process: Process, method: str) -> None:
        """Record that the numbers that are held were checked."""
        with suppress(SetupError, StillHeld), self.program.store.open(process) as ledger:
            for key in ledger.queries.holds():
                self.world.tell(f"a person checks a number by {method}")
                ledger.remove_hold(key, method, self._now(process), "checked")
                self.world.truth.lifted.append((self.world.now, method))

    def _now(self, process: Process) -> Any:
        return MachineClock(self.world, process).now()

    def _identity(self, campaign: str, id: str) -> str:
        with self.program.store.engine.connect() as connection:
            query = "SELECT identity FROM delivery WHERE id = ?"
            return str(connection.exec_driver_sql(query, (id,)).scalar_one())

    def _is_over(self, reference: str | None, letter: str) -> bool:
        """Whether nothing of the letter is still on its way at an account."""
        now, calls = self.world.now, self.world.truth.calls
        if any(call.letter == letter and call.ends > now for call in calls):
            return False
        jobs = [job for server in self.world.fax_servers for job in server.jobs.values()]
        if any(job.tag == reference and job.done_at is None for job in jobs):
            return False
        faxes = self.program.api.faxes.values()
        return all(fax.outcome or fax.reference != reference for fax in faxes)
