"""What is true in a history, whether or not a process can see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from faxappeal.campaign.current import CurrentList
from faxappeal.campaign.delivery import Delivery
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.campaign.recipients import Recipients, read
from faxappeal.core.errors import SetupError
from faxappeal.providers.base import Job
from tests.simulation.scheduler import Process, Scheduler
from tests.support.appeal import loaded
from tests.support.campaigns import write

HOME = ZoneInfo("Europe/Berlin")


@dataclass
class Machine:
    """A computer: what its clock shows, and whether it is awake."""

    name: str
    offset: timedelta = timedelta(0)  # what its clock shows, less the true time
    asleep_until: datetime | None = None


@dataclass(frozen=True)
class Office:
    """An entry of the list."""

    id: str
    channel: str
    address: str
    zone: str
    status: str = "active"
    verified: str = "2026-11-01"

    def yaml(self) -> str:
        key = "fax" if self.channel == "fax" else "email"
        country = {"Europe/Berlin": "DE", "Asia/Shanghai": "CN"}.get(self.zone, "US")
        return (
            f"  - id: {self.id}\n    name: Office {self.id}\n    country: {country}\n"
            f"    timezone: {self.zone}\n    salutation: Dear Madam or Sir\n"
            f'    {key}: "{self.address}"\n    source: https://www.example.org/contact\n'
            f"    status: {self.status}\n    last_verified: {self.verified}\n"
            "    verified_by: E. Mustermann\n    method: call\n"
        )


@dataclass
class Call:
    """A telephone that rang, or would have."""

    number: str
    begins: datetime
    ends: datetime
    letter: str  # the identity of the delivery
    submitted_by: str  # the machine
    is_printed: bool = False
    is_voice: bool = False
    fax_server: str = ""


@dataclass
class Arrival:
    """A page that was printed, or an e-mail in a mailbox."""

    letter: str
    address: str
    at: datetime
    version: int


@dataclass(frozen=True)
class Taken:
    """A letter that an account has taken."""

    channel: str
    address: str
    letter: str
    checked_at: datetime  # when its process looked for holds for the last time
    read_at: datetime  # and read the list


@dataclass
class Files:
    """The campaign's folder, and what people changed in it."""

    offices: tuple[Office, ...]
    version: int = 1  # of the letter
    sender_email: str = "appeals@example.org"
    fax_host: str = "fax-1"
    broken_until: datetime | None = None  # a person is in the middle of editing it
    changes: list[tuple[datetime, tuple[Office, ...]]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "recipients:\n" + "".join(office.yaml() for office in self.offices)

    def edit(self, moment: datetime, offices: tuple[Office, ...]) -> None:
        self.changes.append((moment, offices))
        self.offices = offices

    def before(self, moment: datetime) -> tuple[Office, ...]:
        """The list as it was then."""
        known = [offices for at, offices in self.changes if at <= moment]
        return known[-1] if known else self.offices


@dataclass
class Truth:
    """What happened out there."""

    calls: list[Call] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    # letters that a person took on again: by --again, or by `resolve … not-sent`
    excused: set[str] = field(default_factory=set)
    # the addresses that are held in the ledger, whenever they changed
    holds: list[tuple[datetime, dict[str, str]]] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    # a person checked a number and ended its hold: when, and how
    lifted: list[tuple[datetime, str]] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    occurred: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str) -> None:
        self.occurred[kind] = self.occurred.get(kind, 0) + 1


class Breakable(Protocol):
    """A connection."""

    def lose(self) -> None:
        """It breaks: at once, or when the next reply is on its way."""


class Server(Protocol):
    """An account's side."""

    down_until: datetime | None


