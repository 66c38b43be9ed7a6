"""Accounts behind an API, and a mail server: what each can and cannot tell, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import (
    Accepted,
    BeforeSend,
    Delivered,
    Failed,
    Job,
    Outcome,
    Probe,
    ProviderReport,
    Unknown,
    Unreachable,
)
from tests.simulation.scheduler import Process
from tests.simulation.world import Arrival, Call, World, letter_of

_SERVER_WAITS = timedelta(seconds=75)  # with a connection that says nothing
# how a call ends: what the account reports, whether it may have been printed, and how often
_ENDS: tuple[tuple[Cause | None, tuple[bool, ...], bool, int], ...] = (
    (None, (True,), False, 30),  # success
    (Cause.BUSY, (False,), False, 8),
    (Cause.NO_ANSWER, (False,), False, 5),
    (Cause.VOICE, (False,), True, 3),
    (Cause.LINE, (False,), False, 3),
    (Cause.BAD_NUMBER, (False,), False, 2),
)
_UNCLEAR = 6  # of as many: an end that no word explains


@dataclass
class ApiFax:
    """A fax that the account has taken."""

    id: str
    reference: str
    taken_at: datetime
    shown_at: datetime  # in the list of faxes
    outcome: Outcome | None = None


class ApiServer:
    """An account's side: it takes faxes, calls, and lists them a little later."""

    def __init__(self, world: World, *, lists: bool) -> None:
        self.world, self.lists = world, lists
        self.faxes: dict[str, ApiFax] = {}
        self.chance = world.stream("account")
        self.poll_interval = timedelta(seconds=self.chance.choice((0, 10)))
        self.down_until: datetime | None = None
        self._numbers = count(1)

    @property
    def is_down(self) -> bool:
        return self.down_until is not None and self.world.now < self.down_until

    def take(self, job: Job, machine: str) -> ApiFax:
        now = self.world.now
        shown = now + timedelta(seconds=self.chance.uniform(0, 50))
        fax = ApiFax(f"F{next(self._numbers)}", job.reference, now, shown)
        self.faxes[fax.id] = fax
        self.world.tell(f"account: takes {fax.id} for {job.address}")
        wait = timedelta(seconds=self.chance.uniform(1, 20))
        self.world.at(now + wait, lambda: self._dial(fax, job, machine))
        return fax

    def _dial(self, fax: ApiFax, job: Job, machine: str) -> None:
        page = letter_of(job.document)
        weights = [end[3] for end in _ENDS] + [_UNCLEAR]
        end = self.chance.choices([*_ENDS, None], weights)[0]
        cause, prints, is_voice, _ = end or (None, (False, True), False, 0)
        is_printed = self.chance.choice(prints)
        ends = self.world.now + timedelta(seconds=self.chance.uniform(5, 60))
        call = Call(
            number=job.address,
            begins=self.world.now,
            ends=ends,
            letter=page["letter"],
            submitted_by=machine,
            is_printed=is_printed,
            is_voice=is_voice,
        )
        self.world.truth.calls.append(call)
        self.world.truth.count("voice" if is_voice else "call")
        if is_printed:
            version = int(page["version"])
            self.world.truth.arrivals.append(Arrival(page["letter"], job.address, ends, version))
        words = f"prints {page['letter'][:12]}" if is_printed else "prints nothing"
        self.world.tell(f"account: calls {job.address}: {words}")
        report = ProviderReport(fax.id, str(cause or "ended"), pages=1 if is_printed else 0)
        outcome: Outcome = Unknown(report)
        if end is not None:
            outcome = Failed(cause, report) if cause else Delivered(report)
        self.world.at(ends, lambda: setattr(fax, "outcome", outcome))


class Connection:
    """A request on its way; a fault breaks it."""

    def __init__(self, world: World, process: Process) -> None:
        self._world, self._process = world, process
        self._opened_at = world.now
        self.is_lost = False
        world.sessions_of[process] = self

    def lose(self) -> None:
        self.is_lost = True

    def reaches(self, kind: str) -> bool:
        """Whether what is sent now reaches the server."""
        self._process.point(kind, 0.05)
        return not self.is_lost and self._world.now - self._opened_at < _SERVER_WAITS

    def answered(self, kind: str) -> bool:
        """Whether the answer comes back."""
        self._process.point(f"{kind} answered", 0.05)
        return not self.is_lost


