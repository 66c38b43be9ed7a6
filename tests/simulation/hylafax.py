"""A HylaFAX server and the line behind it, page by page; the program's own channel talks to it.

What a page's fate is, the server cannot know: of each way in which a call ends, `ENDS` says whether
the far end may have printed.
"""

from __future__ import annotations

import ftplib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from faxappeal.providers.fax import hylafax as channel_module
from tests.simulation.scheduler import Process
from tests.simulation.world import Arrival, Call, World, letter_of


@dataclass(frozen=True)
class End:
    """How a call ends: the words of the server, and what may be true."""

    words: str
    prints: tuple[bool, ...] = (False,)
    is_voice: bool = False
    pages: int = 0
    seconds: float = 40.0
    weight: int = 1
    gateway: bool = False  # the words of gofaxip: FreeSWITCH and spandsp behind hfaxd

    @property
    def is_done(self) -> bool:
        return not self.words


_EITHER = (False, True)
# faxd of HylaFAX 6.0.7: ClassModem.c++, Class1Send.c++, Class2.c++, Class2Send.c++, FaxSend.c++
ENDS = (
    End("", (True,), pages=1, weight=30),
    End("Busy signal detected", seconds=5, weight=8),
    End("No answer from remote", seconds=60, weight=5),
    End("No carrier detected", is_voice=True, seconds=20, weight=3),
    End("No local dialtone", seconds=3),
    End("No answer (T.30 T1 timeout)", is_voice=True),
    End("No receiver protocol (T.30 T1 timeout)", is_voice=True),
    End("Ringback detected, no answer without CED", is_voice=True),
    End("Glare - RING detected", seconds=2),
    End("COMREC error in transmit Phase B/got DCN"),
    # phase B, but also after RTN: training begins again when a page lies in the tray
    End("Failure to train remote modem at 2400 bps or minimum speed", _EITHER),
    End("RSPREC error/got DCN", _EITHER),
    End("DIS/DTC received 3 times; DCS not recognized", _EITHER),
    # phase C
    End("Unspecified Transmit Phase C error", _EITHER, weight=4),
    End("Stop and wait failure (modem on hook)", _EITHER),
    End("Timeout waiting for Phase C carrier drop", _EITHER),
    # phase D
    End("Remote fax disconnected prematurely", _EITHER, weight=3),
    End("Fax protocol error (unknown frame received)", _EITHER, weight=2),
    End("No response to EOP repeated 3 times", _EITHER, weight=2),
    End("No response to PPS repeated 3 times", _EITHER),
    End("Modem protocol error (unknown post-page response)", _EITHER),
    End("Communication failure during Phase B/C", _EITHER),
    End("Communication failure during Phase B/C (modem protocol botch)", _EITHER),
    End("Unspecified Transmit Phase D error, including +FPHCTO timeout between data", _EITHER),
    End("No response to MPS or EOP repeated 3 tries", _EITHER),
    End("USER_BUSY", seconds=5, gateway=True),
    End("NO_ANSWER", seconds=60, gateway=True),
    End("CALL_REJECTED", seconds=3, gateway=True),
    End("UNALLOCATED_NUMBER", seconds=3, gateway=True),
    End("Received a DCN from remote after sending a page", _EITHER, gateway=True, weight=2),
    End("Disconnected after permitted retries", _EITHER, gateway=True),
    End("The call dropped prematurely", _EITHER, gateway=True),
)
_IDLE = timedelta(minutes=15)  # hfaxd ends a session that says nothing for so long
_CLEANED_AFTER = timedelta(minutes=15)  # faxqclean(8): the jobs that are done


@dataclass
class FaxJob:
    """A job of the server."""

    number: str
    tag: str
    dialstring: str
    document: bytes
    machine: str
    last_time: datetime
    state: str = "WAITING"
    status: str = ""
    pages: int = 0
    dials: int = 0
    done_at: datetime | None = None
    is_gone: bool = False
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def queue(self) -> str:
        return "sendq" if self.done_at is None else "doneq"