class World(Scheduler):
    """Machines, files, the truth."""

    def __init__(self, seed: int, now: datetime, folders: dict[str, Files], settings: str) -> None:
        super().__init__(seed, now)
        self.machines: dict[str, Machine] = {}
        self.folders, self.settings = folders, settings  # by the campaign's id
        self.truth = Truth()
        # a process' connection to an account, which a fault may break
        self.sessions_of: dict[Process, Breakable] = {}
        self.servers: list[Server] = []
        self.fax_servers: list[Any] = []  # those of HylaFAX
        self.no_password_until: datetime | None = None
        self.runs: dict[Process, Any] = {}  # that can be interrupted

    def tell(self, words: str) -> None:
        """A line of the story."""
        self.truth.story.append(f"{self.now:%a %H:%M:%S.%f}"[:-3] + f"  {words}")

    def refuse_broken(self, files: Files) -> None:
        """As the program does with a list that cannot be read."""
        if files.broken_until and self.now < files.broken_until:
            raise SetupError("recipients.yaml was changed and has an error on line 7", "")

    def take(self, process: Process, channel: str, address: str, letter: str) -> None:
        """An account takes a letter from a process."""
        checked_at, read_at = process.left_at or self.now, process.read_at or self.now
        self.truth.taken.append(Taken(channel, address, letter, checked_at, read_at))

    def machine(self, name: str) -> Machine:
        return self.machines.setdefault(name, Machine(name))

    def shown(self, machine: str) -> datetime:
        """What a machine's clock shows."""
        return self.now + self.machine(machine).offset

    def step_clock(self, machine: str, by: timedelta) -> None:
        """Set a clock; who sleeps by it wakes earlier or later."""
        self.machine(machine).offset += by
        for process in self.processes:
            if process.machine == machine and process.sleeps_until is not None:
                wakes = self.shown(machine) if by < timedelta(0) else process.sleeps_until
                process.wakes = max(self.now, self._true(process, wakes))

    def suspend(self, machine: str, time: timedelta) -> None:
        """Close the lid."""
        until = self.now + time
        self.machine(machine).asleep_until = until
        for process in self.processes:
            if process.machine == machine:
                process.wakes = max(process.wakes, until)

    def _true(self, process: Process, shown: datetime) -> datetime:
        machine = self.machine(process.machine)
        true = shown - machine.offset
        return max(true, machine.asleep_until or true)

    def sleep(self, process: Process, seconds: float) -> None:
        """Sleep by the machine's clock."""
        latest = self.shown(process.machine)
        end = latest + timedelta(seconds=seconds)
        process.sleeps_until = end
        try:
            process.wait_until(self._true(process, end))
            while latest <= self.shown(process.machine) < end and not process.is_interrupted:
                latest = self.shown(process.machine)
                process.wait_until(self._true(process, end))
            if process.is_interrupted:
                raise KeyboardInterrupt
        finally:
            process.sleeps_until = None

    def campaign(self, id: str) -> LoadedCampaign:
        """A campaign as its files are now."""
        files, base = self.folders[id], base_campaign(self.settings)
        sender = base.settings.sender.model_copy(update={"email": files.sender_email})
        named = base.settings.campaign.model_copy(update={"id": id})
        settings = base.settings.model_copy(update={"sender": sender, "campaign": named})
        return replace(base, recipients=recipients_of(files.text), settings=settings)


class MachineClock:
    """The clock that a process sees."""

    def __init__(self, world: World, process: Process) -> None:
        self._world, self._process = world, process

    def now(self) -> datetime:
        return self._world.shown(self._process.machine).astimezone(HOME)

    def sleep(self, seconds: float) -> None:
        self._world.sleep(self._process, seconds)


class WorldList(CurrentList):
    """recipients.yaml, which people edit meanwhile."""

    def __init__(self, world: World, files: Files) -> None:
        self._world, self._files = world, files

    def _read(self) -> Recipients:
        self._world.current.read_at = self._world.now
        self._world.refuse_broken(self._files)
        return recipients_of(self._files.text)


class WorldLetters:
    """A letter is a few words; the far end knows from them which one it prints."""

    def __init__(self, campaign: LoadedCampaign, version: int) -> None:
        self.campaign = campaign
        self._version = version  # a run sends the letter that it has read

    def job(self, delivery: Delivery, reference: str, moment: datetime) -> Job:
        words = {"letter": delivery.identity, "version": self._version, "at": str(moment)}
        return Job(reference, delivery.address, json.dumps(words).encode())

    def content_sha256(self, delivery: Delivery) -> str:
        return f"{delivery.campaign}-{self._version:02}".ljust(64, "0")

    def message_id(self, delivery: Delivery, content: str) -> str:
        return f"<fa.{delivery.id}@example.org>"


def letter_of(document: bytes) -> Mapping[str, str]:
    """What a printed page says."""
    words: Mapping[str, str] = json.loads(document)
    return words


@cache
def recipients_of(text: str) -> Recipients:
    found = read(text)
    assert not found.findings, found.findings
    return found


@cache
def base_campaign(settings: str) -> LoadedCampaign:
    with TemporaryDirectory() as folder:
        return loaded(write(Path(folder) / "c", settings=settings))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