class ApiChannel:
    """A channel with an account behind an API, as the program's own channels are."""

    name = "api"
    endpoint = "api"
    visibility_delay = timedelta(seconds=60)
    gap = timedelta(seconds=1)
    poll_interval = timedelta(0)

    def __init__(self, server: ApiServer, process: Process) -> None:
        self._server, self._process = server, process
        self.supports_lookup = server.lists
        self.poll_interval = server.poll_interval

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        before_send()
        connection = Connection(self._server.world, self._process)
        if self._server.is_down:
            return Failed(Cause.PROVIDER, ProviderReport(raw="connection refused"))
        if not connection.reaches("POST"):
            return Unknown(ProviderReport(raw="connection lost"))
        letter = letter_of(job.document)["letter"]
        self._server.world.take(self._process, "fax", job.address, letter)
        fax = self._server.take(job, self._process.machine)
        if not connection.answered("POST"):
            return Unknown(ProviderReport(raw="no answer"))
        return Accepted(ProviderReport(fax.id))

    def look_up(self, account_reference: str) -> Outcome:
        self._ask()
        fax = self._server.faxes.get(account_reference)
        if fax is None:
            return Unknown(ProviderReport(raw="no such fax"))
        return fax.outcome or Accepted(ProviderReport(fax.id))

    def find(self, job: Job, since: datetime) -> Outcome | None:
        self._ask()
        now = self._server.world.now
        for fax in self._server.faxes.values():
            if fax.reference == job.reference and fax.shown_at <= now:
                return fax.outcome or Accepted(ProviderReport(fax.id))
        return None

    def _ask(self) -> None:
        connection = Connection(self._server.world, self._process)
        is_back = connection.reaches("GET") and connection.answered("GET")
        if not is_back or self._server.is_down:
            raise Unreachable("no answer")

    def forget(self, reference: str, account_reference: str | None) -> bool:
        return False

    def check(self, now: datetime, countries: frozenset[str]) -> list[Probe]:
        return []

    def close(self) -> None:
        pass


class MailServer:
    """Takes e-mails, and delivers each that it has confirmed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = world.stream("mail")
        self.down_until: datetime | None = None

    @property
    def is_down(self) -> bool:
        return self.down_until is not None and self.world.now < self.down_until

    def take(self, job: Job) -> None:
        mail = letter_of(job.document)
        self.world.tell(f"mail: takes {mail['letter'][:12]} for {job.address}")
        arrival = Arrival(mail["letter"], job.address, self.world.now, int(mail["version"]))
        self.world.truth.arrivals.append(arrival)
        self.world.truth.count("mail")


class MailChannel:
    """SMTP: after the final dot nobody can be asked."""

    name = "smtp"
    endpoint = "mail"
    supports_lookup = False
    visibility_delay = timedelta(0)
    gap = timedelta(0)
    poll_interval = timedelta(0)

    def __init__(self, server: MailServer, process: Process) -> None:
        self._server, self._process = server, process

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        if self._server.is_down:
            return Failed(Cause.PROVIDER, ProviderReport(raw="connection refused"))
        connection = Connection(self._server.world, self._process)
        if not connection.reaches("MAIL FROM"):
            return Failed(Cause.PROVIDER, ProviderReport(raw="connection lost before the data"))
        draw = self._server.chance.random()
        if draw < 0.15:
            return Failed(Cause.PROVIDER, ProviderReport(raw="451 4.7.1 greylisted"))
        if draw < 0.2:
            return Failed(Cause.BOUNCE, ProviderReport(raw="550 5.1.1 no such user"))
        before_send()
        if not connection.reaches("dot"):
            return Unknown(ProviderReport(raw="lost after the dot"))
        letter = letter_of(job.document)["letter"]
        self._server.world.take(self._process, "email", job.address, letter)
        self._server.take(job)
        if not connection.answered("dot"):
            return Unknown(ProviderReport(raw="lost after the dot"))
        return Accepted(ProviderReport(raw="250 2.0.0 Ok"))

    def look_up(self, account_reference: str) -> Outcome:
        raise AssertionError("SMTP cannot be asked")

    def find(self, job: Job, since: datetime) -> Outcome | None:
        raise AssertionError("SMTP cannot be asked")

    def forget(self, reference: str, account_reference: str | None) -> bool:
        return False

    def check(self, now: datetime, countries: frozenset[str]) -> list[Probe]:
        return []

    def close(self) -> None:
        pass