class FaxServer:
    """hfaxd, faxq and a modem for each job."""

    def __init__(self, world: World, name: str, ends: tuple[End, ...]) -> None:
        self.world, self.name, self.ends = world, name, ends
        self.jobs: dict[str, FaxJob] = {}
        self.chance = world.stream(name)
        self.down_until: datetime | None = None
        self.is_busy = 0.0  # the chance that a job waits for a modem

    @property
    def is_down(self) -> bool:
        return self.down_until is not None and self.world.now < self.down_until

    def submit(self, job: FaxJob) -> None:
        self.jobs[job.number] = job
        self.world.tell(f"{self.name}: job {job.number} for {job.dialstring}")
        wait = self.chance.uniform(0.5, 6)
        if self.chance.random() < self.is_busy:
            wait = self.chance.uniform(60, 1800)
        self.world.at(self.world.now + timedelta(seconds=wait), lambda: self._dial(job))

    def _dial(self, job: FaxJob) -> None:
        if job.done_at is not None:
            return
        if self.world.now > job.last_time:
            self._end(job, End("Kill time expired"), dialled=False)
            return
        job.state, job.dials = "ACTIVE", 1
        end = self.chance.choices(self.ends, [each.weight for each in self.ends])[0]
        ends = self.world.now + timedelta(seconds=end.seconds)
        page = letter_of(job.document)
        is_printed = self.chance.choice(end.prints)
        call = Call(
            number=job.dialstring,
            begins=self.world.now,
            ends=ends,
            letter=page["letter"],
            submitted_by=job.machine,
            is_printed=is_printed,
            is_voice=end.is_voice,
            fax_server=self.name,
        )
        self.world.truth.calls.append(call)
        self.world.truth.count("voice" if end.is_voice else "call")
        words = f"prints {page['letter'][:12]}" if is_printed else "prints nothing"
        self.world.tell(f"{self.name}: calls {job.dialstring}: {words}; “{end.words or 'done'}”")
        if is_printed:
            printed = self.world.now + timedelta(seconds=end.seconds * 0.8)
            page_of = Arrival(page["letter"], job.dialstring, printed, int(page["version"]))
            self.world.truth.arrivals.append(page_of)
        self.world.at(ends, lambda: self._end(job, end))

    def _end(self, job: FaxJob, end: End, *, dialled: bool = True) -> None:
        job.state = "DONE" if end.is_done else "FAILED"
        job.status = f"{end.words}; too many attempts to dial" if end.words and dialled else ""
        job.status = job.status or end.words
        job.pages, job.done_at = end.pages, self.world.now
        cleaned = self.world.now + _CLEANED_AFTER + timedelta(seconds=self.chance.uniform(0, 600))
        self.world.at(cleaned, lambda: self._clean(job))

    def _clean(self, job: FaxJob) -> None:
        job.is_gone = True
        self.world.truth.count("cleaned")

    def kill(self, job: FaxJob) -> None:
        """JSUSP and JKILL: a call that is on the line goes on to its end."""
        if job.state == "WAITING":
            self._end(job, End("Job aborted by request"), dialled=False)

    def listed(self, queue: str) -> list[FaxJob]:
        return [job for job in self.jobs.values() if job.queue == queue and not job.is_gone]


class Session:
    """A session with a server: what `HfaxdClient` does, without a socket."""

    def __init__(self, servers: dict[str, FaxServer], world: World) -> None:
        self._servers, self._world = servers, world
        self._server: FaxServer | None = None
        self._process: Process = world.current
        self._said_at = world.now
        self._is_lost = False
        self._document = b""
        self.idle = _IDLE
        self._new: FaxJob | None = None
        self._current: FaxJob | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._new = None

    def connect(self, host: str, _port: int) -> None:
        self._process.point("hfaxd connect", 0.05)
        self._server = self._servers[host]
        if self._server.is_down:
            raise ConnectionRefusedError("Connection refused")

    def sendcmd(self, command: str) -> str:
        server = self._reach(command.split()[0])
        word, _, rest = command.partition(" ")
        reply = self._answer(server, word, rest)
        self._process.point(f"hfaxd {word} answered", 0.005)
        if self._is_lost:
            raise EOFError
        return reply

    def lose(self) -> None:
        """The connection breaks: at once, or when the next reply is on its way."""
        self._is_lost = True

    def _reach(self, word: str) -> FaxServer:
        assert self._server is not None
        self._world.sessions_of[self._process] = self
        self._process.point(f"hfaxd {word}", 0.005)
        idle = self._world.now - self._said_at
        self._said_at = self._world.now
        if self._is_lost or idle > self.idle or self._server.is_down:
            raise EOFError
        return self._server

    def _answer(self, server: FaxServer, word: str, rest: str) -> str:
        if word == "JNEW":
            number = str(len(server.jobs) + 1 + server.chance.randrange(2))
            while number in server.jobs:
                number = str(int(number) + 1)
            self._new = FaxJob(
                number,
                "",
                "",
                self._document,
                self._process.machine,
                self._world.now + timedelta(days=1),
            )
        elif word == "JPARM" and self._new is not None:
            self._set(rest)
        elif word == "JPARM":
            return f"213 {self._parameter(rest)}"
        elif word == "JOB":
            self._current = server.jobs.get(rest)
            if self._current is None or self._current.is_gone:
                raise ftplib.error_perm("500 No such job.")
        elif word == "JSUBM":
            assert self._new is not None
            job, self._new = self._new, None
            page = letter_of(job.document)
            self._world.take(self._process, "fax", job.dialstring, page["letter"])
            server.submit(job)
            return f"200 Job {job.number} submitted."
        elif word in ("JSUSP", "JKILL"):
            job = server.jobs[rest]
            if job.done_at is not None:
                raise ftplib.error_perm("504 Job is done.")
            if word == "JKILL":
                server.kill(job)
        return "200 Ok."

    def _set(self, words: str) -> None:
        assert self._new is not None
        name, _, value = words.partition(" ")
        value = value.strip('"')
        if name == "JOBINFO":
            self._new.tag = value
        elif name == "DIALSTRING":
            self._new.dialstring = value
        elif name == "LASTTIME":
            minutes = int(value[:2]) * 1440 + int(value[2:4]) * 60 + int(value[4:])
            self._new.last_time = self._world.now + timedelta(minutes=minutes)

    def _parameter(self, name: str) -> str:
        assert self._current is not None
        job = self._current
        values = {
            "STATE": job.state,
            "STATUS": job.status,
            "NPAGES": str(job.pages),
            "TOTDIALS": str(job.dials),
            "JOBINFO": job.tag,
        }
        return values.get(name, "")

    def store(self, document: bytes) -> str:
        self._reach("STOT")
        self._document = document
        return "/tmp/doc1.tif"

    def limit_silence(self, seconds: int) -> None:
        self.idle = timedelta(seconds=seconds)

    def server_time(self) -> datetime:
        self._reach("STOT")
        made_at = self._world.now  # a file's time has no fractions
        self._reach("MDTM")
        return made_at.replace(microsecond=0)

    def set_parameter(self, name: str, value: str) -> None:
        self._set(f"{name} {value}")  # nothing hangs on it before JSUBM

    def jobs(self, queue: str) -> list[dict[str, str]]:
        server = self._reach("LIST")
        found = [
            {
                "id": job.number,
                "state": job.state,
                "pages": str(job.pages),
                "status": job.status,
                "tag": job.tag,
            }
            for job in server.listed(queue)
        ]
        self._process.point("hfaxd LIST answered", 0.005)
        if self._is_lost:
            raise EOFError
        return found

    def job(self, number: str) -> dict[str, str]:
        self.sendcmd(f"JOB {number}")
        names = ("STATE", "STATUS", "NPAGES", "TOTDIALS", "JOBINFO")
        assert self._current is not None
        return {name: self._parameter(name) for name in names}

    def parameter(self, name: str) -> str:
        return self._parameter(name)

    def call(self, number: str) -> dict[str, str]:
        return {}


@contextmanager
def served(world: World, servers: dict[str, FaxServer]) -> Iterator[None]:
    """The program's HylaFAX channel talks to these servers."""
    before: Any = getattr(channel_module, "HfaxdClient")  # noqa: B009
    setattr(channel_module, "HfaxdClient", lambda **_: Session(servers, world))  # noqa: B010
    try:
        yield
    finally:
        setattr(channel_module, "HfaxdClient", before)  # noqa: B010


def chosen(chance: random.Random, *, gateway: bool) -> tuple[End, ...]:
    """Some ways in which calls end: of a server with modems, or with a gateway."""
    return tuple(end for end in ENDS if not end.words or end.gateway == gateway)
